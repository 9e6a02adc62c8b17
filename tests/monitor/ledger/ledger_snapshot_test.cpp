#include <algorithm>
#include <barrier>
#include <random>
#include <thread>

#include "decoder/schema/snapshot_end.h"
#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

struct Range {
  std::optional<std::int64_t> from, to;
};

/// The end of a snapshot taken `when`, as MageRun::read() has it.
ReceivedMessage snapshot_end(double when, std::uint64_t row_count, const Range& range = {}) {
  Change change;
  change.when = when;
  schema::SnapshotEnd end;
  end.name = "mage";
  end.schema = "public";
  end.table = "pipeline_run";
  end.epoch = kEpoch;
  end.position = Lsn{lsn_of(change)};
  end.from_id = range.from;
  end.to_id = range.to;
  end.row_count = row_count;
  end.snapshot_at = at(when);
  const auto attributes = schema::snapshot_end_attributes(end);
  ReceivedMessage received{schema::to_json(end), attributes, std::string(attributes.find("ce-id"))};
  read_message(received);
  return received;
}

class LedgerSnapshot : public LedgerTest {
 protected:
  /// So many runs that are under way since the seconds 1, 2, ...
  void start_runs(std::int64_t count) {
    for (std::int64_t id = 1; id <= count; ++id) {
      MageRun& run = runs_.emplace_back(id, static_cast<double>(id));
      apply({run.create(static_cast<double>(id)), run.run(static_cast<double>(id) + 0.5)});
    }
  }
  MageRun& run(std::int64_t id) { return runs_[static_cast<std::size_t>(id - 1)]; }
  std::int64_t running() { return std::max<std::int64_t>(0, active("RUNNING")); }

 private:
  std::vector<MageRun> runs_;
};

TEST_P(LedgerSnapshot, EndsTheRunsThatItDidNotFind) {
  start_runs(3);
  apply({run(1).read(100), run(3).read(100)});
  EXPECT_EQ(running(), 3);
  EXPECT_THAT(apply({snapshot_end(100, 2)}).outcomes, ElementsAre(Outcome::applied));
  EXPECT_EQ(running(), 2);
  EXPECT_EQ(created(), 3);
  EXPECT_EQ(finished("COMPLETED"), -1);
}

TEST_P(LedgerSnapshot, WaitsForAllItsRowsWhicheverComesFirst) {
  start_runs(3);
  apply({snapshot_end(100, 2)});
  apply({run(1).read(100)});
  EXPECT_EQ(running(), 3);
  apply({run(1).read(100), snapshot_end(100, 2)});  // again: counts once
  EXPECT_EQ(running(), 3);
  apply({run(3).read(100)});
  EXPECT_EQ(running(), 2);
  EXPECT_THAT(apply({run(3).read(100), snapshot_end(100, 2)}).outcomes, Each(Outcome::unchanged));
}

TEST_P(LedgerSnapshot, OfAnEmptyTableEndsEveryRun) {
  start_runs(2);
  apply({snapshot_end(100, 0)});
  EXPECT_EQ(running(), 0);
}

TEST_P(LedgerSnapshot, EndsARunFirstSeenLater) {
  apply({snapshot_end(100, 0)});
  start_runs(1);  // its events come late
  EXPECT_EQ(running(), 0);
  EXPECT_EQ(started(), 1);
  apply({run(1).touch(150)});  // it is there all the same
  EXPECT_EQ(running(), 1);
}

TEST_P(LedgerSnapshot, LeavesRunsCreatedBehindItAlone) {
  apply({snapshot_end(100, 0)});
  MageRun run(7, 200);
  apply({run.create(200), run.run(201)});
  EXPECT_EQ(running(), 1);
}

TEST_P(LedgerSnapshot, EndsOnlyWithinItsRange) {
  start_runs(4);
  apply({run(3).read(100), snapshot_end(100, 1, {2, 3})});
  EXPECT_EQ(running(), 3);
  apply({snapshot_end(110, 0, {4, std::nullopt})});
  EXPECT_EQ(running(), 2);
  apply({snapshot_end(120, 0, {std::nullopt, 1})});
  EXPECT_EQ(running(), 1);
}

/// Slots made at one moment can have one consistent point.
TEST_P(LedgerSnapshot, CountsTheRowsOfTwoRangesAtOnePositionApart) {
  start_runs(4);
  apply({run(1).read(100), run(2).read(100), snapshot_end(100, 1, {3, 4})});
  EXPECT_EQ(running(), 4);
  apply({run(4).read(100)});
  EXPECT_EQ(running(), 3);
  apply({snapshot_end(100, 2, {std::nullopt, 2})});
  EXPECT_EQ(running(), 3);
}

