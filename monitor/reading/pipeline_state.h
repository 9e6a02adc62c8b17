#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "monitor/problems/problem.h"
#include "monitor/reading/pipeline_summary.h"

namespace walpulse::monitor::reading {

/// An open problem, and whether somebody said that it is known.
struct OpenProblem {
  const Problem* problem = nullptr;
  bool muted = false;
};

/// How a pipeline stands, in one word.
struct PipelineState {
  std::string_view word = "fine";   ///< "failing", ..., "unusual", "never_ran", "paused", "fine".
  std::string_view title = "Fine";  ///< As a person reads it.
  std::optional<Timestamp> since;   ///< Of a problem.
  std::optional<Severity> severity;
  bool muted = false;        ///< All its problems are.
  telemetry::Labels labels;  ///< Of the runs that are so, where it is told apart by labels.
  std::size_t problem_count = 0;
  std::optional<Unusual> unusual;
  int rank = 0;  ///< The lowest is the worst.
};

/// Every word, the worst first.
inline constexpr std::array<std::string_view, 14> kPipelineStates = {
    "failing",   "not_started",  "not_done",    "too_long", "waiting",   "stale",  "not_running",
    "abandoned", "check_failed", "undelivered", "unusual",  "never_ran", "paused", "fine"};

/// The worst of its problems that is not muted tells, the most severe first; where all are muted
/// the worst of these; else what the summary shows. Pure.
PipelineState state_of(const PipelineSummary& summary, const std::vector<OpenProblem>& problems,
                       Timestamp as_of);

}  // namespace walpulse::monitor::reading
