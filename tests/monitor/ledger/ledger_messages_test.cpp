#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

class LedgerMessages : public LedgerTest {
 protected:
  std::int64_t gaps() { return number("flow/gap_count", {{"reason", "conflict"}}); }
};

TEST_P(LedgerMessages, KeepWhatIsNoEventAmongTheRejected) {
  Incoming garbage{"not json", {{"op", "u"}, {"ce-type", "walpulse.change"}}, "m-1"};
  MageRun run(1, 1);
  const Applied applied = apply({garbage, run.create(1)}, 50);
  EXPECT_THAT(applied.outcomes, ElementsAre(Outcome::invalid, Outcome::applied));
  apply({garbage}, 60);
  const auto kept = rejected();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].data, "not json");
  EXPECT_EQ(kept[0].message_id, "m-1");
  EXPECT_EQ(kept[0].received, at(50));
  EXPECT_EQ(kept[0].attributes, garbage.attributes.unpacked());
  EXPECT_FALSE(kept[0].reason.empty());
  EXPECT_EQ(created(), 1);
}

TEST_P(LedgerMessages, RefuseRowsWithoutAnId) {
  Incoming incoming = MageRun(1, 1).create(1);
  const auto id = incoming.data.find("\"id\":1,");
  ASSERT_NE(id, std::string::npos);
  incoming.data.erase(id, 7);
  EXPECT_THAT(apply({incoming}).outcomes, ElementsAre(Outcome::invalid));
}

TEST_P(LedgerMessages, DeferWhatANewerVersionWrote) {
  Incoming incoming = MageRun(1, 1).create(1);
  incoming.attributes.set("schema_version", "2");
  EXPECT_THAT(apply({incoming}).outcomes, ElementsAre(Outcome::deferred));
  EXPECT_TRUE(rejected().empty());
  EXPECT_EQ(created(), -1);
}

TEST_P(LedgerMessages, ReadAnEventWithoutAttributes) {
  Incoming incoming = MageRun(1, 1).create(1);
  incoming.attributes = {};
  incoming.message_id.clear();
  EXPECT_THAT(apply({incoming}).outcomes, ElementsAre(Outcome::applied));
}

TEST_P(LedgerMessages, S29LatchAPositionUsedTwice) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(5)});
  Change restored = run.row();
  restored.lsn = lsn_of(restored);
  restored.when = 6;
  restored.status = "FAILED";
  const Applied applied = apply({message(restored)});
  EXPECT_THAT(applied.outcomes, ElementsAre(Outcome::conflict));
  ASSERT_EQ(applied.notices.size(), 1u);
  EXPECT_EQ(applied.notices[0].kind, Notice::Kind::conflict);
  MageRun next(2, 10);
  EXPECT_THAT(apply({next.create(10)}).outcomes, ElementsAre(Outcome::conflict));
  EXPECT_EQ(gaps(), 1);
  EXPECT_EQ(rejected().size(), 2u);
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(finished("FAILED"), -1);
}

TEST_P(LedgerMessages, S29TakeEventsAgainOnceTheEpochIsRaised) {
  MageRun run(1, 1), lost(1, 2), restored(1, 3000);
  run.row().lsn = lost.row().lsn = 5000;
  EXPECT_THAT(apply({run.create(1), lost.create(2)}).outcomes,
              ElementsAre(Outcome::applied, Outcome::conflict));
  restored.row().epoch = kEpoch + 10;
  restored.row().lsn = 5000;
  const auto event = restored.create(3000);
  EXPECT_THAT(apply({event}).outcomes, ElementsAre(Outcome::waits));
  auto recovered = heartbeat(1, 3000);
  recovered.epoch = kEpoch + 10;
  recovered.system_identifier = 7;
  recovered.follows = {kEpoch};
  EXPECT_THAT(apply({message(recovered), event}).outcomes, Each(Outcome::applied));
  run.row().lsn = 5100;
  EXPECT_THAT(apply({run.run(2)}).outcomes, ElementsAre(Outcome::conflict));
  EXPECT_EQ(gaps(), 1);
  EXPECT_EQ(created(), 2);
}

TEST_P(LedgerMessages, TakeLateEventsOfTheSameLogForWhatTheyAre) {
  MageRun early(1, 1), late(2, 5000);
  EXPECT_THAT(apply({late.create(5000), early.create(1), early.run(3)}).outcomes,
              Each(Outcome::applied));
  EXPECT_EQ(gaps(), -1);
}

