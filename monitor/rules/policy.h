#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "monitor/problems/severity.h"
#include "monitor/rules/place.h"
#include "monitor/rules/weekly_times.h"

namespace walpulse::rules {

template <class T>
struct Placed {
  T value{};
  Place place = {};
};

/// What a rule says of a problem is what the problem has.
using monitor::Severity;

/// When a pipeline runs; where nothing is said, its triggers tell.
enum class RunMode : std::uint8_t { scheduled, on_demand, for_ever };

using Duration = std::chrono::milliseconds;
using Names = std::vector<std::string>;

/// What the rules come to for one subject, and where each value was written. Nothing in an
/// optional: this is not watched.
struct Policy {
  Placed<std::string> team, owner, runbook;  ///< Empty: nobody said.
  Placed<Severity> severity{Severity::notify};
  Placed<Names> per;  ///< Labels, or "trigger", whose failures belong together.
  Placed<std::optional<RunMode>> runs;
  Placed<std::optional<unsigned>> fail_after{1};  ///< Failed ends in a row before it is told.
  Placed<std::optional<Duration>> start_within{std::chrono::minutes(5)};  ///< After a slot.
  Placed<std::optional<Duration>> waiting{std::chrono::minutes(15)};      ///< In INITIAL.
  Placed<std::optional<Duration>> max_duration;
  Placed<std::optional<Duration>> down_for{std::chrono::minutes(5)};  ///< Only if for_ever.
  Placed<std::optional<WeeklyTimes>> done_by;  ///< In the time zone of the rules.
  Placed<std::optional<Duration>> fresh_within;
  /// By label: its values, each of which must be done or fresh. Only with one of those two.
  std::map<std::string, Placed<Names>, std::less<>> expect_each;
  Placed<bool> ignore{false};
};

/// One key as people read it.
struct PolicyRow {
  std::string key;    ///< "done_by", "expect_each.partner".
  std::string value;  ///< "2h", "page", "Mon-Fri 07:00"; "off" for nothing.
  Place place;
};

/// Every key, in the order of the documentation. Two policies are the same where their rows are.
std::vector<PolicyRow> rows_of(const Policy& policy);

/// Takes away what a policy of this mode of running cannot have: a pipeline that runs for ever has
/// no slots, ends or deadlines, and others are not always up. What is taken away has the place of
/// the key that did it.
void reconcile(Policy& policy);

/// "90s", "2h", "30d": the greatest unit that leaves no rest.
std::string to_string(Duration duration);

}  // namespace walpulse::rules
