#include "monitor/problems/stuck_runs.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace walpulse::monitor {
namespace {

const TimeLimit& limit_for(const ActiveRun& run, const RunLimits& limits) {
  return run.initial ? limits.waiting : limits.max_duration;
}

}  // namespace

std::optional<ProblemKind> stuck_as(const ActiveRun& run, const RunLimits& limits,
                                    Timestamp as_of) {
  // Mage never ends it: how long it takes says nothing.
  if (run.orphaned) return ProblemKind::abandoned;
  if (!has_passed(limit_for(run, limits), run.since, as_of)) return std::nullopt;
  return run.initial ? ProblemKind::waiting : ProblemKind::too_long;
}

Timestamp stuck_from(const ActiveRun& run, const RunLimits& limits, Timestamp as_of) {
  const Timestamp at = run.orphaned ? kInfinity : passes_at(limit_for(run, limits), run.since);
  return at > as_of ? at : kInfinity;
}

Timestamp stuck_since(const ActiveRun& run, const RunLimits& limits) {
  return run.orphaned ? run.since : passes_at(limit_for(run, limits), run.since);
}

bool StuckRuns::add(const ActiveRun& run, Timestamp stuck, Severity severity) {
  since_ = std::min(since_, run.since);
  newest_ = std::max(newest_, stuck);
  const bool stands = count_++ == 0 || std::tie(severity, run.since, run.id) <
                                           std::tie(severity_, shown_.since, shown_.id);
  if (stands) {
    shown_ = run;
    severity_ = severity;
  }
  return stands;
}

Finding StuckRuns::finding(ProblemKey key) const {
  Finding found{std::move(key), since_, {{"run", std::to_string(shown_.id)}},
                severity_,      {},     newest_};
  if (count_ > 1) found.evidence.emplace_back("runs", std::to_string(count_));
  return found;
}

}  // namespace walpulse::monitor
