#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/runs.h"

namespace walpulse::monitor {

/// RunStore::runs_of() of a storage whose questions cost no journey.
inline PipelineRuns find_runs_of(RunStore& store, std::int64_t source, const std::string& pipeline,
                                 Timestamp from, std::size_t count_max) {
  std::vector<RunKey> active = store.active_of(source, pipeline);
  if (active.size() > count_max)
    active.erase(active.begin(), active.end() - static_cast<std::ptrdiff_t>(count_max));
  PipelineRuns runs;
  runs.active = store.peek(active);
  std::ranges::reverse(runs.active);
  std::vector<RunKey> keys;
  for (const RunEnd& end : store.ends_of(source, pipeline, {}, from, count_max))
    keys.push_back(end.key);
  const std::vector<RunKey> in_order = keys;
  std::ranges::sort(keys);
  std::map<RunKey, StoredRun> found;
  for (StoredRun& run : store.peek(keys)) found.emplace(run.key, std::move(run));
  runs.ended.reserve(in_order.size());
  for (const RunKey& key : in_order) runs.ended.push_back(std::move(found.at(key)));
  return runs;
}

}  // namespace walpulse::monitor