TEST_P(LedgerMessages, HeartbeatsAddDifferencesPerInstance) {
  apply({message(heartbeat(1, 10)), message(heartbeat(3, 30))});
  EXPECT_EQ(number("connector/published_count"), 30);
  EXPECT_EQ(distribution("connector/publish_latency").count(), 3u);
  schema::Heartbeat restarted = heartbeat(1, 50);
  restarted.instance = "b";
  restarted.started_at = at(45);
  apply({message(restarted)});
  EXPECT_EQ(number("connector/published_count"), 40);
  EXPECT_EQ(number("connector/lag_bytes"), 100);
  EXPECT_EQ(distribution("connector/publish_latency").counts,
            (std::vector<std::uint64_t>{4, 0, 0}));
}

TEST_P(LedgerMessages, HeartbeatsThatAreLateOrDoubledSayNothing) {
  const auto third = message(heartbeat(3, 30));
  EXPECT_THAT(apply({third, message(heartbeat(2, 20)), third}).outcomes,
              ElementsAre(Outcome::applied, Outcome::unchanged, Outcome::unchanged));
  EXPECT_EQ(number("connector/published_count"), 30);
  EXPECT_EQ(number("connector/lag_bytes"), 300);
  EXPECT_DOUBLE_EQ(age("flow/heartbeat_age", {}, 100), 70);
  EXPECT_DOUBLE_EQ(age("flow/watermark_age", {}, 100), 71);
}

TEST_P(LedgerMessages, AnInstanceOlderThanTheLedgerCountsFromItsFirstHeartbeat) {
  schema::Heartbeat old = heartbeat(100, 10);
  old.started_at = at(-5000);
  apply({message(old)});
  EXPECT_EQ(number("connector/published_count"), -1);
  old.sequence = 101;
  old.published_count += 5;
  apply({message(old)});
  EXPECT_EQ(number("connector/published_count"), 5);
}

/// Refuses, or is down for, transactions that touch one run.
class FaultyStorage final : public Storage {
 public:
  FaultyStorage(std::unique_ptr<Storage> below, std::int64_t run, ErrorKind kind)
      : below_(std::move(below)), run_(run), kind_(kind) {}

  Result<void> begin(Intent intent) override {
    struck_ = false;
    return below_->begin(intent);
  }
  Result<void> commit() override {
    if (!struck_) return below_->commit();
    below_->rollback();
    return fail(kind_, "struck");
  }
  void rollback() override { below_->rollback(); }
  Context context() override { return below_->context(); }
  void save_source(SourceRow& source) override { below_->save_source(source); }
  void add_end(std::int64_t source, const Entry& end) override { below_->add_end(source, end); }
  void save_snapshot_end(std::int64_t source, const SnapshotEndRow& end) override {
    below_->save_snapshot_end(source, end);
  }
  void add_snapshot_rows(std::int64_t source, std::span<const SnapshotRows> rows) override {
    below_->add_snapshot_rows(source, rows);
  }
  std::vector<SnapshotRows> snapshot_rows(std::int64_t source,
                                          const schema::Position& position) override {
    return below_->snapshot_rows(source, position);
  }
  void forget_snapshots(std::int64_t source, const schema::Position& position) override {
    below_->forget_snapshots(source, position);
  }
  void save_epoch(const EpochRow& epoch) override { below_->save_epoch(epoch); }
  std::vector<StayRow> stays(const EpochRow& epoch) override { return below_->stays(epoch); }
  void save_stay(const EpochRow& epoch, const StayRow& stay) override {
    below_->save_stay(epoch, stay);
  }
  void remove_stay(const EpochRow& epoch, const StayRow& stay) override {
    below_->remove_stay(epoch, stay);
  }
  std::string watermark(std::int64_t source) override { return below_->watermark(source); }
  void save_watermark(std::int64_t source, const std::string& state,
                      const std::optional<schema::Position>& delivered) override {
    below_->save_watermark(source, state, delivered);
  }
  void save_intake(IntakeTime clock) override { below_->save_intake(clock); }
  void note_heard() override { below_->note_heard(); }
  void save_last_end(Timestamp end) override { below_->save_last_end(end); }
  void claim(Claim what) override { below_->claim(what); }
  void save_floor(std::int64_t source, const schema::Position& floor) override {
    below_->save_floor(source, floor);
  }
  std::string remembered(const std::string& name) override { return below_->remembered(name); }
  void remember(const std::string& name, const std::string& value) override {
    below_->remember(name, value);
  }
  std::uint64_t take_lease(const std::string& holder, std::chrono::milliseconds ttl) override {
    return below_->take_lease(holder, ttl);
  }
  bool holds_lease(std::uint64_t generation) override { return below_->holds_lease(generation); }
  void release_lease(std::uint64_t generation) override { below_->release_lease(generation); }
  std::vector<StoredRun> runs_after(const RunKey& after, std::size_t count_max) override {
    return below_->runs_after(after, count_max);
  }
  void remove_runs(std::span<const StoredRun> runs) override { below_->remove_runs(runs); }
  std::vector<StoredRun> load_runs(std::span<const RunKey> keys) override {
    for (const RunKey& key : keys) struck_ = struck_ || key.run == run_;
    return below_->load_runs(keys);
  }
  void save_runs(std::span<const StoredRun> runs) override { below_->save_runs(runs); }
  std::vector<RunKey> active_runs(std::int64_t source) override {
    return below_->active_runs(source);
  }
  std::vector<RunKey> due_runs(IntakeTime clock, std::size_t count_max) override {
    return below_->due_runs(clock, count_max);
  }
  std::vector<PipelineRow> pipelines() override { return below_->pipelines(); }
  std::vector<Series> load_series(std::span<const SeriesKey> keys) override {
    return below_->load_series(keys);
  }
  std::vector<Series> all_series() override { return below_->all_series(); }
  void save_series(std::span<Series> series) override { below_->save_series(series); }
  void mark_exported(std::span<const ExportMark> marks) override { below_->mark_exported(marks); }
  void remove_series(std::span<const std::int64_t> ids) override { below_->remove_series(ids); }
  std::set<std::string> label_values(const std::string& label) override {
    return below_->label_values(label);
  }
  void add_label_value(const std::string& label, const std::string& value) override {
    below_->add_label_value(label, value);
  }
  std::vector<ConnectorRow> connectors() override { return below_->connectors(); }
  void save_connector(const ConnectorRow& connector) override { below_->save_connector(connector); }
  void remove_connectors(Timestamp before) override { below_->remove_connectors(before); }
  void add_rejected(const Rejected& message) override { below_->add_rejected(message); }
  std::vector<Rejected> rejected(std::int64_t after, std::size_t count_max) override {
    return below_->rejected(after, count_max);
  }
  std::vector<Rejected> unforwarded(std::size_t count_max) override {
    return below_->unforwarded(count_max);
  }
  void mark_forwarded(std::span<const std::int64_t> ids) override { below_->mark_forwarded(ids); }
  void remove_rejected(std::span<const std::int64_t> ids) override { below_->remove_rejected(ids); }
  void touch() override { below_->touch(); }

