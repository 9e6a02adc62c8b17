#include <random>

#include "decoder/schema/bounded_name.h"
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
  ReceivedMessage garbage{"not json", {{"op", "u"}, {"ce-type", "walpulse.change"}}, "m-1"};
  MageRun run(1, 1);
  const ApplyResult applied = apply({garbage, run.create(1)}, 50);
  EXPECT_THAT(applied.outcomes, ElementsAre(Outcome::invalid, Outcome::applied));
  apply({garbage}, 60);
  const auto kept = rejected();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].data, "not json");
  EXPECT_EQ(kept[0].message_id, "m-1");
  EXPECT_EQ(kept[0].received, at(50));
  EXPECT_EQ(kept[0].attributes, garbage.attributes);
  EXPECT_FALSE(kept[0].reason.empty());
  EXPECT_EQ(created(), 1);
}

TEST_P(LedgerMessages, RefuseRowsWithoutAnId) {
  ReceivedMessage received = MageRun(1, 1).create(1);
  const auto id = received.data.find("\"id\":1,");
  ASSERT_NE(id, std::string::npos);
  received.data.erase(id, 7);
  EXPECT_THAT(apply({received}).outcomes, ElementsAre(Outcome::invalid));
}

TEST_P(LedgerMessages, CountUnderNamesThatMetricsTake) {
  MageRun run(1, 1);
  run.row().labels = {
      {"bad name-1", "x"}, {"bad_name_1", "y"}, {"source", "z"}, {"9\xC3\xA9", "w"}};
  EXPECT_THAT(apply({run.create(1)}).outcomes, ElementsAre(Outcome::applied));
  EXPECT_EQ(
      number("pipeline_run/created_count",
             {{"pipeline", "daily"}, {"trigger", "trigger"}, {"bad_name_1", "x"}, {"_9__", "w"}}),
      1);
}

TEST_P(LedgerMessages, CountTextsThatWereNoUtf8AsTheirNearest) {
  MageRun run(1, 1);
  run.row().pipeline = "caf\xE9";
  EXPECT_THAT(apply({run.create(1)}).outcomes, ElementsAre(Outcome::applied));
  EXPECT_EQ(created("caf\xEF\xBF\xBD"), 1);
}

/// Of bytes that no compression makes fewer: an index of PostgreSQL holds 2,704 of them.
std::string long_text(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < 4'000) text += static_cast<char>('0' + random() % 75);
  return text;
}

TEST_P(LedgerMessages, CountWhatHasLongNamesLikeAllElse) {
  const std::string pipeline = long_text(1);
  for (std::int64_t id = 1; id <= 2; ++id) {
    MageRun run(id, 1, pipeline);
    EXPECT_THAT(apply({run.create(1), run.complete(9)}).outcomes, Each(Outcome::applied));
  }
  MageRun other(3, 1, pipeline + "2");
  EXPECT_THAT(apply({other.create(1), other.fail(9)}).outcomes, Each(Outcome::applied));
  EXPECT_EQ(created(schema::bounded_name(pipeline)), 2);
  EXPECT_EQ(finished("COMPLETED", schema::bounded_name(pipeline)), 2);
  EXPECT_EQ(finished("FAILED", schema::bounded_name(pipeline + "2")), 1);
  EXPECT_TRUE(rejected().empty());
}

TEST_P(LedgerMessages, CountUnderLongLabelsLikeAllElse) {
  telemetry::Labels counted{{"pipeline", "daily"}, {"trigger", "trigger"}};
  MageRun run(1, 1);
  for (std::uint32_t i = 0; i < 7; ++i) {
    const std::string name = "label_" + std::to_string(i);
    run.row().labels.push_back({name, long_text(i)});
    counted[name] = schema::bounded_name(long_text(i));
  }
  EXPECT_THAT(apply({run.create(1), run.complete(9)}).outcomes, Each(Outcome::applied));
  EXPECT_EQ(number("pipeline_run/created_count", counted), 1);
  EXPECT_TRUE(rejected().empty());
}

