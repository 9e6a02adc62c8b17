#pragma once

#include <chrono>
#include <string>

#include "decoder/base/result.h"

namespace date {
class time_zone;
}

namespace walpulse::rules {

/// A time zone of the IANA database as this machine has it (Debian: tzdata). Small, to be copied;
/// all threads may use one.
///
/// The library reads the changes that the files list, which end with 2037 in Debian's files: later
/// instants have the offset of that winter.
class TimeZone {
 public:
  /// UTC, which needs no database.
  TimeZone() = default;

  /// "Europe/Lisbon", "UTC". Rejected where there is none of that name, with the name that was
  /// probably meant; unavailable where the machine has no database.
  static Result<TimeZone> named(const std::string& name);

  const std::string& name() const { return name_; }

  std::chrono::local_seconds to_local(std::chrono::sys_seconds instant) const;

  /// A local time that clocks pass over (spring) is the instant of their change, the first moment
  /// that exists after it. One that clocks show twice (autumn) is the first of the two: people are
  /// told sooner.
  std::chrono::sys_seconds to_utc(std::chrono::local_seconds local) const;

 private:
  TimeZone(std::string name, const date::time_zone* zone) : name_(std::move(name)), zone_(zone) {}

  std::string name_ = "UTC";
  const date::time_zone* zone_ = nullptr;  ///< Null for UTC; lives as long as the program.
};

}  // namespace walpulse::rules
