#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "monitor/schedule/cron.h"

namespace walpulse::monitor {

/// The slots that a trigger's `schedule_interval` names, whoever enabled it and when. A slot is the
/// `execution_date` of the run that Mage makes for it.
///
/// From PipelineSchedule.current_execution_date (mage_ai/orchestration/db/models/schedules.py):
/// `@hourly`, `@daily`, `@weekly` and `@monthly` are Mage's own arithmetic, with weeks that begin
/// on Monday; everything else is croniter's, so `@midnight` and even `@WEEKLY` (a Sunday) exist.
/// With `landing_time_enabled` these four are shifted: start_time says how far into each hour, day,
/// week or month the slot lies, and Mage makes the run some time before it.
class Recurrence {
 public:
  /// Nothing for `@once` and `@always_on`, which have no slots. `start_time` is the trigger's where
  /// its landing time is enabled.
  static Result<std::optional<Recurrence>> read(std::string_view interval,
                                                std::optional<Timestamp> landing_start_time);

  /// The first slot strictly after, the last strictly before an instant; see CronExpression.
  std::optional<Timestamp> next(Timestamp instant) const;
  std::optional<Timestamp> previous(Timestamp instant) const;

  /// When Mage goes on to another slot, and makes no run for this one any more: the next slot, with
  /// a landing time the end of the slot's hour, day, week or month. kInfinity where none comes.
  Timestamp closes(Timestamp slot) const;

 private:
  Recurrence(CronExpression periods, std::chrono::seconds shift)
      : periods_(periods), shift_(shift) {}

  /// False for the 31st of a month that has 30 days: Mage has gone on to the next month by then.
  bool within_its_period(Timestamp period) const;

  CronExpression periods_;  ///< Where hours, days, weeks, months begin; the slots themselves.
  std::chrono::seconds shift_;
};

}  // namespace walpulse::monitor
