#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "monitor/reading/pipeline_summary.h"
#include "monitor/rules/policy.h"
#include "monitor/rules/time_zone.h"
#include "monitor/rules/weekly_times.h"

namespace walpulse::monitor::reading {

/// `done_by` of a pipeline, and whose work it is where each of some values has to be done.
struct DoneBy {
  rules::WeeklyTimes times;
  std::map<std::string, rules::Names, std::less<>> each;  ///< By label.
};
/// Nothing where the rules say no time, or ignore the pipeline.
std::optional<DoneBy> done_by_of(const rules::Policy& policy);

/// What has to be done by one deadline, and since the one before it.
struct DeadlineWork {
  Timestamp after;
  Timestamp at;
  bool done = false;                 ///< Also where it was done later.
  std::optional<Timestamp> done_at;  ///< Nothing where the runs that did it are not known any more.
};

/// How a pipeline stands with its deadlines.
struct DeadlineView {
  std::optional<DeadlineWork> last;  ///< Nothing where no run of before it is known.
  DeadlineWork next;
  bool under_way = false;  ///< The last run that it takes goes on.
  /// When the next work is usually done: as long before the deadline as the median of the last
  /// ones was, else after its last slot as long as a run usually takes.
  std::optional<Timestamp> usual_at;
  std::optional<Timestamp> expected_at;  ///< The run that is under way will end, else `usual_at`.
};

/// The next deadline after `as_of`, and the one before it.
struct DeadlinePair {
  Timestamp last, next;
};
DeadlinePair deadlines_around(const DoneBy& done_by, const rules::TimeZone& zone, Timestamp as_of);

/// So many deadlines are looked back at for what is usual.
inline constexpr std::size_t kDeadlinesLooked = 10;
/// Of fewer nothing is called usual.
inline constexpr std::size_t kDeadlinesMin = 3;

/// `ends` are the pipeline's newest. With slots all of the period have to have a run that
/// completed; else some run created since the deadline before, of each value that is asked for, as
/// judge_pipeline() has it. Only reads.
DeadlineView view_deadlines(Transaction& in, const PipelineSummary& summary, const DoneBy& done_by,
                            const rules::TimeZone& zone, const std::vector<RunEnd>& ends,
                            Timestamp as_of);

/// Whether all seems to be done by `at` already, by the summary alone.
bool seems_done(const PipelineSummary& summary, const DeadlinePair& around);

}  // namespace walpulse::monitor::reading
