#include "monitor/rules/time_zone.h"

#include <date/tz.h>

#include <exception>
#include <string_view>
#include <vector>

#include "monitor/rules/mistake.h"
#include "publisher/config/nearest.h"

namespace walpulse::rules {
namespace {

/// Kinds of the same zones with leap seconds, or without, and the machine's own, which is another
/// on every machine: nobody means them.
bool is_not_meant(std::string_view name) {
  return name.starts_with("right/") || name.starts_with("posix/") || name == "localtime";
}

tl::unexpected<Error> unknown_zone(const std::string& name, const date::tzdb& database) {
  std::vector<std::string_view> known;
  for (const date::time_zone& zone : database.zones) {
    if (!is_not_meant(zone.name())) known.push_back(zone.name());
  }
  const std::string meant(config::nearest(name, known));
  return fail(ErrorKind::rejected, in_quotes(name) + " is not a time zone" +
                                       (meant.empty() ? "" : "; did you mean " + meant + "?"));
}

}  // namespace

Result<TimeZone> TimeZone::named(const std::string& name) {
  if (name == "UTC") return TimeZone();
  try {
    const date::tzdb& database = date::get_tzdb();
    for (const date::time_zone& zone : database.zones) {
      if (zone.name() != name || is_not_meant(name)) continue;
      zone.get_info(date::sys_seconds{});  // its file is read now, and errors are seen here
      return TimeZone(name, &zone);
    }
    return unknown_zone(name, database);
  } catch (const std::exception&) {
    return fail(ErrorKind::unavailable,
                "this machine's time zones cannot be read (Debian's package tzdata): only UTC is "
                "known");
  }
}

std::chrono::local_seconds TimeZone::to_local(std::chrono::sys_seconds instant) const {
  std::chrono::seconds offset{0};
  if (zone_ != nullptr) offset = zone_->get_info(instant).offset;
  return std::chrono::local_seconds(instant.time_since_epoch() + offset);
}

std::chrono::sys_seconds TimeZone::to_utc(std::chrono::local_seconds local) const {
  if (zone_ == nullptr) return std::chrono::sys_seconds(local.time_since_epoch());
  const date::local_info info = zone_->get_info(date::local_seconds(local.time_since_epoch()));
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return std::chrono::sys_seconds(local.time_since_epoch() - info.first.offset);
}

}  // namespace walpulse::rules
