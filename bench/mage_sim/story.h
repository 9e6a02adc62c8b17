#pragma once

#include <cstddef>
#include <cstdint>

#include "bench/mage_sim/pipeline.h"
#include "bench/mage_sim/random.h"
#include "bench/mage_sim/script.h"

namespace walpulse::mage_sim {

/// The cast of the scenario `story`, whose live part goes at the clock's pace: pipelines as a small
/// company has them, of which four need a person when the history ends. One fails at the same block
/// every time, one did not start, one runs far too long, and one fails for a single partner of
/// forty. An index beyond the cast is another quiet pipeline.
Pipeline story_pipeline(std::size_t index, std::int64_t live_at_ms);

/// How often the pipeline without a schedule is called, on average.
inline constexpr double kStoryCallMs = 4'000;
inline constexpr double kStoryPastCallMs = 300'000;

/// Whether Mage makes the run of this slot; times are Unix milliseconds.
bool story_makes_run(const Pipeline& pipeline, std::int64_t slot_ms, std::int64_t live_at_ms);
/// Decides whose run it is (its variables), and all that will happen to it.
void write_story(Random& random, const Pipeline& pipeline, std::int64_t now_ms,
                 std::int64_t live_at_ms, Run& run);

}  // namespace walpulse::mage_sim
