#include "monitor/rules/deadline.h"

#include <algorithm>
#include <span>

#include "monitor/rules/week_words.h"

namespace walpulse::rules {
namespace {

using LocalDay = std::chrono::local_days;

/// A week, the day itself, and two for zones that left out a day.
constexpr int kDaysAround = 10;

Timestamp within_bounds(Timestamp instant) {
  using namespace std::chrono;
  constexpr Timestamp kFirst = sys_days(year(1900) / 1 / 1);
  constexpr Timestamp kLast = sys_days(year(9999) / 12 / 1);
  return std::clamp(instant, kFirst, kLast);
}

LocalDay local_day(const TimeZone& zone, Timestamp instant) {
  return std::chrono::floor<std::chrono::days>(
      zone.to_local(std::chrono::floor<std::chrono::seconds>(instant)));
}

/// The minutes of one day out of those of the week.
std::span<const std::uint16_t> minutes_of(const WeeklyTimes& times, LocalDay day) {
  const int begin = static_cast<int>(std::chrono::weekday(day).iso_encoding() - 1) * kMinutesOfDay;
  const auto& all = times.minutes();
  return {std::ranges::lower_bound(all, begin),
          std::ranges::lower_bound(all, begin + kMinutesOfDay)};
}

Timestamp instant_of(const TimeZone& zone, LocalDay day, std::uint16_t minute_of_week) {
  return zone.to_utc(day + std::chrono::minutes(minute_of_week % kMinutesOfDay));
}

}  // namespace

// Later local times never come earlier in UTC, as to_utc() reads them: the first that fits is it.

Timestamp previous_deadline(const WeeklyTimes& times, const TimeZone& zone, Timestamp instant) {
  instant = within_bounds(instant);
  const LocalDay today = local_day(zone, instant);
  for (int back = -1; back < kDaysAround; ++back) {
    const LocalDay day = today - std::chrono::days(back);
    const auto minutes = minutes_of(times, day);
    for (auto minute = minutes.rbegin(); minute != minutes.rend(); ++minute) {
      const Timestamp deadline = instant_of(zone, day, *minute);
      if (deadline <= instant) return deadline;
    }
  }
  return kMinusInfinity;
}

Timestamp next_deadline(const WeeklyTimes& times, const TimeZone& zone, Timestamp instant) {
  instant = within_bounds(instant);
  const LocalDay today = local_day(zone, instant);
  for (int on = -1; on < kDaysAround; ++on) {
    const LocalDay day = today + std::chrono::days(on);
    for (const std::uint16_t minute : minutes_of(times, day)) {
      const Timestamp deadline = instant_of(zone, day, minute);
      if (deadline > instant) return deadline;
    }
  }
  return kInfinity;
}

}  // namespace walpulse::rules
