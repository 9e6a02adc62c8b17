#include "monitor/schedule/cron.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <functional>

namespace walpulse::monitor {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year_month;
using std::chrono::year_month_day;
using Minute = std::chrono::sys_time<minutes>;

/// croniter's, which Mage leaves as it is.
constexpr std::chrono::years kYearsBetweenMatches{50};
constexpr year_month kFirstMonth = std::chrono::year(1) / 1;
constexpr year_month kLastMonth = std::chrono::year(9999) / 12;

/// Days of one month: bit n is the day n.
using DaySet = std::uint64_t;

enum class DayRule {
  both,        ///< The day of the month and the day of the week.
  by_month,    ///< Of an OR, the day of the month.
  by_weekday,  ///< Of an OR, the day of the week.
};

constexpr std::uint64_t bits_from(unsigned low) { return ~std::uint64_t{0} << low; }
constexpr std::uint64_t bits_to(unsigned high) { return ~(bits_from(high) << 1); }
unsigned lowest(std::uint64_t set) { return static_cast<unsigned>(std::countr_zero(set)); }
unsigned highest(std::uint64_t set) { return static_cast<unsigned>(std::bit_width(set)) - 1; }

unsigned length_of(year_month month) {
  return static_cast<unsigned>((month / std::chrono::last).day());
}

/// Of one day of the week, those of its dates in a month that `which` names (`5#2`, `L5`).
DaySet dates_named(DaySet dates, std::uint8_t which) {
  DaySet named = which & CronField::kLastOfMonth ? DaySet{1} << highest(dates) : 0;
  for (unsigned n = 1; dates != 0; ++n, dates &= dates - 1)
    if (which >> n & 1U) named |= DaySet{1} << lowest(dates);
  return named;
}

DaySet by_weekday(const CronFields& fields, year_month month, DaySet all) {
  if (!fields.has_weekdays_of_month && fields.any_day_of_week) return all;
  const unsigned first = std::chrono::weekday(sys_days(month / 1)).c_encoding();
  DaySet chosen = 0;
  for (unsigned weekday = 0; weekday < 7; ++weekday) {
    const unsigned date = 1 + (weekday + 7 - first) % 7;
    constexpr DaySet kEverySeventh = 1 | 1ULL << 7 | 1ULL << 14 | 1ULL << 21 | 1ULL << 28;
    const DaySet dates = kEverySeventh << date & all;
    if (fields.has_weekdays_of_month)
      chosen |= dates_named(dates, fields.weekdays_of_month[weekday]);
    else if (fields.days_of_week >> weekday & 1U)
      chosen |= dates;
  }
  return chosen;
}

DaySet days_in(const CronFields& fields, DayRule rule, year_month month) {
  if ((fields.months >> static_cast<unsigned>(month.month()) & 1U) == 0) return 0;
  const unsigned length = length_of(month);
  const DaySet all = bits_from(1) & bits_to(length);
  DaySet dates = fields.any_day_of_month ? all : fields.days_of_month & all;
  if (fields.last_day_of_month) dates |= DaySet{1} << length;
  switch (rule) {
    case DayRule::both:
      return dates & by_weekday(fields, month, all);
    case DayRule::by_month:
      // croniter keeps days like 5#2 in this half as well.
      return fields.has_weekdays_of_month ? dates & by_weekday(fields, month, all) : dates;
    case DayRule::by_weekday:
      return by_weekday(fields, month, all);
  }
  return 0;
}

Minute at(year_month month, unsigned date, unsigned hour, unsigned minute) {
  return sys_days(month / static_cast<int>(date)) + std::chrono::hours(hour) + minutes(minute);
}

/// Where an instant stands: its month, day and minute of the day.
struct Place {
  explicit Place(Minute instant) {
    const sys_days day = std::chrono::floor<days>(instant);
    const year_month_day civil(day);
    month = civil.year() / civil.month();
    date = static_cast<unsigned>(civil.day());
    const auto within = static_cast<unsigned>((instant - day).count());
    hour = within / 60;
    minute = within % 60;
  }

