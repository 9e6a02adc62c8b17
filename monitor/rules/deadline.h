#pragma once

#include "decoder/base/timestamp.h"
#include "monitor/rules/time_zone.h"
#include "monitor/rules/weekly_times.h"

namespace walpulse::rules {

/// The deadlines of `done_by` around an instant, by the clocks of a time zone; what
/// TimeZone::to_utc says of the two changes of a year holds. Every deadline is the previous one of
/// itself. Instants before 1900 and from December 9999 on are taken as the nearest that is not.
///
/// Two local times that clocks pass over at once are one deadline.
Timestamp previous_deadline(const WeeklyTimes& times, const TimeZone& zone, Timestamp instant);
/// The first deadline after the instant.
Timestamp next_deadline(const WeeklyTimes& times, const TimeZone& zone, Timestamp instant);

}  // namespace walpulse::rules
