#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "monitor/schedule/cron.h"
#include "tests/monitor/schedule/instants.h"

/// What fires against a plain reading of the fields, minute by minute and day by day.
namespace walpulse::monitor {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year_month_day;
using Random = std::mt19937_64;

std::string any_of(Random& random, const std::vector<std::string>& texts) {
  return texts[random() % texts.size()];
}

std::string any_expression(Random& random) {
  return any_of(random, {"*", "0", "5,35", "*/7", "50-10/5"}) + ' ' +
         any_of(random, {"*", "0", "23", "9-17", "22-3", "*/5"}) + ' ' +
         any_of(random, {"*", "*", "?", "1", "29", "31", "L", "1,31", "*/10", "30,L", "15-20"}) +
         ' ' + any_of(random, {"*", "*", "2", "1-3", "nov-feb", "*/5", "4,6,9"}) + ' ' +
         any_of(random, {"*", "*", "?", "mon", "0-6", "fri-mon", "L5", "1#1", "3#5", "2#2,L2"});
}

bool has(std::uint64_t set, unsigned value) { return (set >> value & 1U) != 0; }

bool fires_on(const CronFields& fields, sys_days day) {
  const year_month_day date(day);
  const bool last = year_month_day(day + days(1)).month() != date.month();
  const auto number = static_cast<unsigned>(date.day());
  if (!has(fields.months, static_cast<unsigned>(date.month()))) return false;
  const bool by_month = fields.any_day_of_month || has(fields.days_of_month, number) ||
                        (fields.last_day_of_month && last);
  const unsigned weekday = std::chrono::weekday(day).c_encoding();
  const std::uint8_t which = fields.weekdays_of_month[weekday];
  const bool last_such = year_month_day(day + days(7)).month() != date.month();
  const bool by_weekday = fields.has_weekdays_of_month
                              ? has(which, (number - 1) / 7 + 1) ||
                                    ((which & CronField::kLastOfMonth) != 0 && last_such)
                              : fields.any_day_of_week || has(fields.days_of_week, weekday);
  if (fields.has_weekdays_of_month) {
    const bool either = !fields.any_day_of_month && !fields.any_day_of_week;
    return by_weekday && (either || by_month);
  }
  return fields.any_day_of_month || fields.any_day_of_week ? by_month && by_weekday
                                                           : by_month || by_weekday;
}

bool fires_at(const CronFields& fields, Timestamp instant) {
  const sys_days day = std::chrono::floor<days>(instant);
  const auto minute =
      static_cast<unsigned>(std::chrono::floor<minutes>(instant - Timestamp(day)).count());
  return std::chrono::floor<minutes>(instant) == instant && has(fields.minutes, minute % 60) &&
         has(fields.hours, minute / 60) && fires_on(fields, day);
}

Timestamp any_instant(Random& random) {
  const Timestamp begin = utc("1990-01-01 00:00");
  const auto minute = minutes(random() % (80ULL * 366 * 1440));
  return begin + minute + std::chrono::microseconds(random() % 3 * (random() % 60'000'000));
}

/// Whether something fires strictly between two instants: whole days are looked at as days.
bool fires_between(const CronFields& fields, Timestamp after, Timestamp before) {
  Timestamp at = std::chrono::floor<minutes>(after) + minutes(1);
  while (at < before) {
    const sys_days day = std::chrono::floor<days>(at);
    if (!fires_on(fields, day))
      at = day + days(1);
    else if (fires_at(fields, at))
      return true;
    else
      at += minutes(1);
  }
  return false;
}

RC_GTEST_PROP(CronExpressionProperty, NothingFiresBetweenAnInstantAndItsNeighbours, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const std::string text = any_expression(random);
  const auto fields = read_cron_fields(text);
  RC_ASSERT(fields.has_value());
  const auto cron = *CronExpression::parse(text);
  const Timestamp instant = any_instant(random);
  RC_LOG() << text << " at " << to_rfc3339(instant) << '\n';

  const auto next = cron.next(instant);
  const auto previous = cron.previous(instant);
  // Nothing fires where one half of an OR never would: no plain reading tells that.
  if (fields->any_day_of_month || fields->any_day_of_week || (next && previous)) {
    constexpr days kFarEnough{5 * 366};
    RC_ASSERT(!fires_between(*fields, instant, next.value_or(instant + kFarEnough)));
    RC_ASSERT(!fires_between(*fields, previous.value_or(instant - kFarEnough), instant));
  }
  if (next) {
    RC_ASSERT(*next > instant);
    RC_ASSERT(fires_at(*fields, *next));
    RC_ASSERT(cron.previous(*next + std::chrono::microseconds(1)) == next);
  }
  if (previous) {
    RC_ASSERT(*previous < instant);
    RC_ASSERT(fires_at(*fields, *previous));
    RC_ASSERT(cron.next(*previous - std::chrono::microseconds(1)) == previous);
  }
}

RC_GTEST_PROP(CronExpressionProperty, AnyTextIsAnsweredOrRefused, ()) {
  static const std::string kAlphabet =
      "0123456789*/,-#?LlHhRr@ \t_&\xc2\xa0"
      "monjan";
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  std::string text = any_expression(random);
  for (auto n = random() % 6; n > 0; --n)
    text[random() % text.size()] = kAlphabet[random() % kAlphabet.size()];
  const auto cron = CronExpression::parse(text);
  if (!cron) return;
  const auto next = cron->next(any_instant(random));
  if (next) RC_ASSERT(fires_at(*read_cron_fields(text), *next));
}

}  // namespace
}  // namespace walpulse::monitor
