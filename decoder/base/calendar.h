#pragma once

#include <chrono>
#include <cstdint>

/// The proleptic Gregorian calendar over PostgreSQL's whole range: std::chrono's own years end at
/// 32767, PostgreSQL's at 294276. The calendar repeats every 400 years, so std::chrono still does
/// the work, for the years 2000 to 2399.
namespace walpulse::calendar {

inline constexpr std::int64_t kEraYears = 400;
inline constexpr std::int64_t kEraDays = 146'097;

/// `year` is astronomical: 0 is 1 BC.
struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

inline std::chrono::year_month_day within_era(const Date& date) {
  const std::int64_t year = date.year - floor_divide(date.year, kEraYears) * kEraYears;
  return std::chrono::year(static_cast<int>(2000 + year)) / std::chrono::month(date.month) /
         std::chrono::day(date.day);
}

inline bool is_valid(const Date& date) { return within_era(date).ok(); }

/// Days since 1970-01-01 of a valid date.
inline std::int64_t days_since_epoch(const Date& date) {
  const std::int64_t eras = floor_divide(date.year, kEraYears) - 2000 / kEraYears;
  return std::chrono::sys_days(within_era(date)).time_since_epoch().count() + eras * kEraDays;
}

inline Date date_of(std::int64_t days) {
  using std::chrono::sys_days;
  constexpr sys_days kEraBegin = std::chrono::year(2000) / 1 / 1;
  const std::int64_t since = days - kEraBegin.time_since_epoch().count();
  const std::int64_t eras = floor_divide(since, kEraDays);
  const std::chrono::days rest{static_cast<int>(since - eras * kEraDays)};
  const std::chrono::year_month_day date{kEraBegin + rest};
  return {static_cast<int>(date.year()) + eras * kEraYears, static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day())};
}

}  // namespace walpulse::calendar
