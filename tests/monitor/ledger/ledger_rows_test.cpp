#include <algorithm>
#include <string>
#include <vector>

#include "tests/monitor/ledger_fixture.h"
#include "tests/monitor/table_events.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

/// Triggers and blocks beside runs.
class LedgerRows : public LedgerTest {
 protected:
  /// "1 ACTIVE", in the order of their ids.
  std::vector<std::string> triggers() {
    std::vector<std::string> found;
    const auto known = ledger().triggers();
    EXPECT_TRUE(known);
    for (const KnownTrigger& each : *known)
      found.push_back(std::to_string(each.trigger.id) + " " + each.trigger.status.value_or("-"));
    return found;
  }
  /// "load FAILED".
  std::vector<std::string> blocks(std::int64_t run = 1) {
    std::vector<std::string> found;
    const auto known = ledger().blocks("mage", run);
    EXPECT_TRUE(known);
    for (const KnownBlock& each : *known)
      found.push_back(*each.block.block_uuid + " " + *each.block.status);
    return found;
  }
  SourceRow source_row(const std::string& table) {
    for (const SourceRow& source : context().sources)
      if (source.table == "public." + table) return source;
    ADD_FAILURE() << table;
    return {};
  }
  std::int64_t changes() { return source_row("pipeline_schedule").changes; }
  std::int64_t failed(const std::string& cause) {
    return number("pipeline_run/failed_count",
                  {{"pipeline", "daily"}, {"trigger", "trigger"}, {"cause", cause}});
  }
};

TEST_P(LedgerRows, ShowATriggerAsItsNewestChangeLeftIt) {
  const Trigger one{1, "nightly"}, two{2, "hourly"};
  EXPECT_THAT(apply({one.update(20, "INACTIVE"), one.create(10), two.create(12)}).outcomes,
              ElementsAre(Outcome::applied, Outcome::applied, Outcome::applied));
  EXPECT_THAT(triggers(), ElementsAre("1 INACTIVE", "2 ACTIVE"));
  EXPECT_THAT(apply({one.update(20, "INACTIVE"), two.remove(30)}).outcomes,
              ElementsAre(Outcome::unchanged, Outcome::applied));
  EXPECT_THAT(triggers(), ElementsAre("1 INACTIVE"));
  const auto known = ledger().triggers();
  EXPECT_EQ(known->front().source, "mage");
  EXPECT_EQ(known->front().table, "public.pipeline_schedule");
  EXPECT_EQ(known->front().trigger.name, "nightly");
  EXPECT_EQ(known->front().trigger.sla, 60);
  EXPECT_EQ(known->front().since, at(20));
  EXPECT_EQ(known->front().source_id, source_row("pipeline_schedule").id);
}

TEST_P(LedgerRows, SayWhatATriggerExpectsAndSinceWhen) {
  const Trigger one{1}, renamed{1, "daily"}, two{2};
  apply({one.create(10), two.read(15)});
  apply({one.update(20, "INACTIVE"), renamed.update(60, "ACTIVE"), one.update(40, "ACTIVE")});
  const auto known = ledger().triggers();
  ASSERT_TRUE(known);
  ASSERT_EQ(known->size(), 2u);
  const walpulse::monitor::Trigger& expects = known->front().expectation;
  EXPECT_EQ(expects.schedule_type, "TIME");
  EXPECT_EQ(expects.schedule_interval, "@hourly");
  EXPECT_EQ(expects.status, "ACTIVE");
  EXPECT_EQ(expects.known_since, at(40));
  EXPECT_EQ(known->front().since, at(60));
  EXPECT_EQ(known->back().expectation.known_since, at(15)) << "a snapshot alone read it";
  apply({one.update(50, "INACTIVE")});
  EXPECT_EQ(ledger().triggers()->front().expectation.known_since, at(60));
}

TEST_P(LedgerRows, ATriggerMadeAnewAfterATruncateIsKnownSinceThen) {
  apply({Trigger{1}.create(10), truncate("pipeline_schedule", 20), Trigger{1}.create(30)});
  apply({Trigger{1}.update(40, "ACTIVE")});
  EXPECT_EQ(ledger().triggers()->front().expectation.known_since, at(30));
}

