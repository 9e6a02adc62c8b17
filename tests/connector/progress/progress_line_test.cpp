#include "connector/progress/progress_line.h"

#include <gtest/gtest.h>

#include "connector/progress/work_rate.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

WorkProgress progress(std::uint64_t done, std::optional<std::uint64_t> total, std::uint64_t count) {
  return {.done = done, .total = total, .count = count, .where = ""};
}

TEST(ProgressLine, ShowsBarPercentCountRateAndWhatIsLeft) {
  EXPECT_EQ(progress_line("replay", "events", progress(42, 100, 120'345),
                          {.per_second = 9'876.4, .left = 12s}, 99),
            "replay [########------------]  42%  120,345 events  9,876/s  ETA 0:12");
}

TEST(ProgressLine, SaysSoWhereNobodyKnowsWhatIsLeft) {
  EXPECT_EQ(progress_line("replay", "events", progress(0, 100, 0), {}, 99),
            "replay [--------------------]   0%  0 events  0/s  ETA -:--");
}

TEST(ProgressLine, WithoutATotalShowsTheTimeElapsed) {
  EXPECT_EQ(progress_line("replay", "events", progress(7, std::nullopt, 7),
                          {.per_second = 1, .elapsed = 3'723s}, 99),
            "replay  7 events  1/s  1:02:03");
}

TEST(ProgressLine, ANarrowTerminalLosesTheBarFirst) {
  const auto made = progress_line("replay", "events", progress(1, 2, 5), {.left = 1s}, 40);
  EXPECT_EQ(made, "replay  50%  5 events  0/s  ETA 0:01");
  EXPECT_EQ(progress_line("replay", "events", progress(1, 2, 5), {.left = 1s}, 10), "replay  50");
}

TEST(ProgressLine, OnlyAllOfItIsAHundredPercent) {
  EXPECT_EQ(percent(999'999, 1'000'000), 99u);
  EXPECT_EQ(percent(1'000'000, 1'000'000), 100u);
  EXPECT_EQ(percent(0, 0), 100u);
  EXPECT_EQ(percent(UINT64_MAX - 1, UINT64_MAX), 99u);
}

TEST(ProgressLine, GroupsDigitsAndWritesTimesAsClocksDo) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(clock_text(7s), "0:07");
  EXPECT_EQ(clock_text(723s), "12:03");
}

TEST(WorkRate, IsThatOfTheLastSeconds) {
  const WorkRate::Clock::time_point start{1h};
  WorkRate rate(start);
  EXPECT_EQ(rate.per_second(), 0);
  EXPECT_EQ(rate.left(100), std::nullopt);
  for (int second = 1; second <= 60; ++second) {
    const auto count = static_cast<std::uint64_t>(second <= 30 ? 100 * second : 3'000);
    rate.sample(count * 2, count, start + std::chrono::seconds(second));
    if (second == 30) {
      EXPECT_NEAR(rate.per_second(), 100, 1);
      EXPECT_EQ(rate.left(6'000 + 400), 2s);
    }
  }
  EXPECT_EQ(rate.per_second(), 0) << "it stands still";
  EXPECT_EQ(rate.left(7'000), std::nullopt);
  EXPECT_EQ(rate.left(6'000), 0s) << "all of it is done";
}

}  // namespace
}  // namespace walpulse::connector
