#include "bench/mage_sim/slots.h"

#include <gtest/gtest.h>

#include <chrono>

namespace walpulse::mage_sim {
namespace {

using namespace std::chrono;

std::int64_t at(year_month_day day, int hour, int minute, int ms = 0) {
  return sys_days(day).time_since_epoch() / milliseconds(1) +
         (hours(hour) + minutes(minute)) / milliseconds(1) + ms;
}

constexpr auto kSaturday = 2026y / November / 28;

TEST(Slots, ASlotIsItsOwnNewestOne) {
  EXPECT_EQ(slot_at_or_before("@hourly", at(kSaturday, 13, 0)), at(kSaturday, 13, 0));
  EXPECT_EQ(slot_at_or_before("@hourly", at(kSaturday, 13, 0) - 1), at(kSaturday, 12, 0));
}

TEST(Slots, TheNextOneIsNeverTheSame) {
  EXPECT_EQ(slot_after("@hourly", at(kSaturday, 13, 0)), at(kSaturday, 14, 0));
  EXPECT_EQ(slot_after("*/15 * * * *", at(kSaturday, 13, 15, 59'999)), at(kSaturday, 13, 30));
  EXPECT_EQ(slot_after("* * * * *", at(kSaturday, 13, 14, 1)), at(kSaturday, 13, 15));
}

TEST(Slots, FieldsAreNumbersRangesListsAndSteps) {
  EXPECT_EQ(slot_after("5,35 6-8/2 * * *", at(kSaturday, 6, 5)), at(kSaturday, 6, 35));
  EXPECT_EQ(slot_after("5,35 6-8/2 * * *", at(kSaturday, 6, 35)), at(kSaturday, 8, 5));
  EXPECT_EQ(slot_after("30 6 * * 1-5", at(kSaturday, 6, 0)), at(2026y / November / 30, 6, 30));
  EXPECT_EQ(slot_at_or_before("@monthly", at(kSaturday, 6, 0)), at(2026y / November / 1, 0, 0));
  EXPECT_EQ(slot_after("0 0 29 2 *", at(2026y / March / 1, 0, 0)), 0);  // within a year
  EXPECT_EQ(slot_at_or_before("@daily", at(kSaturday, 23, 59)), at(kSaturday, 0, 0));
}

TEST(Slots, WhatIsNoIntervalHasNone) {
  for (const char* text : {"", "@once", "@always_on", "* * * *", "* * * * * *", "60 * * * *",
                           "*/0 * * * *", "a * * * *", "-1 * * * *", " * * * *"})
    EXPECT_EQ(slot_after(text, at(kSaturday, 0, 0)), 0) << text;
}

}  // namespace
}  // namespace walpulse::mage_sim