 private:
  std::unique_ptr<Storage> below_;
  const std::int64_t run_;
  const ErrorKind kind_;
  bool struck_ = false;
};

std::vector<Incoming> eight_runs() {
  std::vector<Incoming> group;
  for (std::int64_t id = 1; id <= 8; ++id)
    group.push_back(MageRun(id, 1).create(1 + 0.1 * static_cast<double>(id)));
  return group;
}

TEST_P(LedgerMessages, S15OnePoisonedMessageIsSetAsideAndTheRestApplied) {
  open([](std::unique_ptr<Storage> storage) {
    return std::make_unique<FaultyStorage>(std::move(storage), 6, ErrorKind::rejected);
  });
  const Applied applied = apply(eight_runs());
  ASSERT_EQ(applied.outcomes.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(applied.outcomes[i], i == 5 ? Outcome::invalid : Outcome::applied) << i;
  EXPECT_EQ(created(), 7);
  ASSERT_EQ(rejected().size(), 1u);
  EXPECT_EQ(rejected()[0].reason, "struck");
}

TEST_P(LedgerMessages, S32NothingIsAppliedWhileTheStorageIsDown) {
  open([](std::unique_ptr<Storage> storage) {
    return std::make_unique<FaultyStorage>(std::move(storage), 6, ErrorKind::unavailable);
  });
  const auto applied = ledger().apply(eight_runs(), at(10));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(created(), -1);
  EXPECT_TRUE(rejected().empty());
}

TEST_P(LedgerMessages, WhatABisectedGroupCommittedBeforeAnOutageIsToldOf) {
  open([](std::unique_ptr<Storage> storage) {
    auto down = std::make_unique<FaultyStorage>(std::move(storage), 8, ErrorKind::unavailable);
    return std::make_unique<FaultyStorage>(std::move(down), 2, ErrorKind::rejected);
  });
  const auto applied = ledger().apply(eight_runs(), at(10));
  ASSERT_TRUE(applied);
  EXPECT_THAT(applied->outcomes, ::testing::ElementsAre(Outcome::applied, Outcome::invalid,
                                                        Outcome::applied, Outcome::applied));
  EXPECT_EQ(created(), 3);
}

TEST_P(LedgerMessages, CheckSaysThatTheStorageAnswers) { EXPECT_TRUE(ledger().check()); }

INSTANTIATE_TEST_SUITE_P(Storages, LedgerMessages, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
