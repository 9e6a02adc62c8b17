#include "monitor/schedule/cron.h"

#include <gtest/gtest.h>

#include "tests/monitor/schedule/instants.h"

namespace walpulse::monitor {
namespace {

struct Row {
  const char* cron;
  const char* at;
  const char* next;
  const char* previous;
};

/// croniter's answers, but for those of the last block.
constexpr Row kRows[]{
    // Strictly after, strictly before.
    {"* * * * *", "2026-11-28 12:00", "2026-11-28 12:01", "2026-11-28 11:59"},
    {"* * * * *", "2026-11-28 12:00:30", "2026-11-28 12:01", "2026-11-28 12:00"},
    {"0 * * * *", "2026-11-28 12:00", "2026-11-28 13:00", "2026-11-28 11:00"},
    {"*/15 9-17 * * mon-fri", "2026-11-27 17:45", "2026-11-30 09:00", "2026-11-27 17:30"},
    {"*/15 9-17 * * mon-fri", "2026-11-30 09:07", "2026-11-30 09:15", "2026-11-30 09:00"},
    {"30 6,18 * * *", "2026-11-28 07:00", "2026-11-28 18:30", "2026-11-28 06:30"},
    {"50/5 22-2 * * *", "2026-11-28 02:55", "2026-11-28 22:50", "2026-11-28 02:50"},

    // Ends of years, of months, of centuries.
    {"59 23 31 12 *", "2026-12-31 23:59", "2027-12-31 23:59", "2025-12-31 23:59"},
    {"0 0 1 1 *", "2026-12-31 23:59:59", "2027-01-01 00:00", "2026-01-01 00:00"},
    {"0 0 31 * *", "2026-04-15 00:00", "2026-05-31 00:00", "2026-03-31 00:00"},
    {"0 0 30 * *", "2026-02-15 00:00", "2026-03-30 00:00", "2026-01-30 00:00"},
    {"0 0 29 2 *", "2026-11-28 00:00", "2028-02-29 00:00", "2024-02-29 00:00"},
    {"0 0 29 2 *", "2097-01-01 00:00", "2104-02-29 00:00", "2096-02-29 00:00"},
    {"0 0 29 2 *", "1999-01-01 00:00", "2000-02-29 00:00", "1996-02-29 00:00"},
    {"0 0 * nov-feb *", "2026-06-01 00:00", "2026-11-01 00:00", "2026-02-28 00:00"},
    {"0 0 * * *", "1970-01-01 00:00", "1970-01-02 00:00", "1969-12-31 00:00"},

    // The last day of the month.
    {"0 0 L * *", "2028-02-10 00:00", "2028-02-29 00:00", "2028-01-31 00:00"},
    {"0 0 L * *", "2026-02-28 00:00", "2026-03-31 00:00", "2026-01-31 00:00"},
    {"0 0 15,L 2 *", "2026-02-15 00:00", "2026-02-28 00:00", "2025-02-28 00:00"},
    {"0 0 29-L * *", "2026-03-01 00:00", "2026-03-29 00:00", "2026-01-31 00:00"},

    // Days of the week of a month.
    {"0 0 * * 1#1", "2026-11-28 00:00", "2026-12-07 00:00", "2026-11-02 00:00"},
    {"0 0 * * sun#5", "2026-11-28 00:00", "2026-11-29 00:00", "2026-08-30 00:00"},
    {"0 0 * * L5", "2026-11-28 00:00", "2026-12-25 00:00", "2026-11-27 00:00"},
    {"0 0 * 2 L0", "2026-11-28 00:00", "2027-02-28 00:00", "2026-02-22 00:00"},
    {"0 0 * * mon-wed#1", "2026-11-28 00:00", "2026-12-01 00:00", "2026-11-04 00:00"},
    {"0 0 15 * 0-6,sat#3", "2026-11-28 00:00", "2026-12-19 00:00", "2026-11-21 00:00"},
    {"0 0 * * *,1#2", "2026-11-28 00:00", "2026-12-14 00:00", "2026-11-09 00:00"},

    // A day of the month or a day of the week; with a star, both.
    {"0 0 1,15 * mon", "2026-11-28 00:00", "2026-11-30 00:00", "2026-11-23 00:00"},
    {"0 0 1 * mon", "2026-11-30 00:00", "2026-12-01 00:00", "2026-11-23 00:00"},
    {"0 0 1 * 0-6", "2026-11-28 00:00", "2026-11-29 00:00", "2026-11-27 00:00"},
    {"0 0 */2 * mon", "2026-11-25 00:00", "2026-11-27 00:00", "2026-11-23 00:00"},
    {"0 0 *,13 * fri", "2026-11-28 00:00", "2026-12-04 00:00", "2026-11-27 00:00"},
    {"0 0 1 * 1#1", "2026-11-28 00:00", "2026-12-07 00:00", "2026-11-02 00:00"},

    // Never, or once in 28 years.
    {"0 0 30 2 *", "2026-11-28 00:00", "none", "none"},
    {"0 0 31 4,6,9,11 *", "2026-11-28 00:00", "none", "none"},
    {"0 0 30 2 mon", "2026-11-28 00:00", "none", "none"},
    {"0 0 15 * 1#1", "2026-11-28 00:00", "none", "none"},
    {"0 0 29 2 1#5", "2026-11-28 00:00", "2044-02-29 00:00", "2016-02-29 00:00"},

    // What croniter passes over.
    {"0 0 */10 * *", "2026-02-22 00:00", "2026-03-01 00:00", "2026-02-21 00:00"},
    {"0 0 31,L * *", "2026-04-05 00:00", "2026-04-30 00:00", "2026-03-31 00:00"},
    {"0 0 29 * *", "2024-03-10 00:00", "2024-03-29 00:00", "2024-02-29 00:00"},
};

TEST(CronExpression, FiresNextAndBefore) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::string(row.cron) + " at " + row.at);
    const auto cron = CronExpression::parse(row.cron);
    ASSERT_TRUE(cron.has_value());
    EXPECT_EQ(shown(cron->next(utc(row.at))), row.next);
    EXPECT_EQ(shown(cron->previous(utc(row.at))), row.previous);
  }
}

TEST(CronExpression, APartOfASecondIsLaterThanTheMinute) {
  const auto cron = *CronExpression::parse("* * * * *");
  constexpr std::chrono::microseconds kOne{1};
  const Timestamp noon = utc("2026-11-28 12:00");
  EXPECT_EQ(cron.previous(noon + kOne), noon);
  EXPECT_EQ(cron.next(noon - kOne), noon);
  EXPECT_EQ(cron.next(noon + kOne), noon + std::chrono::minutes(1));
}

TEST(CronExpression, OutsideTheCalendarNothingFires) {
  const auto cron = *CronExpression::parse("0 0 * * *");
  for (const Timestamp instant : {kInfinity, kMinusInfinity, kInfinity - std::chrono::hours(1),
                                  utc("0001-01-01 00:00") - std::chrono::days(400)}) {
    EXPECT_EQ(cron.next(instant), std::nullopt);
    EXPECT_EQ(cron.previous(instant), std::nullopt);
  }
  EXPECT_EQ(shown(CronExpression::parse("0 0 29 2 *")->next(utc("9998-01-01 00:00"))), "none");
}

TEST(CronExpression, ARefusalIsHandedOn) {
  EXPECT_EQ(CronExpression::parse("* * *").error().kind, ErrorKind::malformed);
}

}  // namespace
}  // namespace walpulse::monitor
