#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/ledger/stores/daily.h"
#include "monitor/reading/pipeline_directory.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor::reading {

/// One day of UTC of a pipeline.
struct DayView {
  std::chrono::sys_days day;
  std::size_t completed = 0, failed = 0, cancelled = 0;
  /// The median of what completed; of days with pruned runs within 2.5 %.
  std::optional<double> usual;
  std::optional<double> nine_of_ten;  ///< Nine of ten of these took at most so long.
};

/// How the runs of one value of what the rules tell apart ended.
struct GroupView {
  telemetry::Labels labels;
  std::string trigger;           ///< Its name, where triggers are told apart.
  const RunEnd* last = nullptr;  ///< Of the ends that were given.
  std::optional<Timestamp> last_success;
  std::size_t failed_in_a_row = 0;
};

/// What is looked at for a trend, and for groups.
inline constexpr std::size_t kDetailEndsMax = 5'000;
inline constexpr std::chrono::days kTrendDays{90};

/// The newest ends of a pipeline, within kTrendDays before `as_of`.
std::vector<RunEnd> read_recent_ends(Transaction& in, const PipelineSummary& summary,
                                     Timestamp as_of);

/// Days with ends, the oldest first: of `ends`, and of the runs that were pruned. Where `ends` were
/// cut off at kDetailEndsMax the day that is cut through is left out, and what lies before it.
/// Pure.
std::vector<DayView> days_of(const std::vector<RunEnd>& ends,
                             const std::vector<DailyFigures>& pruned);
/// The figures of pruned runs, within kTrendDays before `as_of`.
std::vector<DailyFigures> read_pruned_days(Transaction& in, const PipelineSummary& summary,
                                           Timestamp as_of);

/// By the labels that `per` names, those first that fail, at most `count_max`. Empty where it names
/// none. Pure; refers to `ends`.
std::vector<GroupView> groups_of(const std::vector<RunEnd>& ends, const rules::Names& per,
                                 const PipelineSummary& summary, std::size_t count_max);

}  // namespace walpulse::monitor::reading
