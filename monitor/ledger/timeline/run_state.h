#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "monitor/ledger/timeline/observe.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

/// When a run last succeeded. A success that the log only shows as a starting state stands at the
/// zero position, before everything that the stream showed.
struct Success {
  schema::Position position;
  Timestamp time;
  auto operator<=>(const Success&) const = default;
};

/// Shown in the place of the row's status where a run is active and its trigger was deleted: Mage
/// lets it stand as it is for ever, so that its age says nothing.
inline constexpr std::string_view kOrphaned = "ORPHANED";

/// What the gauges need of a run. Deletes end activity; what succeeded or failed stays so.
struct RunState {
  bool active = false;  ///< There, and not in a terminal status.
  std::string status;
  std::string pipeline;  ///< The current name: gauges follow a rename. Empty: no row was ever seen.
  Timestamp since;       ///< The last life's birth, else the commit time of its first entry.
  std::optional<Success> success;
  std::optional<schema::Position> failed;  ///< Set where the last row is FAILED: when it came so.
  Timestamp last_event;
  /// When by the intake clock something of it can be counted; run_state() leaves it alone.
  std::optional<IntakeTime> due;

  bool operator==(const RunState&) const = default;
};

/// `timeline` with the table's truncates merged in; not empty.
RunState run_state(std::span<const Entry> timeline);

}  // namespace walpulse::monitor
