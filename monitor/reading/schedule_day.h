#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "monitor/reading/pipeline_directory.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor::reading {

/// A slot of a day, and what became of it.
struct SlotView {
  Timestamp slot;
  Timestamp due;
  /// "later", "due", "missing", "running", "completed", "failed", "cancelled".
  std::string_view state;
  std::optional<std::int64_t> run;  ///< The newest that was made for it.
};

/// The slots of one trigger on one day.
struct TriggerDay {
  const PipelineEntry* entry = nullptr;
  const TriggerSummary* trigger = nullptr;
  std::size_t expected = 0, made = 0, completed = 0, failed = 0, missing = 0;
  std::vector<SlotView> slots;  ///< The first kSlotsShown; the counts are of all.
};
inline constexpr std::size_t kSlotsShown = 48;

struct Day {
  Timestamp from;
  Timestamp to;  ///< Exclusive.
};

/// What of a trigger lies within the day, as of `as_of`. Nothing where no slot does. A slot without
/// a run is missing once it has been due for as long as the rules let it be.
std::optional<TriggerDay> read_day(Transaction& in, const PipelineEntry& entry,
                                   const TriggerSummary& trigger, const rules::Rules& rules,
                                   const Day& day, Timestamp as_of);

}  // namespace walpulse::monitor::reading
