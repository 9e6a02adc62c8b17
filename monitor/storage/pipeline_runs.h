#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/runs.h"

/// What RunStore is asked of many at once, of a storage whose questions cost no journey: each as
/// the function of its name there.
namespace walpulse::monitor {

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

inline std::vector<PipelineStanding> find_standings(RunStore& store, std::int64_t source,
                                                    std::span<const std::string> pipelines) {
  std::vector<PipelineStanding> found;
  found.reserve(pipelines.size());
  for (const std::string& pipeline : pipelines) {
    const auto success = store.last_success(source, pipeline);
    const auto behind = success ? std::optional(success->position) : std::nullopt;
    found.push_back({success, store.failed_behind(source, pipeline, behind),
                     store.active_of(source, pipeline)});
  }
  return found;
}

inline std::vector<bool> find_have_failed(RunStore& store, std::int64_t source,
                                          std::span<const std::string> pipelines) {
  std::vector<bool> found;
  found.reserve(pipelines.size());
  for (const std::string& pipeline : pipelines)
    found.push_back(store.failed_behind(source, pipeline, std::nullopt).count > 0);
  return found;
}

inline std::vector<std::vector<RunEnd>> find_ends_of_each(RunStore& store, std::int64_t source,
                                                          std::span<const EndsWanted> pipelines,
                                                          Timestamp from, std::size_t count_max) {
  std::vector<std::vector<RunEnd>> found;
  found.reserve(pipelines.size());
  for (const EndsWanted& wanted : pipelines)
    found.push_back(store.ends_of(source, wanted.pipeline, wanted.before, from, count_max));
  return found;
}

inline std::vector<std::vector<SlotRun>> find_slots_of(RunStore& store, std::int64_t source,
                                                       std::span<const SlotsWanted> triggers,
                                                       std::size_t count_max) {
  std::vector<std::vector<SlotRun>> found;
  found.reserve(triggers.size());
  for (const SlotsWanted& trigger : triggers)
    found.push_back(store.slots(source, trigger.schedule, trigger.from, trigger.before, count_max));
  return found;
}

}  // namespace walpulse::monitor
