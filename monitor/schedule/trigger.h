#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// What decides when Mage makes a run for a trigger: of its row in `pipeline_schedule`, and of
/// when that row came. Texts are as the database has them; what is not known here expects nothing.
struct Trigger {
  std::string
      schedule_type{};  ///< "TIME", "API", "EVENT"; empty where it is NULL, as for backfills.
  std::string schedule_interval{};  ///< A cron expression or `@daily`; empty where it is NULL.
  std::string status{};             ///< "ACTIVE", "INACTIVE".
  std::optional<Timestamp> start_time{};
  std::optional<Timestamp> last_enabled_at{};  ///< By the clock of Mage's server.
  bool create_initial_pipeline_run = false;    ///< Of `settings`.
  bool landing_time_enabled = false;           ///< Of `settings`.

  /// The commit from which on the trigger is known to be like this: of the change that made it so,
  /// or of a snapshot. What Mage did before it is not known.
  Timestamp known_since{};
};

/// False of triggers that are called (API, EVENT): the instant of a call is no slot that another
/// run could make good.
inline bool has_slots(const Trigger& trigger) {
  return trigger.schedule_type != "API" && trigger.schedule_type != "EVENT";
}

/// Whether both expect the same, whenever they came.
bool same_expectation(const Trigger& one, const Trigger& other);

/// `row` after `before`. Mage writes a trigger's row at each start of its scheduler, and people
/// change descriptions: what expects the same is known since `before` was.
Trigger rewritten(const Trigger& before, Trigger row);

/// Mage takes last_enabled_at from its clock just before it commits the row. A trigger that is
/// known at most so much later was seen when it was enabled.
inline constexpr std::chrono::minutes kEnablingCommitMax{1};

}  // namespace walpulse::monitor
