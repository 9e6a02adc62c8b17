#include "monitor/ledger/timeline/run_summary.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

#include "monitor/ledger/application/message.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::testing {
namespace {

using schema::Operation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr RunKey kKey{3, 812};

Timeline timeline_of(const std::vector<ReceivedMessage>& log) {
  Timeline timeline;
  for (const ReceivedMessage& each : log)
    timeline.push_back(std::get<ChangeMessage>(*each.read).entry);
  return timeline;
}
RunSummary summary_of(const std::vector<ReceivedMessage>& log) {
  const Timeline timeline = timeline_of(log);
  return run_summary(kKey, timeline, run_state(timeline));
}
std::vector<std::string> statuses(const RunSummary& summary) {
  std::vector<std::string> found;
  for (const RunStep& step : summary.steps) found.push_back(step.status);
  return found;
}

TEST(RunSummary, TellsARunFromItsBeginningToItsEnd) {
  MageRun run(812, 1);
  run.row().execution = at(-60);
  run.row().labels = {{"partner", "acme"}, {"pipeline", "never"}};
  run.row().backfill = 9;
  const RunSummary summary =
      summary_of({run.create(2), run.run(5), run.touch(6), run.fail(17), run.touch(20)});
  EXPECT_EQ(summary.key, kKey);
  EXPECT_EQ(summary.pipeline, "daily");
  EXPECT_EQ(summary.status, "FAILED");
  EXPECT_FALSE(summary.active);
  EXPECT_FALSE(summary.deleted);
  EXPECT_EQ(summary.created, at(2)) << "the commit of the insert, not the row's created_at";
  EXPECT_EQ(summary.started, at(5));
  EXPECT_EQ(summary.ended, at(17));
  EXPECT_EQ(summary.seconds, 12);
  EXPECT_EQ(summary.schedule, 7);
  EXPECT_EQ(summary.backfill, 9);
  EXPECT_EQ(summary.slot, at(-60));
  EXPECT_EQ(summary.labels, (telemetry::Labels{{"partner", "acme"}}));
  EXPECT_EQ(summary.attempts, 1u);
  EXPECT_THAT(statuses(summary), ElementsAre("INITIAL", "RUNNING", "FAILED"));
  const RunStep& last = summary.steps.back();
  EXPECT_EQ(last.at, at(17));
  EXPECT_EQ(last.operation, Operation::update);
  EXPECT_EQ(last.position, (schema::Position{kEpoch, Lsn{1'001'700}, 0}));
}

TEST(RunSummary, CountsAttemptsAndHasNoEndWhileItRunsAgain) {
  MageRun run(812, 1);
  std::vector<ReceivedMessage> log{run.create(2), run.run(5), run.fail(7), run.run(60)};
  const RunSummary retried = summary_of(log);
  EXPECT_TRUE(retried.active);
  EXPECT_EQ(retried.attempts, 2u);
  EXPECT_FALSE(retried.ended);
  EXPECT_FALSE(retried.seconds);
  log.push_back(run.complete(63));
  EXPECT_EQ(summary_of(log).seconds, 3) << "of the second attempt alone";
  EXPECT_EQ(summary_of(log).attempts, 2u);
}

TEST(RunSummary, ADeletedRunKeepsWhatItWas) {
  MageRun run(812, 1);
  const RunSummary gone = summary_of({run.create(2), run.run(5), run.complete(9), run.remove(30)});
  EXPECT_TRUE(gone.deleted);
  EXPECT_EQ(gone.status, "COMPLETED");
  EXPECT_EQ(gone.ended, at(9));
  EXPECT_THAT(statuses(gone), ElementsAre("INITIAL", "RUNNING", "COMPLETED", "COMPLETED"));
  EXPECT_EQ(gone.steps.back().operation, Operation::remove);
}

TEST(RunSummary, AnotherLifeOfTheIdIsAnotherRun) {
  MageRun first(812, 1), second(812, 40, "weekly");
  second.row().schedule.reset();
  const RunSummary summary =
      summary_of({first.create(2), first.fail(5), first.remove(6), second.create(41)});
  EXPECT_EQ(summary.pipeline, "weekly");
  EXPECT_FALSE(summary.deleted);
  EXPECT_FALSE(summary.schedule);
  EXPECT_THAT(statuses(summary), ElementsAre("INITIAL"));
}

TEST(RunSummary, AStateOfAnEarlierBuildIsCompletedFromTheTimeline) {
  MageRun run(812, 1);
  run.row().execution = at(0);
  const Timeline timeline = timeline_of({run.create(2), run.run(5), run.complete(9)});
  RunState old = run_state(timeline);
  old.finish.reset();
  old.slot.reset();
  old.schedule.reset();
  const RunSummary summary = run_summary(kKey, timeline, old);
  EXPECT_EQ(summary.ended, at(9));
  EXPECT_EQ(summary.slot, at(0));
  EXPECT_EQ(summary.schedule, 7);
}

TEST(RunSummary, OfWhatIsHardlyKnownLittleIsSaid) {
  const RunSummary nothing = run_summary(kKey, {}, {});
  EXPECT_EQ(nothing.pipeline, "unknown");
  EXPECT_EQ(nothing.status, "unknown");
  EXPECT_THAT(nothing.steps, IsEmpty());
  const Timeline deleted{make_end({kEpoch, Lsn{5}, 0}, at(5))};
  const RunSummary gone = run_summary(kKey, deleted, run_state(deleted));
  EXPECT_TRUE(gone.deleted);
  EXPECT_THAT(statuses(gone), ElementsAre("unknown"));
  MageRun run(812, 1);
  Timeline infinite = timeline_of({run.update(2, "RUNNING")});
  infinite.front().created_at = kInfinity;
  infinite.front().started_at = kMinusInfinity;
  const RunSummary read = run_summary(kKey, infinite, run_state(infinite));
  EXPECT_FALSE(read.created);
  EXPECT_FALSE(read.started);
}

}  // namespace
}  // namespace walpulse::monitor::testing
