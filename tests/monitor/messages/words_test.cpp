#include "monitor/messages/words.h"

#include <gtest/gtest.h>

#include <vector>

#include "monitor/messages/local_time.h"

namespace walpulse::monitor::messages {
namespace {

using namespace std::chrono_literals;

TEST(Words, ANameIsOneLineAndIsSeen) {
  EXPECT_EQ(cleaned("daily_sales"), "daily_sales");
  EXPECT_EQ(cleaned("  a\r\n\t b\x7F"), "a b");
  EXPECT_EQ(cleaned("a\u202Eb\u200Bc\u2066d\uFEFF"), "abcd");
  EXPECT_EQ(cleaned("a\u2028b\u00A0c"), "a b c");
  EXPECT_EQ(cleaned("\xff"), "\uFFFD");
  EXPECT_EQ(cleaned(""), "(no name)");
  EXPECT_EQ(cleaned("\n\n"), "(no name)");
  EXPECT_EQ(cleaned("caf\u00E9", 4), "caf\u00E9");
  EXPECT_EQ(cleaned("caf\u00E9s", 4), "caf\u00E9...");
  EXPECT_EQ(cleaned(std::string(1 << 20, '\n')), "(no name)");
}

TEST(Words, DurationsHaveTwoUnitsAtMost) {
  EXPECT_EQ(lasted(-5s), "0 s");
  EXPECT_EQ(lasted(59s), "59 s");
  EXPECT_EQ(lasted(60s), "1 min");
  EXPECT_EQ(lasted(95s), "1 min 35 s");
  EXPECT_EQ(lasted(12min + 59s), "12 min");
  EXPECT_EQ(lasted(5h + 8min), "5 h 8 min");
  EXPECT_EQ(lasted(6h), "6 h");
  EXPECT_EQ(lasted(74h), "3 d 2 h");
}

TEST(Words, NumbersAreCountedAsPeopleDo) {
  EXPECT_EQ(ordinal(1), "1st");
  EXPECT_EQ(ordinal(12), "12th");
  EXPECT_EQ(ordinal(23), "23rd");
  EXPECT_EQ(ordinal(111), "111th");
  EXPECT_EQ(counted(1, "run"), "1 run");
  EXPECT_EQ(counted(0, "run"), "0 runs");
  EXPECT_EQ(named(std::vector<std::string>{"a", "b", "c"}, 2), "a, b, ... (3)");
}

TEST(LocalTime, IsOfTheZoneAndNamesTheDayWhereItIsNotToday) {
  const Timestamp now{std::chrono::sys_days(std::chrono::year(2026) / 7 / 1) + 10h};
  const LocalTime lisbon(*rules::TimeZone::named("Europe/Lisbon"), now);
  EXPECT_EQ(lisbon.at_place(now), "11:00 Lisbon");
  EXPECT_EQ(lisbon.at(now - 11h), "00:00");
  EXPECT_EQ(lisbon.at(now - 11h - 1min), "yesterday 23:59");
  EXPECT_EQ(lisbon.at(now + 24h), "tomorrow 11:00");
  EXPECT_EQ(lisbon.at(now - 72h), "28 Jun 11:00");
  EXPECT_EQ(lisbon.at(now - 24h * 300), "4 Sep 2025 11:00");
  EXPECT_EQ(lisbon.span(now, now + 1min), "11:00-11:01");
  EXPECT_EQ(lisbon.span(now - 24h, now), "yesterday 11:00 - 11:00");
  EXPECT_EQ(lisbon.at(kInfinity), "ever");
  EXPECT_EQ(lisbon.at(kMinusInfinity), "ever");
  EXPECT_EQ(LocalTime(*rules::TimeZone::named("America/New_York"), now).place(), "New York");
  EXPECT_EQ(LocalTime(rules::TimeZone(), now).at_place(now), "10:00 UTC");
}

}  // namespace
}  // namespace walpulse::monitor::messages
