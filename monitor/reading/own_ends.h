#pragma once

#include <vector>

#include "monitor/reading/problem_view.h"
#include "monitor/watch/mixed_ends.h"

namespace walpulse::monitor::reading {

/// Of each problem that is told apart by labels the ends of its own runs, and their last success:
/// the pipeline's are mostly others'. Looks at so many of a pipeline's newest ends, however many of
/// its labels have a problem, and at so many of all pipelines together: where that is not far
/// enough there are fewer ends, and the last success is still right.
void add_own_ends(Transaction& in, std::vector<ProblemView>& views);
inline constexpr std::size_t kOwnEndsOfPipeline = 2'000;
inline constexpr std::size_t kOwnEndsOfAll = 20'000;

/// A label of which one value fails time after time while another succeeds, in these ends of one
/// pipeline, the newest first. Pure.
std::vector<MixedEnds> mixed_ends_of(const PipelineSummary& summary,
                                     const std::vector<RunEnd>& ends);

}  // namespace walpulse::monitor::reading
