#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/rules.h"

namespace walpulse::rules {

/// Where something is told, and when.
struct Route {
  std::string channel;  ///< Its name.
  std::string target;   ///< "#data-finance", "fin@example.com, data@example.com"; or empty.
  Duration first{0};    ///< Collected before a first message.
  Duration then{0};     ///< Between two messages.
  std::optional<Duration> repeat;    ///< Nothing: told once.
  std::optional<WeeklyHours> hours;  ///< Held until then, in the rules' zone; never of a page.
  Place place;                       ///< Of the first table that says so.
  bool operator==(const Route&) const = default;
};

/// Where a problem of this kind ("failing") is told: of all tables that match, else of those that
/// are otherwise; none where it is of severity record. Each channel and target is there once, at
/// the most urgent pace that a table gives it. `policy` is that of the subject.
std::vector<Route> routes_of(const Rules& rules, const Subject& subject, const Policy& policy,
                             Severity severity, std::string_view kind);

/// Every place where something of `source` may be told, whatever it is about. Left out is a place
/// that hangs on what that is (`#data-{team}`), and one that takes problems alone (PagerDuty).
std::vector<Route> routes_to_all(const Rules& rules, const std::string& source);

/// When the message about notices is due whose oldest was noted at `oldest`. `last_message` is when
/// the last one to that place was made; nothing: never. Pure.
Timestamp message_due(const Pace& pace, const TimeZone& zone, Timestamp oldest,
                      const std::optional<Timestamp>& last_message);

/// A route, and the kinds of problems that take it.
struct Told {
  Route route;
  std::vector<std::string> kinds;
  bool of_all_kinds = false;
};

/// Where problems of the policy's severity are told, of all kinds.
std::vector<Told> told_of(const Rules& rules, const Subject& subject, const Policy& policy);

/// Planned work: what is found meanwhile is shown, and not told.
struct Quiet {
  std::string reason;
  Timestamp until;  ///< kInfinity where the hours never end.
  Place place;
};

/// Of several that hold the one that ends last.
std::optional<Quiet> quiet_at(const Rules& rules, const Subject& subject, Timestamp instant);

}  // namespace walpulse::rules
