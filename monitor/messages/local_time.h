#pragma once

#include <string>

#include "decoder/base/timestamp.h"
#include "monitor/rules/time_zone.h"

namespace walpulse::monitor::messages {

/// Instants as people of a time zone read them at `now`. A value, small.
class LocalTime {
 public:
  LocalTime(rules::TimeZone zone, Timestamp now) : zone_(std::move(zone)), now_(now) {}

  /// "02:04" today, "yesterday 02:11", "tomorrow 02:00", "26 Nov 02:00", "26 Nov 2025 02:00" in
  /// another year; "ever" for the infinities.
  std::string at(Timestamp instant) const;
  /// "02:04 Lisbon".
  std::string at_place(Timestamp instant) const { return at(instant) + ' ' + place(); }
  /// "02:00-02:04"; both days where they differ.
  std::string span(Timestamp from, Timestamp until) const;
  /// The city of the zone, or its name: "Lisbon", "UTC".
  std::string place() const;

 private:
  rules::TimeZone zone_;
  Timestamp now_;
};

}  // namespace walpulse::monitor::messages