TEST_P(LedgerRows, CountEachTransactionThatChangedTriggers) {
  const Trigger one{1};
  apply({one.create(10), Trigger{2}.create(11)});
  EXPECT_EQ(changes(), 1);
  apply({one.create(10)});
  EXPECT_EQ(changes(), 1) << "known";
  apply({one.update(20, "INACTIVE")});
  apply({one.remove(30)});
  EXPECT_EQ(changes(), 3);
  apply({truncate("pipeline_schedule", 40)});
  EXPECT_EQ(changes(), 4);
  apply({truncate("pipeline_schedule", 40), Block{1, 1}.create(41)});
  apply({Block{1, 1}.update(42, "FAILED"), truncate("block_run", 43)});
  EXPECT_EQ(changes(), 4);
  EXPECT_EQ(source_row("block_run").changes, 0) << "hot";
}

TEST_P(LedgerRows, CountASnapshotOfTriggersThatIsComplete) {
  apply({Trigger{1}.create(10), snapshot_end("pipeline_schedule", 30, 1)});
  const std::int64_t before = changes();
  apply({snapshot_end("block_run", 30, 0)});
  EXPECT_EQ(changes(), before) << "a row is missing";
  apply({Trigger{2}.read(30)});
  EXPECT_THAT(triggers(), ElementsAre("2 ACTIVE"));
  EXPECT_EQ(changes(), before + 2) << "the row, then the end";
}

TEST_P(LedgerRows, AreKnownAsOfWhatTheHeartbeatsOfTheirTableSay) {
  schema::Heartbeat beat = heartbeat(1, 50);
  beat.table = "public.pipeline_schedule";
  beat.confirmed_at = {};
  apply({message(beat)});
  EXPECT_EQ(source_row("pipeline_schedule").as_of, std::nullopt) << "the connector does not know";
  beat.sequence = 2;
  beat.confirmed_at = at(40);
  apply({message(beat)});
  beat.sequence = 4;
  beat.confirmed_at = at(60);
  apply({message(beat), message(heartbeat(1, 70))});
  EXPECT_EQ(source_row("pipeline_schedule").as_of, at(40)) << "the third is missing";
  EXPECT_EQ(source_row("pipeline_run").as_of, at(69));
  beat.sequence = 3;
  beat.confirmed_at = at(50);
  apply({message(beat)});
  EXPECT_EQ(source_row("pipeline_schedule").as_of, at(60));
}

TEST_P(LedgerRows, ATriggersIdMayBeUsedAgain) {
  const Trigger one{1};
  apply({one.create(10), one.remove(20), one.create(30)});
  EXPECT_THAT(triggers(), ElementsAre("1 ACTIVE"));
  apply({one.update(15, "INACTIVE")});
  EXPECT_THAT(triggers(), ElementsAre("1 ACTIVE"));
}

TEST_P(LedgerRows, ATruncateTakesTheTriggersBeforeIt) {
  apply({Trigger{1}.create(10), truncate("pipeline_schedule", 20), Trigger{2}.create(30)});
  EXPECT_THAT(triggers(), ElementsAre("2 ACTIVE"));
  apply({Trigger{3}.create(15), Trigger{1}.update(40, "INACTIVE")});
  EXPECT_THAT(triggers(), ElementsAre("1 INACTIVE", "2 ACTIVE"));
}

