#include "monitor/problems/stuck_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};

ActiveRun run(std::int64_t id, std::chrono::microseconds age, bool initial = false) {
  return {id, initial, kNow - age, false};
}

TEST(StuckRuns, WaitingFromTheLimitOn) {
  EXPECT_EQ(stuck_as(run(1, 15min, true), {}, kNow), ProblemKind::waiting);
  EXPECT_EQ(stuck_as(run(1, 15min - 1us, true), {}, kNow), std::nullopt);
  EXPECT_EQ(stuck_as(run(1, 100h, true), {std::nullopt, 1h}, kNow), std::nullopt);
}

TEST(StuckRuns, TooLongOnlyByRuleAndOnlyWhatRuns) {
  EXPECT_EQ(stuck_as(run(1, 1000h), {}, kNow), std::nullopt);
  const RunLimits limits{std::nullopt, 2h};
  EXPECT_EQ(stuck_as(run(1, 2h), limits, kNow), ProblemKind::too_long);
  EXPECT_EQ(stuck_as(run(1, 2h - 1us), limits, kNow), std::nullopt);
  EXPECT_EQ(stuck_as(run(1, 3h, true), limits, kNow), std::nullopt);
}

TEST(StuckRuns, AnAbandonedRunIsNothingElse) {
  for (const bool initial : {true, false}) {
    ActiveRun one = run(1, 3h, initial);
    one.orphaned = true;
    EXPECT_EQ(stuck_as(one, {15min, 2h}, kNow), ProblemKind::abandoned);
    EXPECT_EQ(stuck_from(one, {24h, 24h}, kNow), kInfinity);
  }
}

TEST(StuckRuns, SaysWhenTimeAloneMakesItSo) {
  EXPECT_EQ(stuck_from(run(1, 14min, true), {}, kNow), kNow + 1min);
  EXPECT_EQ(stuck_from(run(1, 15min, true), {}, kNow), kInfinity) << "it is so";
  EXPECT_EQ(stuck_from(run(1, 90min), {}, kNow), kInfinity);
  EXPECT_EQ(stuck_from(run(1, 90min), {15min, 2h}, kNow), kNow + 30min);
  for (const Timestamp odd : {kInfinity, kMinusInfinity}) {
    EXPECT_EQ(stuck_from({1, true, odd, false}, {}, kNow), kInfinity);
    EXPECT_EQ(stuck_as({1, true, odd, false}, {}, kNow), std::nullopt);
  }
}

TEST(StuckRuns, IsStuckSinceTheLimitOrSinceItsTriggerWent) {
  const RunLimits limits{15min, 2h};
  EXPECT_EQ(stuck_since(run(1, 20min, true), limits), kNow - 5min);
  EXPECT_EQ(stuck_since(run(1, 3h), limits), kNow - 1h);
  ActiveRun orphan = run(1, 3h);
  orphan.orphaned = true;
  EXPECT_EQ(stuck_since(orphan, limits), kNow - 3h);
}

TEST(StuckRuns, OneProblemHoweverManyWithTheOldest) {
  StuckRuns runs;
  for (std::int64_t id = 5000; id > 0; --id)
    runs.add(run(id, std::chrono::hours(id % 100)), kNow, Severity::notify);
  const Finding found = runs.finding({ProblemKind::waiting, "mage", "sync", ""});
  EXPECT_EQ(found.since, kNow - 99h);
  EXPECT_THAT(found.evidence, ElementsAre(Pair("run", "99"), Pair("runs", "5000")));
}

TEST(StuckRuns, OfASingleOneNoCount) {
  StuckRuns runs;
  EXPECT_TRUE(runs.add(run(7, 1h), kNow, Severity::record));
  const Finding found = runs.finding({ProblemKind::waiting, "mage", "sync", ""});
  EXPECT_EQ(found.severity, Severity::record);
  EXPECT_THAT(found.evidence, ElementsAre(Pair("run", "7")));
}

TEST(StuckRuns, TheWorstStandsForAllSinceTheOldest) {
  StuckRuns runs;
  EXPECT_TRUE(runs.add(run(1, 3h), kNow - 2h, Severity::notify));
  EXPECT_FALSE(runs.add(run(2, 4h), kNow - 3h, Severity::record));
  EXPECT_TRUE(runs.add(run(3, 1h), kNow - 30min, Severity::page));
  EXPECT_FALSE(runs.add(run(4, 1h), kNow - 30min, Severity::page)) << "of one age the lesser id";
  const Finding found = runs.finding({ProblemKind::too_long, "mage", "sync", ""});
  EXPECT_EQ(found.severity, Severity::page);
  EXPECT_EQ(found.since, kNow - 4h);
  EXPECT_EQ(found.newest, kNow - 30min);
  EXPECT_THAT(found.evidence, ElementsAre(Pair("run", "3"), Pair("runs", "4")));
}

}  // namespace
}  // namespace walpulse::monitor
