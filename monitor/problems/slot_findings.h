#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// A slot for which a run was to be made by now, tolerance and all.
struct DueSlot {
  Timestamp at;
  bool has_run = false;  ///< In whatever state: a run that was skipped is there too.
};

/// One trigger that expects something.
struct TriggerSlots {
  std::string source;
  std::string pipeline;
  std::int64_t trigger = 0;  ///< pipeline_schedule.id.
  std::string trigger_name;
  Severity severity = Severity::notify;
  Evidence evidence;  ///< What else is to be said of it: who owns the pipeline.
  /// In order; of the newest ones as many as are looked at.
  std::vector<DueSlot> due;
};

/// The triggers whose newest slots have no run: one finding each, however many slots in a row it
/// missed, since the first of these. It is over with the first slot that has a run. Mage makes no
/// run for the missed ones any more: which they were is told elsewhere.
///
/// Where of a source's slots that were due since Mage last started anything, or within one of
/// kSchedulerWindows before `as_of`, at least kSchedulerMissingMin, and at least half, have no run,
/// these are of several triggers, and these made no run since, Mage's scheduler is the cause: one
/// finding more, which the others hang under. Pure.
std::vector<Finding> slot_findings(std::span<const TriggerSlots* const> triggers, Timestamp as_of);

inline constexpr std::size_t kSchedulerMissingMin = 3;
/// The short one tells soon, and is told by triggers of every hour; the long one by those of every
/// day. In either a scheduler that stays dead leaves its slots without runs for good.
inline constexpr std::array<std::chrono::hours, 2> kSchedulerWindows = {std::chrono::hours(1),
                                                                        std::chrono::hours(24)};

}  // namespace walpulse::monitor
