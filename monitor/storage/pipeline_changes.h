#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "monitor/ledger/stores/runs.h"

namespace walpulse::monitor {

/// What saving or removing runs does to the rows of their pipelines, by source and pipeline.
struct PipelineChange {
  std::int64_t runs = 0;  ///< So many more have this current name.
  /// Of those that were saved under this name, but for what was only written again; without any the
  /// first is the later one.
  Timestamp first_event = kInfinity, last_event = kMinusInfinity;
  bool saved() const { return first_event <= last_event; }
};
using PipelineChanges = std::map<std::pair<std::int64_t, std::string_view>, PipelineChange>;

/// The names refer to `runs`. Runs without a row have no pipeline.
inline PipelineChanges changes_of_saved(std::span<const StoredRun> runs) {
  PipelineChanges changes;
  for (const StoredRun& run : runs) {
    const RunState& now = run.run.state;
    PipelineChange& change = changes[{run.key.source, now.pipeline}];
    const bool only_again = run.outdated && now.last_event == run.before.last_event;
    if (!only_again) change.first_event = std::min(change.first_event, now.last_event);
    change.last_event = std::max(change.last_event, now.last_event);
    ++change.runs;
    if (run.known) --changes[{run.key.source, run.before.pipeline}].runs;
  }
  std::erase_if(changes, [](const auto& each) { return each.first.second.empty(); });
  return changes;
}

inline PipelineChanges changes_of_removed(std::span<const StoredRun> runs) {
  PipelineChanges changes;
  for (const StoredRun& run : runs)
    if (!run.before.pipeline.empty()) --changes[{run.key.source, run.before.pipeline}].runs;
  return changes;
}

}  // namespace walpulse::monitor
