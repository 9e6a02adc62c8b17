#include "monitor/reading/pipeline_detail.h"

#include <gmock/gmock.h>

#include "monitor/ledger/timeline/label_bytes.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::reading {
namespace {

using testing::at;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kDay = 86'400;

RunEnd end(std::int64_t run, double when, const std::string& status = "COMPLETED",
           std::optional<double> seconds = 60, const std::string& partner = "") {
  telemetry::Labels labels;
  if (!partner.empty()) labels.emplace("partner", partner);
  return {at(when),
          {1, run},
          "daily",
          status,
          seconds,
          {},
          partner.empty() ? "" : encode_labels(labels)};
}

TEST(DaysOf, AreOfUtcTheOldestFirst) {
  // The birth is 10:00.
  const auto days =
      days_of({end(3, 15 * 3600, "FAILED"), end(2, 3600, "COMPLETED", 20), end(1, 0)}, {});
  ASSERT_THAT(days, SizeIs(2));
  EXPECT_EQ(days[0].completed, 2U);
  EXPECT_EQ(days[0].usual, 40);
  EXPECT_EQ(days[0].nine_of_ten, 60);
  EXPECT_EQ(days[1].failed, 1U);
  EXPECT_EQ(days[1].usual, std::nullopt);
  EXPECT_THAT(days_of({}, {}), IsEmpty());
}

TEST(DaysOf, HaveTheRunsThatWerePrunedToo) {
  DailyFigures pruned;
  pruned.day = std::chrono::floor<std::chrono::days>(at(0));
  pruned.completed = 2;
  pruned.failed = 1;
  pruned.durations.add(60);
  pruned.durations.add(60);
  const auto days = days_of({end(1, 0)}, {pruned});
  ASSERT_THAT(days, SizeIs(1));
  EXPECT_EQ(days[0].completed, 3U);
  EXPECT_EQ(days[0].failed, 1U);
  EXPECT_NEAR(*days[0].usual, 60, 60 * 0.026);
}

TEST(DaysOf, WhatIsCutOffIsNotHalfADay) {
  std::vector<RunEnd> ends;
  for (std::size_t i = 0; i < kDetailEndsMax; ++i)
    ends.push_back(end(static_cast<std::int64_t>(i), 30 * kDay - static_cast<double>(i) * 60));
  DailyFigures older;
  older.day = std::chrono::floor<std::chrono::days>(at(0));
  older.completed = 1;
  const auto days = days_of(ends, {older});
  const auto cut = std::chrono::floor<std::chrono::days>(ends.back().ended);
  ASSERT_FALSE(days.empty());
  EXPECT_EQ(days.front().day, cut + std::chrono::days(1));
}

TEST(GroupsOf, TheOneThatFailsIsNotHiddenByOthers) {
  PipelineSummary summary;
  const std::vector<RunEnd> ends = {
      end(6, 60, "COMPLETED", 1, "acme"),   end(5, 50, "FAILED", 1, "globex"),
      end(4, 40, "COMPLETED", 1, "acme"),   end(3, 30, "FAILED", 1, "globex"),
      end(2, 20, "CANCELLED", 1, "globex"), end(1, 10, "COMPLETED", 1, "globex")};
  EXPECT_THAT(groups_of(ends, {}, summary, 10), IsEmpty());
  const auto groups = groups_of(ends, {"partner"}, summary, 10);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(groups[0].labels.at("partner"), "globex");
  EXPECT_EQ(groups[0].failed_in_a_row, 2U);
  EXPECT_EQ(groups[0].last->key.run, 5);
  EXPECT_EQ(groups[0].last_success, at(10));
  EXPECT_EQ(groups[1].failed_in_a_row, 0U);
  EXPECT_THAT(groups_of(ends, {"partner"}, summary, 1), SizeIs(1));
}

}  // namespace
}  // namespace walpulse::monitor::reading