TEST_P(LedgerSnapshot, CountsOverManyIdsAndRangesThatCutThroughTheirChunks) {
  std::vector<ReceivedMessage> rows;
  for (std::int64_t id = -1500; id <= 3000; id += 3) {
    MageRun run(id, -100);
    run.row().status = "RUNNING";
    rows.push_back(run.read(100));
  }
  apply(rows);
  const auto count = static_cast<std::int64_t>(rows.size());
  EXPECT_EQ(running(), count);
  MageRun gone(-1499, -100);
  gone.row().status = "RUNNING";
  apply({gone.read(90)});
  EXPECT_EQ(running(), count + 1);
  const std::uint64_t within = (1998 - 102) / 3 + 1;
  apply({snapshot_end(100, within + 1, {100, 2000})});  // one too many: never complete
  apply({snapshot_end(100, within, {100, 2000}), snapshot_end(100, rows.size())});
  EXPECT_EQ(running(), count);
}

TEST_P(LedgerSnapshot, OverlappingOnesAtTwoPositionsEachEndTheirOwn) {
  start_runs(3);
  apply({run(1).read(100), run(2).read(100), run(1).read(110), snapshot_end(110, 1)});
  EXPECT_EQ(running(), 1);
  // The older one has nothing left to say, whenever it comes to its end.
  EXPECT_THAT(apply({snapshot_end(100, 3), run(3).read(100)}).outcomes,
              ElementsAre(Outcome::unchanged, Outcome::applied));
  EXPECT_EQ(running(), 1);
}

TEST_P(LedgerSnapshot, IsNotUndoneByAnOlderOne) {
  start_runs(2);
  apply({run(1).read(100), run(2).read(100)});
  apply({snapshot_end(110, 0)});
  EXPECT_EQ(running(), 0);
  apply({snapshot_end(100, 2)});
  EXPECT_EQ(running(), 0);
}

TEST_P(LedgerSnapshot, ShowsHowRunsEndedUnseen) {
  start_runs(3);
  run(1).row().completed = at(90);
  run(1).row().status = "COMPLETED";
  run(2).row().status = "FAILED";
  apply({run(1).read(100), run(2).read(100), run(3).read(100), snapshot_end(100, 3)});
  EXPECT_EQ(running(), 1);
  EXPECT_EQ(age("pipeline/last_success_age", {{"pipeline", "daily"}}, 150), 60);
  EXPECT_EQ(finished("COMPLETED"), -1);
  EXPECT_EQ(finished("FAILED"), -1);
  EXPECT_EQ(processed("r", "applied"), 3);
}

TEST_P(LedgerSnapshot, FindsRunsOlderThanTheLedger) {
  MageRun old(1, -500), done(2, -400);
  old.row().status = "RUNNING";
  done.row().status = "COMPLETED";
  done.row().completed = at(-300);
  apply({old.read(100), done.read(100), snapshot_end(100, 2)});
  EXPECT_EQ(running(), 1);
  EXPECT_EQ(created(), -1);
  EXPECT_EQ(age("pipeline/last_success_age", {{"pipeline", "daily"}}, 150), 450);
  apply({old.complete(160)});
  EXPECT_EQ(finished("COMPLETED"), 1);
}

TEST_P(LedgerSnapshot, CountsWhatWasPrunedMeanwhile) {
  options.prune_after = std::chrono::seconds(1000);
  options.keep_runs = 0;
  start_runs(2);
  apply({run(1).complete(50), run(1).read(100), run(2).read(100)});
  MageRun other(9, 5000);  // the log goes on, and a later success
  apply({other.create(5000), other.run(5001), other.complete(5002)}, 5010);
  const auto pruned = ledger().prune(at(5010));
  ASSERT_TRUE(pruned);
  EXPECT_EQ(pruned->run_count, 1u);
  apply({run(1).read(100)}, 5010);  // again: nothing is counted twice
  apply({snapshot_end(100, 3)}, 5010);
  EXPECT_EQ(running(), 1);
  apply({snapshot_end(100, 2, {std::nullopt, 5000})}, 5010);
  EXPECT_EQ(running(), 1);
}

TEST_P(LedgerSnapshot, GoesOnWhereItWasAfterARestart) {
  if (GetParam() == Backend::memory) return;  // which forgets
  start_runs(3);
  apply({snapshot_end(100, 2), run(1).read(100)});
  open();
  EXPECT_EQ(running(), 3);
  apply({run(2).read(100)});
  EXPECT_EQ(running(), 2);
  open();
  apply({run(3).touch(3.7)});
  EXPECT_EQ(running(), 2);
}

