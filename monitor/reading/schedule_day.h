#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
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

struct ListedTrigger {
  const PipelineEntry* entry = nullptr;
  const TriggerSummary* trigger = nullptr;
};

/// What of each trigger lies within the day, as of `as_of`: parallel to `triggers`. Nothing where
/// no slot does. A slot without a run is missing once it has been due for as long as the rules let
/// it be.
std::vector<std::optional<TriggerDay>> read_day(Transaction& in,
                                                std::span<const ListedTrigger> triggers,
                                                const rules::Rules& rules, const Day& day,
                                                Timestamp as_of);

}  // namespace walpulse::monitor::reading