TEST_P(LedgerRows, TheEndOfASnapshotTakesTheTriggersThatItDidNotFind) {
  apply({Trigger{1}.create(10), Trigger{2}.create(10), Trigger{3}.create(10)});
  apply({Trigger{1}.update(40, "INACTIVE")});
  apply({Trigger{1}.read(30), snapshot_end("pipeline_schedule", 30, 2)});
  EXPECT_THAT(triggers(), ElementsAre("1 INACTIVE", "2 ACTIVE", "3 ACTIVE")) << "a row is missing";
  apply({Trigger{1}.read(30)});
  EXPECT_THAT(triggers(), ElementsAre("1 INACTIVE", "2 ACTIVE", "3 ACTIVE")) << "twice the same";
  apply({Trigger{3}.read(30, "INACTIVE")});
  EXPECT_THAT(triggers(), ElementsAre("1 INACTIVE", "3 INACTIVE"));
  apply({Trigger{2}.update(25, "ACTIVE")});
  EXPECT_THAT(triggers(), ElementsAre("1 INACTIVE", "3 INACTIVE"));
  apply({Trigger{2}.update(35, "ACTIVE")});
  EXPECT_THAT(triggers(), ElementsAre("1 INACTIVE", "2 ACTIVE", "3 INACTIVE"));
}

TEST_P(LedgerRows, TheEndOfAPartOfASnapshotTakesOnlyThose) {
  apply({Trigger{1}.create(10), Trigger{2}.create(10), Trigger{3}.create(10)});
  apply({Trigger{2}.read(30), snapshot_end("pipeline_schedule", 30, 1, 2, 3)});
  EXPECT_THAT(triggers(), ElementsAre("1 ACTIVE", "2 ACTIVE"));
}

TEST_P(LedgerRows, ChangesOfOtherTablesTouchNoRun) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(2)});
  apply({Trigger{1}.create(3), Trigger{1}.remove(4), truncate("pipeline_schedule", 5),
         Block{1, 1}.create(3), Block{1, 1}.remove(4), truncate("block_run", 5),
         snapshot_end("block_run", 6, 0), snapshot_end("pipeline_schedule", 6, 0)});
  EXPECT_EQ(active("RUNNING"), 1);
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(number("pipeline_run/active", {{"pipeline", "unknown"}, {"status", "unknown"}}), -1);
  EXPECT_TRUE(rejected().empty());
}

TEST_P(LedgerRows, AreToldByTheBodyWhateverTheAttributesSay) {
  ReceivedMessage bare = Trigger{1}.create(10), lying = Trigger{2}.create(11);
  MageRun run(1, 1);
  ReceivedMessage disguised = run.create(1);
  bare.attributes = {};
  lying.attributes = disguised.attributes;
  disguised.attributes = Trigger{1}.create(10).attributes;
  EXPECT_THAT(apply({bare, lying, disguised}).outcomes,
              ElementsAre(Outcome::applied, Outcome::applied, Outcome::invalid));
  EXPECT_THAT(triggers(), ElementsAre("1 ACTIVE", "2 ACTIVE"));
}

TEST_P(LedgerRows, ATriggerIsNeverARunWhateverItHolds) {
  TableChange change;
  change.table = "pipeline_schedule";
  change.columns = {{"pipeline_uuid", "daily"},   {"schedule_interval", "@hourly"},
                    {"status", "RUNNING"},        {"execution_date", std::nullopt},
                    {"passed_sla", std::nullopt}, {"backfill_id", std::nullopt}};
  EXPECT_THAT(apply({message(change)}).outcomes, ElementsAre(Outcome::applied));
  EXPECT_EQ(active("RUNNING"), -1);
  EXPECT_THAT(triggers(), ElementsAre("1 RUNNING"));
}

TEST_P(LedgerRows, KeepTheirOwnPositionsBesideThoseOfRuns) {
  MageRun run(1, 1);
  run.row().lsn = 5000;
  TableChange trigger;
  trigger.table = "pipeline_schedule";
  trigger.columns = {{"pipeline_uuid", "daily"}, {"schedule_interval", "@hourly"}};
  trigger.lsn = 5000;
  trigger.when = 1;
  EXPECT_THAT(apply({run.create(1), message(trigger)}).outcomes,
              ElementsAre(Outcome::applied, Outcome::applied));
}

