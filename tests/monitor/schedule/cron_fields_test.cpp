#include "monitor/schedule/cron_fields.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace walpulse::monitor {
namespace {

std::uint64_t set(std::initializer_list<int> values) {
  std::uint64_t bits = 0;
  for (const int value : values) bits |= std::uint64_t{1} << value;
  return bits;
}

CronFields read(std::string_view text) {
  const auto fields = read_cron_fields(text);
  EXPECT_TRUE(fields.has_value()) << text << ": " << (fields ? "" : to_string(fields.error()));
  return fields.value_or(CronFields{});
}

ErrorKind refusal(std::string_view text) {
  const auto fields = read_cron_fields(text);
  EXPECT_FALSE(fields.has_value()) << text;
  return fields ? ErrorKind::cancelled : fields.error().kind;
}

TEST(CronFields, AListARangeAndAStepAreSets) {
  const CronFields fields = read("0,30 9-17/4 1-3 */5 mon-fri");
  EXPECT_EQ(fields.minutes, set({0, 30}));
  EXPECT_EQ(fields.hours, set({9, 13, 17}));
  EXPECT_EQ(fields.days_of_month, set({1, 2, 3}));
  EXPECT_EQ(fields.months, set({1, 6, 11}));
  EXPECT_EQ(fields.days_of_week, set({1, 2, 3, 4, 5}));
}

TEST(CronFields, AStarIsEveryValueAndRestrictsNoDay) {
  const CronFields fields = read("* * * * *");
  EXPECT_EQ(fields.minutes, (std::uint64_t{1} << 60) - 1);
  EXPECT_EQ(fields.hours, (std::uint64_t{1} << 24) - 1);
  EXPECT_EQ(fields.months, ((std::uint64_t{1} << 12) - 1) << 1);
  EXPECT_TRUE(fields.any_day_of_month);
  EXPECT_TRUE(fields.any_day_of_week);
}

TEST(CronFields, AQuestionMarkIsAStarForDaysOnly) {
  EXPECT_EQ(read("0 0 ? * ?"), read("0 0 * * *"));
  EXPECT_EQ(refusal("? * * * *"), ErrorKind::malformed);
  EXPECT_EQ(refusal("* * ?,* * *"), ErrorKind::malformed);
}

TEST(CronFields, NamesHaveAnyCaseAndSundayIsSevenToo) {
  EXPECT_EQ(read("0 0 * Jan,DEC Sun"), read("0 0 * 1,12 0"));
  EXPECT_EQ(read("0 0 * * 7"), read("0 0 * * 0"));
  EXPECT_EQ(read("0 0 * * 5-7"), read("0 0 * * 5,6,0"));
}

TEST(CronFields, ARangeWrapsAround) {
  EXPECT_EQ(read("0 22-2 * nov-feb fri-mon"), read("0 22,23,0,1,2 * 11,12,1,2 5,6,0,1"));
  EXPECT_EQ(read("0 21-7/3 * * *"), read("0 21,0,3,6 * * *"));
  EXPECT_EQ(read("0 21-7/6 * * *"), read("0 21,4 * * *"));  // As croniter has it: not 3.
}

TEST(CronFields, ARangeOfEqualEndsIsTheWholeField) {
  EXPECT_EQ(read("5-5 * * * *"), read("* * * * *"));
  EXPECT_EQ(read("59/15 * * * *"), read("*/15 * * * *"));
  EXPECT_EQ(read("0 0 * * 1-1").days_of_week, set({0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read("0 0 * 0-0 *"), read("0 0 * * *"));
}

TEST(CronFields, AStepFromOneValueGoesToTheEnd) {
  EXPECT_EQ(read("50/5 * * * *").minutes, set({50, 55}));
  EXPECT_EQ(read("0 0 1/10 * *").days_of_month, set({1, 11, 21, 31}));
  EXPECT_EQ(read("*/99999999999999999999 * * * *").minutes, set({0}));
}

TEST(CronFields, TheLastDayStandsForItself) {
  const CronFields fields = read("0 0 15,L * *");
  EXPECT_TRUE(fields.last_day_of_month);
  EXPECT_EQ(fields.days_of_month, set({15}));
  EXPECT_EQ(read("0 0 29-L * *"), read("0 0 29,30,31 * *"));
}

TEST(CronFields, WeekdaysOfAMonthDecideAlone) {
  const CronFields fields = read("0 0 * * 5#2,L1,fri#4");
  EXPECT_TRUE(fields.has_weekdays_of_month);
  EXPECT_EQ(fields.weekdays_of_month[5], 1 << 2 | 1 << 4);
  EXPECT_EQ(fields.weekdays_of_month[1], CronField::kLastOfMonth);
  EXPECT_EQ(read("0 0 * * mon-wed#1"), read("0 0 * * 1#1,2#1,3#1"));
  EXPECT_EQ(read("0 0 1 * 0-6,6#3").weekdays_of_month[6], 1 << 3);  // A whole week may stand there.
  for (const char* text : {"0 0 * * 1#0", "0 0 * * 1#6", "0 0 * * 1-5#1", "0 0 * * L8", "0 0 * * L",
                           "0 0 * * 1#1/2", "0 0 * * jan#1", "0 0 * * 2,1#1"})
    EXPECT_EQ(refusal(text), ErrorKind::malformed) << text;
}

TEST(CronFields, AllDaysOfTheWeekAreAStarUnlessTheDayOfTheMonthIsRestricted) {
  EXPECT_TRUE(read("0 0 * * 0-6").any_day_of_week);
  EXPECT_FALSE(read("0 0 1 * 0-6").any_day_of_week);
  EXPECT_TRUE(read("0 0 1-31 * *").any_day_of_month);
  EXPECT_TRUE(read("0 0 1-31 * */2").any_day_of_month);
  EXPECT_FALSE(read("0 0 1-31 * 1,3").any_day_of_month);
}

TEST(CronFields, CroniterKnowsAliases) {
  EXPECT_EQ(read("@yearly"), read("0 0 1 1 *"));
  EXPECT_EQ(read("@MIDNIGHT"), read("0 0 * * *"));
  EXPECT_EQ(read("@weekly"), read("0 0 * * 0"));
  EXPECT_EQ(refusal("@reboot"), ErrorKind::malformed);
  EXPECT_EQ(refusal(" @daily"), ErrorKind::malformed);
}

TEST(CronFields, FieldsAreSplitWherePythonSplits) {
  EXPECT_EQ(read("\t0  12 \v* *\n*\r\n"), read("0 12 * * *"));
  // A no-break space, an em space and an ideographic one.
  EXPECT_EQ(read("0\xc2\xa0"
                 "12\xe2\x80\x83*\xe3\x80\x80* *"),
            read("0 12 * * *"));
  EXPECT_EQ(refusal("0 12 * *\xe2\x80\x8b *"),
            ErrorKind::malformed);  // A zero width space is none.
}

TEST(CronFields, OtherFieldsThanFiveAreRefusedWithAReason) {
  EXPECT_EQ(refusal("0 0 * * * 30"), ErrorKind::rejected);
  EXPECT_EQ(refusal("0 0 * * * 30 2030"), ErrorKind::rejected);
  EXPECT_EQ(refusal("r * * * *"), ErrorKind::rejected);
  EXPECT_EQ(refusal("* R(0-3)/2 * * *"), ErrorKind::rejected);
  const auto six = read_cron_fields("0 0 * * * 30");
  EXPECT_EQ(to_string(six.error()),
            "'0 0 * * * 30' is not followed: it has 6 fields; use five fields: minute hour day "
            "month weekday");
}

TEST(CronFields, WhatCroniterRefusesIsMalformed) {
  for (const char* text : {"",
                           " ",
                           "*",
                           "* * * *",
                           "60 * * * *",
                           "* 24 * * *",
                           "* * 0 * *",
                           "* * 32 * *",
                           "* * * 13 *",
                           "* * * 0 *",
                           "* * * * 8",
                           "*/0 * * * *",
                           "5-1/0 * * * *",
                           "1, * * * *",
                           ",1 * * * *",
                           "1,,2 * * * *",
                           "-1 * * * *",
                           "1- * * * *",
                           "1-2-3 * * * *",
                           "*-5 * * * *",
                           "1/2/3 * * * *",
                           "1_0 * * * *",
                           "1.5 * * * *",
                           "+1 * * * *",
                           "* * L/2 * *",
                           "* * L-5 * *",
                           "* * last * *",
                           "* * 0-5 * *",
                           "* * * janu *",
                           "* * * * mo",
                           "L * * * *",
                           "* * * L *",
                           "\xd9\xa5 * * * *",
                           "* * * * \xff",
                           "** * * * *"})
    EXPECT_EQ(refusal(text), ErrorKind::malformed) << text;
  using namespace std::string_view_literals;
  EXPECT_EQ(refusal("0 0 * * *\0"sv), ErrorKind::malformed);
}

TEST(CronFields, AHostileTextLeavesNoBytesOfItsOwnInTheMessage) {
  EXPECT_EQ(to_string(read_cron_fields("0 0 *\x1b[2J\n\xff *").error()),
            "'0 0 *?[2J?? *' is not a cron expression: '*?[2j' is not possible as field 3");
}

TEST(CronFields, AnEndlessTextIsRefusedUnread) {
  EXPECT_EQ(refusal(std::string(1'000'000, '*')), ErrorKind::malformed);
  EXPECT_EQ(refusal(std::string(257, ' ')), ErrorKind::malformed);
  EXPECT_EQ(refusal(std::string(128, '\xe2')), ErrorKind::malformed);
  const auto endless = read_cron_fields(std::string(1'000'000, '5'));
  EXPECT_LT(endless.error().message.size(), 100);
}

}  // namespace
}  // namespace walpulse::monitor