TEST_P(LedgerMessages, TakeConnectorsAndSourcesWithLongNames) {
  schema::Heartbeat one = heartbeat(1, 5);
  one.name = long_text(1);
  one.instance = long_text(2);
  EXPECT_THAT(apply({message(one)}).outcomes, Each(Outcome::applied));
  EXPECT_THAT(apply({message(one)}).outcomes, Each(Outcome::unchanged));
  one.table = long_text(3);
  EXPECT_THAT(apply({message(one)}).outcomes, Each(Outcome::invalid));
  EXPECT_THAT(apply({{"no event", {}, long_text(4)}}).outcomes, Each(Outcome::invalid));
  EXPECT_EQ(rejected().size(), 2u);
}

TEST_P(LedgerMessages, DeferWhatANewerVersionWrote) {
  ReceivedMessage received = MageRun(1, 1).create(1);
  received.attributes.set("schema_version", "2");
  EXPECT_THAT(apply({received}).outcomes, ElementsAre(Outcome::deferred));
  EXPECT_TRUE(rejected().empty());
  EXPECT_EQ(created(), -1);
}

TEST_P(LedgerMessages, ReadAnEventWithoutAttributes) {
  ReceivedMessage received = MageRun(1, 1).create(1);
  received.attributes = {};
  received.message_id.clear();
  EXPECT_THAT(apply({received}).outcomes, ElementsAre(Outcome::applied));
}

TEST_P(LedgerMessages, S29LatchAPositionUsedTwice) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(5)});
  Change restored = run.row();
  restored.lsn = lsn_of(restored);
  restored.when = 6;
  restored.status = "FAILED";
  const ApplyResult applied = apply({message(restored)});
  EXPECT_THAT(applied.outcomes, ElementsAre(Outcome::conflict));
  ASSERT_EQ(applied.alerts.size(), 1u);
  EXPECT_EQ(applied.alerts[0].kind, SourceAlert::Kind::conflict);
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

/// Notes when one run is loaded.
class WatchedRuns final : public RunStore {
 public:
  WatchedRuns(std::unique_ptr<RunStore> below, std::int64_t run, bool& loaded)
      : below_(std::move(below)), run_(run), loaded_(loaded) {}