TEST_P(LedgerRows, OnePositionWithTwoCommitTimesIsAConflict) {
  TableChange one;
  one.table = "pipeline_schedule";
  one.columns = {{"pipeline_uuid", "daily"}, {"schedule_interval", "@hourly"}};
  one.lsn = 5000;
  one.when = 1;
  TableChange two = one;
  two.when = 2;
  EXPECT_THAT(apply({message(one), message(two)}).outcomes,
              ElementsAre(Outcome::applied, Outcome::conflict));
  EXPECT_EQ(number("flow/gap_count", {{"reason", "conflict"}}), 1);
}

TEST_P(LedgerRows, NameTheFirstFailedBlockOfARun) {
  MageRun run(1, 1);
  const Block load{1, 1, "load"}, send{2, 1, "send"};
  apply({load.create(2), send.create(2), run.create(1), run.run(3), load.update(4, "RUNNING"),
         load.update(8, "FAILED", "no such column")});
  apply({run.fail(16)});
  ASSERT_EQ(happened().size(), 1u);
  EXPECT_EQ(happened()[0].block, "load");
  EXPECT_EQ(happened()[0].error, "no such column");
  apply({send.update(17, "CANCELLED")});
  EXPECT_THAT(blocks(), ElementsAre("load FAILED", "send CANCELLED"));
  EXPECT_EQ(failed("block"), 1);
  EXPECT_EQ(finished("FAILED"), 1);
}

TEST_P(LedgerRows, NeverWaitForABlockToTellOfAFailure) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(3), run.fail(16)});
  ASSERT_EQ(happened().size(), 1u);
  EXPECT_EQ(happened()[0].block, "");
  EXPECT_EQ(failed("unknown"), 1);
}

TEST_P(LedgerRows, CountAFailureOnceItsBlocksHaveSettled) {
  options.settle = 3min;
  MageRun run(1, 1);
  const Block load{1, 1, "load"};
  intake_clock(1s);
  apply({run.create(1), run.run(3), run.fail(16)});
  EXPECT_EQ(finished("FAILED"), 1);
  intake_clock(2min);
  EXPECT_EQ(failed("unknown"), -1);
  apply({load.update(8, "FAILED"), load.create(2)});
  intake_clock(3min + 1s);
  EXPECT_EQ(failed("block"), 1);
  EXPECT_EQ(failed("unknown"), -1);
  // What comes later moves nothing.
  apply({load.update(9, "COMPLETED")});
  apply({run.touch(17)});
  intake_clock(1h);
  EXPECT_EQ(failed("block"), 1);
  EXPECT_EQ(failed("run_timeout"), -1);
}

TEST_P(LedgerRows, CountEachFailureOfARetriedRunByItsOwnCause) {
  MageRun run(1, 1);
  const Block load{1, 1, "load"}, send{2, 1, "send"};
  const std::vector<ReceivedMessage> log = {run.create(1),
                                            load.create(2),
                                            send.create(2),
                                            run.run(3),
                                            load.update(4, "FAILED"),
                                            run.fail(12),
                                            load.update(20, "INITIAL"),
                                            run.run(21),
                                            load.update(22, "COMPLETED"),
                                            run.fail(40),
                                            load.update(50, "INITIAL"),
                                            run.run(51),
                                            send.update(55, "FAILED", ""),
                                            run.fail(60)};
  options.settle = 3min;
  intake_clock(1s);
  for (auto message = log.rbegin(); message != log.rend(); ++message) apply({*message, *message});
  intake_clock(10min);
  EXPECT_EQ(failed("block"), 1);
  EXPECT_EQ(failed("run_timeout"), 1);
  EXPECT_EQ(failed("block_timeout"), 1);
  EXPECT_EQ(finished("FAILED"), 3);
  apply(log);
  intake_clock(1h);
  EXPECT_EQ(failed("block"), 1);
}

TEST_P(LedgerRows, ARunThatNeverBeganFailedInItsInitialisation) {
  MageRun run(1, 1);
  apply({run.create(1), Block{1, 1}.create(2), run.fail(9)});
  EXPECT_EQ(failed("initialisation"), 1);
}

