#include "monitor/schedule/recurrence.h"

#include <algorithm>
#include <array>

namespace walpulse::monitor {
namespace {

using std::chrono::days;
using std::chrono::seconds;

/// How far into its hour, day, week or month an instant lies.
seconds into_hour(Timestamp instant) {
  return std::chrono::floor<seconds>(instant - std::chrono::floor<std::chrono::hours>(instant));
}
seconds into_day(Timestamp instant) {
  return std::chrono::floor<seconds>(instant - std::chrono::floor<days>(instant));
}
seconds into_week(Timestamp instant) {
  const std::chrono::weekday weekday(std::chrono::floor<days>(instant));
  return into_day(instant) + days(weekday.iso_encoding() - 1);
}
seconds into_month(Timestamp instant) {
  const std::chrono::year_month_day civil(std::chrono::floor<days>(instant));
  return into_day(instant) + days(static_cast<unsigned>(civil.day()) - 1);
}

struct NamedInterval {
  std::string_view name;
  std::string_view periods;
  seconds (*into)(Timestamp);
};
constexpr std::array<NamedInterval, 4> kNamedIntervals{{{"@hourly", "0 * * * *", into_hour},
                                                        {"@daily", "0 0 * * *", into_day},
                                                        {"@weekly", "0 0 * * 1", into_week},
                                                        {"@monthly", "0 0 1 * *", into_month}}};

}  // namespace

Result<std::optional<Recurrence>> Recurrence::read(std::string_view interval,
                                                   std::optional<Timestamp> landing_start_time) {
  if (interval == "@once" || interval == "@always_on") return std::nullopt;
  std::string_view periods = interval;
  seconds shift{0};
  for (const NamedInterval& named : kNamedIntervals) {
    if (interval != named.name) continue;
    periods = named.periods;
    // PostgreSQL's -infinity lies before the first whole day that a clock can count.
    if (landing_start_time && *landing_start_time > kMinusInfinity + days(1))
      shift = named.into(*landing_start_time);
  }
  const auto cron = CronExpression::parse(periods);
  if (!cron) return forward(cron);
  return Recurrence(*cron, shift);
}

bool Recurrence::within_its_period(Timestamp period) const {
  return shift_ == seconds(0) || period + shift_ < closes(period + shift_);
}

std::optional<Timestamp> Recurrence::next(Timestamp instant) const {
  auto period = periods_.next(std::max(instant, kMinusInfinity + shift_) - shift_);
  while (period && !within_its_period(*period)) period = periods_.next(*period);
  if (!period) return std::nullopt;
  return *period + shift_;
}

std::optional<Timestamp> Recurrence::previous(Timestamp instant) const {
  auto period = periods_.previous(std::max(instant, kMinusInfinity + shift_) - shift_);
  while (period && !within_its_period(*period)) period = periods_.previous(*period);
  if (!period) return std::nullopt;
  return *period + shift_;
}

Timestamp Recurrence::closes(Timestamp slot) const {
  return periods_.next(slot - shift_).value_or(kInfinity);
}

}  // namespace walpulse::monitor