  std::vector<StoredRun> load(std::span<const RunKey> keys) override {
    for (const RunKey& key : keys) loaded_ = loaded_ || key.run == run_;
    return below_->load(keys);
  }
  void save(std::span<const StoredRun> runs) override { below_->save(runs); }
  void remove(std::span<const StoredRun> runs) override { below_->remove(runs); }
  std::vector<RunKey> active(std::int64_t source) override { return below_->active(source); }
  std::vector<StoredRun> after(const RunKey& after, std::size_t count_max) override {
    return below_->after(after, count_max);
  }
  std::vector<RunKey> due(IntakeTime clock, std::size_t count_max) override {
    return below_->due(clock, count_max);
  }
  std::vector<PipelineRow> pipelines() override { return below_->pipelines(); }
  std::vector<PipelineVersion> versions() override { return below_->versions(); }
  std::optional<End> last_success(std::int64_t source, const std::string& pipeline) override {
    return below_->last_success(source, pipeline);
  }
  FailedRuns failed_behind(std::int64_t source, const std::string& pipeline,
                           const std::optional<schema::Position>& after) override {
    return below_->failed_behind(source, pipeline, after);
  }
  std::vector<FailedRuns> group_failures(std::int64_t source, const std::string& pipeline,
                                         const GroupBound& behind) override {
    return below_->group_failures(source, pipeline, behind);
  }
  std::vector<GroupSuccess> group_successes(std::int64_t source,
                                            const std::string& pipeline) override {
    return below_->group_successes(source, pipeline);
  }
  std::vector<std::string> completed_after(std::int64_t source, const std::string& pipeline,
                                           Timestamp instant) override {
    return below_->completed_after(source, pipeline, instant);
  }
  std::vector<RunKey> active_of(std::int64_t source, const std::string& pipeline) override {
    return below_->active_of(source, pipeline);
  }
  std::vector<StoredRun> peek(std::span<const RunKey> keys) override { return below_->peek(keys); }
  std::vector<PipelineStanding> standings(std::int64_t source,
                                          std::span<const std::string> pipelines) override {
    return below_->standings(source, pipelines);
  }
  std::vector<bool> have_failed(std::int64_t source,
                                std::span<const std::string> pipelines) override {
    return below_->have_failed(source, pipelines);
  }
  std::vector<std::vector<RunEnd>> ends_of_each(std::int64_t source,
                                                std::span<const EndsWanted> pipelines,
                                                Timestamp from, std::size_t count_max) override {
    return below_->ends_of_each(source, pipelines, from, count_max);
  }
  std::vector<std::vector<SlotRun>> slots_of(std::int64_t source,
                                             std::span<const SlotsWanted> triggers,
                                             std::size_t count_max) override {
    return below_->slots_of(source, triggers, count_max);
  }
  PipelineRuns runs_of(std::int64_t source, const std::string& pipeline, Timestamp from,
                       std::size_t count_max) override {
    return below_->runs_of(source, pipeline, from, count_max);
  }
  std::vector<SlotRun> slots(std::int64_t source, std::int64_t schedule, Timestamp from,
                             Timestamp before, std::size_t count_max) override {
    return below_->slots(source, schedule, from, before, count_max);
  }
  std::vector<RunEnd> ends_of(std::int64_t source, const std::string& pipeline,
                              const EndsBefore& before, Timestamp from,
                              std::size_t count_max) override {
    return below_->ends_of(source, pipeline, before, from, count_max);
  }
  std::vector<RunEnd> ends(const EndsBefore& before, Timestamp from,
                           std::size_t count_max) override {
    return below_->ends(before, from, count_max);
  }
  std::vector<std::int64_t> newest_runs(std::int64_t source, const std::string& pipeline,
                                        std::size_t count, std::size_t groups_max) override {
    return below_->newest_runs(source, pipeline, count, groups_max);
  }

 private:
  std::unique_ptr<RunStore> below_;
  const std::int64_t run_;
  bool& loaded_;
};

/// Refuses, or is down for, transactions that touch one run.
class FaultyStorage final : public Storage {
 public:
  FaultyStorage(std::unique_ptr<Storage> below, std::int64_t run, ErrorKind kind)
      : below_(std::move(below)), kind_(kind) {
    auto& runs = below_->transaction().stores().runs;
    runs = std::make_unique<WatchedRuns>(std::move(runs), run, struck_);
  }

  Result<void> begin(Intent intent) override {
    struck_ = false;
    return below_->begin(intent);
  }
  Result<void> so_far() override { return below_->so_far(); }
  Result<void> commit() override {
    if (!struck_) return below_->commit();
    below_->rollback();
    return fail(kind_, "struck");
  }
  void rollback() override { below_->rollback(); }
  Transaction& transaction() override { return below_->transaction(); }

 private:
  std::unique_ptr<Storage> below_;
  const ErrorKind kind_;
  bool struck_ = false;
};

std::vector<ReceivedMessage> eight_runs() {
  std::vector<ReceivedMessage> group;
  for (std::int64_t id = 1; id <= 8; ++id)
    group.push_back(MageRun(id, 1).create(1 + 0.1 * static_cast<double>(id)));
  return group;
}

TEST_P(LedgerMessages, S15OnePoisonedMessageIsSetAsideAndTheRestApplied) {
  open([](std::unique_ptr<Storage> storage) {
    return std::make_unique<FaultyStorage>(std::move(storage), 6, ErrorKind::rejected);
  });
  const ApplyResult applied = apply(eight_runs());
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