TEST_P(LedgerRows, BlocksOfOneSourceSayNothingOfAnothersRuns) {
  MageRun run(1, 1);
  TableChange other;
  other.table = "block_run";
  other.name = "staging";
  other.when = 4;
  other.columns = {{"pipeline_run_id", "1"}, {"block_uuid", "load"}, {"status", "FAILED"}};
  apply({message(other), run.create(1), run.run(3), run.fail(16)});
  EXPECT_EQ(failed("unknown"), 1);
  EXPECT_THAT(blocks(), IsEmpty());
}

TEST_P(LedgerRows, ARunOfTenThousandBlocksIsToldAll) {
  constexpr std::int64_t kBlocks = 10'000;
  MageRun run(1, 1);
  apply({run.create(1), run.run(2)});
  std::vector<ReceivedMessage> group;
  for (std::int64_t id = 1; id <= kBlocks; ++id) {
    const Block block{id, 1, "child:" + std::to_string(id)};
    const double when = 10 + static_cast<double>(id);
    group.push_back(id == kBlocks - 1 ? block.update(when, "FAILED")
                                      : block.update(when, "COMPLETED"));
    if (group.size() == 1000) {
      apply(group);
      group.clear();
    }
  }
  apply({run.fail(20'000)});
  ASSERT_EQ(happened().size(), 1u);
  EXPECT_EQ(happened()[0].block, "child:9999");
  EXPECT_EQ(failed("block"), 1);
  EXPECT_EQ(blocks().size(), kBlocksShownMax);
  EXPECT_EQ(blocks().front(), "child:9999 FAILED");
}

TEST_P(LedgerRows, GoWithTheRunThatIsPruned) {
  options.keep_runs = 0;
  constexpr double kDay = 24 * 3600;
  MageRun old(1, 1), cancelled(2, 1), fresh(3, 50 * kDay);
  const Block of_old{1, 1}, of_cancelled{2, 2}, of_fresh{3, 3};
  apply({old.create(1), old.run(2), of_old.update(3, "COMPLETED"), old.complete(4),
         cancelled.create(1), of_cancelled.create(2), cancelled.update(4, "CANCELLED"),
         Trigger{1}.create(5), Trigger{1}.remove(6), Trigger{2}.create(7)});
  apply({fresh.create(50 * kDay), of_fresh.create(50 * kDay + 1), fresh.run(50 * kDay + 2),
         fresh.complete(50 * kDay + 3), Trigger{3}.create(50 * kDay),
         Trigger{3}.remove(50 * kDay + 1)},
        51 * kDay);
  const std::int64_t before = changes();
  const auto pruned = ledger().prune(at(51 * kDay));
  EXPECT_EQ(changes(), before + 1);
  ASSERT_TRUE(pruned);
  EXPECT_EQ(pruned->run_count, 2u);
  EXPECT_TRUE(pruned->all_seen);
  EXPECT_THAT(blocks(1), IsEmpty());
  EXPECT_THAT(blocks(2), IsEmpty());
  EXPECT_EQ(blocks(3).size(), 1u);
  EXPECT_THAT(triggers(), ElementsAre("2 ACTIVE"));
  // What is sent again of them stays away; a delete of what is gone leaves nothing for ever.
  EXPECT_THAT(apply({of_cancelled.create(2), Trigger{1}.create(5), Trigger{1}.remove(6)}).outcomes,
              ElementsAre(Outcome::pruned, Outcome::pruned, Outcome::pruned));
  EXPECT_THAT(apply({Trigger{3}.create(50 * kDay)}).outcomes, ElementsAre(Outcome::unchanged));
  EXPECT_THAT(triggers(), ElementsAre("2 ACTIVE"));
}

TEST_P(LedgerRows, AreAsTheyWereWhenTheLedgerIsOpenedAgain) {
  if (GetParam() == Backend::memory) return;
  apply({Trigger{1}.create(10), Block{1, 7}.update(12, "RUNNING")});
  open();
  EXPECT_THAT(triggers(), ElementsAre("1 ACTIVE"));
  EXPECT_THAT(blocks(7), ElementsAre("load RUNNING"));
  EXPECT_THAT(apply({Trigger{1}.create(10)}).outcomes, ElementsAre(Outcome::unchanged));
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerRows, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