TEST_P(LedgerSnapshot, S29OfAnEpochInConflictIsOneToo) {
  start_runs(1);
  Change twice = run(1).row();
  twice.when += 1;
  twice.lsn = lsn_of(run(1).row());
  EXPECT_THAT(apply({message(twice)}).outcomes, ElementsAre(Outcome::conflict));
  EXPECT_THAT(apply({snapshot_end(4000, 0), run(1).read(4000)}).outcomes, Each(Outcome::conflict));
  EXPECT_EQ(number("flow/gap_count", {{"reason", "conflict"}}), 1);
  EXPECT_EQ(running(), 1);
}

TEST_P(LedgerSnapshot, OfARaisedEpochEndsWhatTheOldOneLeft) {
  start_runs(2);
  Change row = run(2).row();
  row.op = schema::Operation::read;
  row.epoch = kEpoch + 5000;
  row.lsn = 10;
  row.when = 5000;
  schema::SnapshotEnd end{"mage", "public", "pipeline_run", kEpoch + 5000, Lsn{10}, {},
                          {},     1,        at(5000)};
  const schema::Introduction said{
      "mage", "public.pipeline_run", kEpoch + 5000, 7, "mage", "walpulse", {kEpoch}, at(5000)};
  apply({{schema::to_json(said), schema::introduction_attributes(said), "introduction"},
         message(row),
         {schema::to_json(end), schema::snapshot_end_attributes(end), "end"}});
  EXPECT_EQ(running(), 1);
}

TEST_P(LedgerSnapshot, KeepsAnEndThatIsNoneAmongTheRejected) {
  ReceivedMessage bad = snapshot_end(100, 2);
  bad.data = "{}";
  ReceivedMessage ancient = snapshot_end(100, 2);
  ancient.data.replace(ancient.data.find("2026-"), 5, "1926-");
  ancient.message_id += "ancient";
  EXPECT_THAT(apply({bad, ancient}).outcomes, Each(Outcome::invalid));
  EXPECT_EQ(rejected().size(), 2u);
}

TEST_P(LedgerSnapshot, IsAppliedByARedriveToo) {
  start_runs(1);
  const ReceivedMessage end = snapshot_end(100, 0);
  keep_rejected({0, end.message_id, at(1), "unknown ce-type", end.data, end.attributes});
  redrive(/*dry_run=*/true);
  EXPECT_EQ(running(), 1);
  redrive();
  EXPECT_EQ(running(), 0);
  EXPECT_TRUE(rejected().empty());
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerSnapshot, all_backends(), backend_name);

class LedgerSnapshotShared : public LedgerTest {};

/// Three monitors get a snapshot's rows and its end at once, everything twice, in any order.
TEST_P(LedgerSnapshotShared, IsCompleteOnceForMonitorsThatGetItAtOnce) {
  constexpr std::int64_t kRuns = 300;
  std::vector<ReceivedMessage> starts, delivery;
  for (std::int64_t id = 1; id <= kRuns; ++id) {
    MageRun run(id, 1);
    starts.push_back(run.create(1));
    if (id % 3 != 0) delivery.push_back(run.read(100));
  }
  delivery.push_back(snapshot_end(100, static_cast<std::uint64_t>(kRuns - kRuns / 3)));
  apply(starts);
  std::vector<std::unique_ptr<Ledger>> others;
  std::vector<std::vector<ReceivedMessage>> deliveries;
  std::mt19937 random(7);
  for (int i = 0; i < 3; ++i) {
    auto storage = open_storage();
    ASSERT_TRUE(storage) << storage.error().message;
    others.push_back(std::make_unique<LedgerCore>(*std::move(storage), options));
    auto& mine = deliveries.emplace_back(delivery);
    mine.insert(mine.end(), delivery.begin(), delivery.end());
    std::shuffle(mine.begin(), mine.end(), random);
  }
  std::barrier begin(3);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < others.size(); ++i) {
    threads.emplace_back([&, i] {
      begin.arrive_and_wait();
      const std::span<const ReceivedMessage> all(deliveries[i]);
      for (std::size_t at_message = 0; at_message < all.size(); at_message += 17) {
        const auto group =
            all.subspan(at_message, std::min<std::size_t>(17, all.size() - at_message));
        EXPECT_TRUE(others[i]->apply(group, at(10'000)));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(active("INITIAL"), kRuns - kRuns / 3);
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerSnapshotShared, ::testing::Values(Backend::postgres),
                         backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
