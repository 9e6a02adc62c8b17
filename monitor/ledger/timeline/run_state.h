#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "monitor/ledger/timeline/observe.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

/// When a run came to an end. One that the log only shows as a starting state stands at the zero
/// position, before everything that the stream showed.
struct End {
  schema::Position position;
  Timestamp time;
  auto operator<=>(const End&) const = default;
};

/// How a run ended, for whoever lists it. What a snapshot learnt late stands at the latest instant
/// by which its row shows it at work: Mage writes no completed_at where a block failed.
struct RunFinish {
  Timestamp ended;  ///< Else the commit of the terminal entry. Finite.
  /// How long it ran: see run_seconds(). Nothing where no row says since when.
  std::optional<std::chrono::microseconds> took;
  bool operator==(const RunFinish&) const = default;
};

/// Shown in the place of the row's status where a run is active and its trigger was deleted: Mage
/// lets it stand as it is for ever, so that its age says nothing.
inline constexpr std::string_view kOrphaned = "ORPHANED";

/// What the gauges and the problems need of a run. Deletes end activity; what succeeded or failed
/// stays so.
struct RunState {
  bool active = false;  ///< There, and not in a terminal status.
  std::string status;
  std::string pipeline;  ///< The current name: gauges follow a rename. Empty: no row was ever seen.
  Timestamp since;       ///< The last life's birth, else the commit time of its first entry.
  std::optional<End> success;  ///< The newest.
  /// Set where the newest life's last end was FAILED, also while the run is active again: Mage
  /// retries a run in place, and a retry makes nothing good before it ends.
  std::optional<End> failed;
  /// How the newest life ended, its row deleted or not; nothing while the run is active, and of one
  /// that carries on under this id what ended under another.
  std::optional<RunFinish> finish;
  /// The trigger that made the run (pipeline_schedule.id), also once that was deleted.
  std::optional<std::int64_t> schedule;
  std::optional<Timestamp> slot;  ///< What the trigger made it for; of runs with a schedule only.
  /// The newest life's labels without `pipeline` and `trigger`, by encode_labels(); empty: none.
  std::string labels;
  Timestamp last_event;
  /// When by the intake clock something of it can be counted; run_state() leaves it alone.
  std::optional<IntakeTime> due;

  bool operator==(const RunState&) const = default;
};

/// `timeline` with the table's truncates merged in; not empty.
RunState run_state(std::span<const Entry> timeline);

/// How a run became an orphan.
struct Orphaning {
  const Entry* at = nullptr;  ///< Refers to the timeline.
  std::uint32_t nth = 0;      ///< The n-th time in the life of its id, from 1.
};
/// The last time. `timeline` as for run_state(); null where it never was one.
Orphaning last_orphaning(std::span<const Entry> timeline);

}  // namespace walpulse::monitor