  year_month month;
  unsigned date;
  unsigned hour;
  unsigned minute;
};

/// The first instant at or after `start`.
std::optional<Minute> search_on(const CronFields& fields, DayRule rule, Minute start) {
  const Place from(start);
  const year_month end = std::min((from.month.year() + kYearsBetweenMatches) / 12, kLastMonth);
  const auto on = [&](year_month month, DaySet dates) -> std::optional<Minute> {
    if (dates == 0) return std::nullopt;
    return at(month, lowest(dates), lowest(fields.hours), lowest(fields.minutes));
  };
  DaySet dates = days_in(fields, rule, from.month) & bits_from(from.date);
  if (dates >> from.date & 1U) {
    std::uint64_t hours = fields.hours & bits_from(from.hour);
    if (hours >> from.hour & 1U) {
      if (const std::uint64_t later = fields.minutes & bits_from(from.minute); later != 0)
        return at(from.month, from.date, from.hour, lowest(later));
      hours &= bits_from(from.hour + 1);
    }
    if (hours != 0) return at(from.month, from.date, lowest(hours), lowest(fields.minutes));
    dates &= bits_from(from.date + 1);
  }
  auto found = on(from.month, dates);
  for (year_month month = from.month; !found && month < end;) {
    month += months(1);
    found = on(month, days_in(fields, rule, month));
  }
  return found;
}

/// The last instant at or before `start`.
std::optional<Minute> search_back(const CronFields& fields, DayRule rule, Minute start) {
  const Place from(start);
  const year_month end = std::max((from.month.year() - kYearsBetweenMatches) / 1, kFirstMonth);
  const auto on = [&](year_month month, DaySet dates) -> std::optional<Minute> {
    if (dates == 0) return std::nullopt;
    return at(month, highest(dates), highest(fields.hours), highest(fields.minutes));
  };
  DaySet dates = days_in(fields, rule, from.month) & bits_to(from.date);
  if (dates >> from.date & 1U) {
    std::uint64_t hours = fields.hours & bits_to(from.hour);
    if (hours >> from.hour & 1U) {
      if (const std::uint64_t earlier = fields.minutes & bits_to(from.minute); earlier != 0)
        return at(from.month, from.date, from.hour, highest(earlier));
      hours &= ~(std::uint64_t{1} << from.hour);
    }
    if (hours != 0) return at(from.month, from.date, highest(hours), highest(fields.minutes));
    dates &= ~(DaySet{1} << from.date);
  }
  auto found = on(from.month, dates);
  for (year_month month = from.month; !found && month > end;) {
    month -= months(1);
    found = on(month, days_in(fields, rule, month));
  }
  return found;
}

bool within_calendar(Timestamp instant) {
  return instant >= sys_days(kFirstMonth / 1) + days(1) &&
         instant < sys_days(kLastMonth / std::chrono::last);
}

/// Searches by `search`; of an OR, both halves, of which `nearer` chooses.
template <class Search, class Nearer>
std::optional<Timestamp> fires(const CronFields& fields, Minute start, Search search,
                               Nearer nearer) {
  if (fields.any_day_of_month || fields.any_day_of_week)
    return search(fields, DayRule::both, start);
  const auto one = search(fields, DayRule::by_month, start);
  const auto other = search(fields, DayRule::by_weekday, start);
  if (!one || !other) return std::nullopt;
  return nearer(*one, *other) ? one : other;
}

}  // namespace

Result<CronExpression> CronExpression::parse(std::string_view text) {
  return read_cron_fields(text).map(
      [](const CronFields& fields) { return CronExpression(fields); });
}

std::optional<Timestamp> CronExpression::next(Timestamp instant) const {
  if (!within_calendar(instant)) return std::nullopt;
  const Minute start = std::chrono::floor<minutes>(instant) + minutes(1);
  return fires(fields_, start, search_on, std::less<>());
}

std::optional<Timestamp> CronExpression::previous(Timestamp instant) const {
  if (!within_calendar(instant)) return std::nullopt;
  const Minute start = std::chrono::ceil<minutes>(instant) - minutes(1);
  return fires(fields_, start, search_back, std::greater<>());
}

}  // namespace walpulse::monitor
