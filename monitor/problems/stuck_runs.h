#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "monitor/problems/problem.h"
#include "monitor/problems/subject.h"
#include "monitor/problems/time_limit.h"

namespace walpulse::monitor {

/// What is watched of a run that has not ended.
struct RunLimits {
  TimeLimit waiting = std::chrono::minutes(15);
  TimeLimit max_duration;
};

/// As what a run needs a person, as of the watermark: waiting, too_long or abandoned.
std::optional<ProblemKind> stuck_as(const ActiveRun& run, const RunLimits& limits, Timestamp as_of);

/// When time alone makes it so, after `as_of`; kInfinity where it never does.
Timestamp stuck_from(const ActiveRun& run, const RunLimits& limits, Timestamp as_of);

/// When one that is stuck became so.
Timestamp stuck_since(const ActiveRun& run, const RunLimits& limits);

/// The runs of one subject that are stuck in one way. They are one problem, however many they are:
/// nobody reads five thousand. The oldest stands for them, among those of the worst severity.
class StuckRuns {
 public:
  /// Whether this run, which is stuck since then, stands for all from now on.
  bool add(const ActiveRun& run, Timestamp stuck, Severity severity);
  /// Precondition: there is one.
  Finding finding(ProblemKey key) const;

 private:
  std::uint64_t count_ = 0;
  Timestamp since_ = kInfinity;        ///< Of the oldest of all.
  Timestamp newest_ = kMinusInfinity;  ///< When the last of them became stuck.
  ActiveRun shown_;
  Severity severity_ = Severity::record;
};

}  // namespace walpulse::monitor
