#include "monitor/schedule/recurrence.h"

#include <gtest/gtest.h>

#include "tests/monitor/schedule/instants.h"

namespace walpulse::monitor {
namespace {

std::optional<Recurrence> read(std::string_view interval,
                               std::optional<Timestamp> start_time = std::nullopt) {
  return Recurrence::read(interval, start_time).value();
}

TEST(Recurrence, MagesIntervalsAreRoundInUtcAndWeeksBeginOnMonday) {
  const Timestamp saturday = utc("2026-11-28 12:34:56");
  EXPECT_EQ(shown(read("@hourly")->next(saturday)), "2026-11-28 13:00");
  EXPECT_EQ(shown(read("@daily")->previous(saturday)), "2026-11-28 00:00");
  EXPECT_EQ(shown(read("@weekly")->next(saturday)), "2026-11-30 00:00");
  EXPECT_EQ(shown(read("@weekly")->previous(saturday)), "2026-11-23 00:00");
  EXPECT_EQ(shown(read("@monthly")->next(saturday)), "2026-12-01 00:00");
}

TEST(Recurrence, OtherAliasesAreCronitersAndItsWeekBeginsOnSunday) {
  const Timestamp saturday = utc("2026-11-28 12:34");
  EXPECT_EQ(shown(read("@midnight")->next(saturday)), "2026-11-29 00:00");
  EXPECT_EQ(shown(read("@WEEKLY")->next(saturday)), "2026-11-29 00:00");
  EXPECT_EQ(shown(read("@yearly")->next(saturday)), "2027-01-01 00:00");
}

TEST(Recurrence, OnceAndAlwaysOnHaveNoSlots) {
  EXPECT_EQ(Recurrence::read("@once", std::nullopt).value(), std::nullopt);
  EXPECT_EQ(Recurrence::read("@always_on", std::nullopt).value(), std::nullopt);
  EXPECT_EQ(Recurrence::read("@reboot", std::nullopt).error().kind, ErrorKind::malformed);
  EXPECT_EQ(Recurrence::read("* * * * * *", std::nullopt).error().kind, ErrorKind::rejected);
}

TEST(Recurrence, ASlotClosesWhenTheNextOneComes) {
  EXPECT_EQ(shown(read("0 9 * * mon-fri")->closes(utc("2026-11-27 09:00"))), "2026-11-30 09:00");
  EXPECT_EQ(shown(read("@daily")->closes(utc("2026-11-27 00:00"))), "2026-11-28 00:00");
}

TEST(Recurrence, ALandingTimeShiftsTheSlotWithinItsPeriodAndClosesItWithIt) {
  const Timestamp start = utc("2020-01-16 12:25:10");  // A Thursday, the 16th.
  const Timestamp at = utc("2026-11-28 12:00");
  EXPECT_EQ(shown(read("@hourly", start)->next(at)), "2026-11-28 12:25:10");
  EXPECT_EQ(shown(read("@hourly", start)->closes(utc("2026-11-28 12:25:10"))), "2026-11-28 13:00");
  EXPECT_EQ(shown(read("@daily", start)->next(at)), "2026-11-28 12:25:10");
  EXPECT_EQ(shown(read("@daily", start)->previous(at)), "2026-11-27 12:25:10");
  EXPECT_EQ(shown(read("@daily", start)->closes(utc("2026-11-28 12:25:10"))), "2026-11-29 00:00");
  EXPECT_EQ(shown(read("@weekly", start)->next(at)), "2026-12-03 12:25:10");
  EXPECT_EQ(shown(read("@weekly", start)->closes(utc("2026-12-03 12:25:10"))), "2026-12-07 00:00");
  EXPECT_EQ(shown(read("@monthly", start)->previous(at)), "2026-11-16 12:25:10");
  EXPECT_EQ(shown(read("@monthly", start)->closes(utc("2026-11-16 12:25:10"))), "2026-12-01 00:00");
}

TEST(Recurrence, CronExpressionsHaveNoLandingTime) {
  EXPECT_EQ(shown(read("0 3 * * *", utc("2020-01-16 12:25"))->next(utc("2026-11-28 12:00"))),
            "2026-11-29 03:00");
}

TEST(Recurrence, AMonthThatLacksTheLandingDayHasNoSlot) {
  const auto monthly = *read("@monthly", utc("2020-01-31 06:00"));
  EXPECT_EQ(shown(monthly.next(utc("2027-01-31 06:00"))), "2027-03-31 06:00");
  EXPECT_EQ(shown(monthly.previous(utc("2027-03-31 06:00"))), "2027-01-31 06:00");
}

TEST(Recurrence, InstantsWithoutACalendarHaveNoNeighbours) {
  const auto weekly = *read("@weekly", utc("2020-01-16 12:25"));
  for (const Timestamp instant : {kInfinity, kMinusInfinity}) {
    EXPECT_EQ(weekly.next(instant), std::nullopt);
    EXPECT_EQ(weekly.previous(instant), std::nullopt);
    EXPECT_TRUE(read("@monthly", instant).has_value());
  }
}

}  // namespace
}  // namespace walpulse::monitor
