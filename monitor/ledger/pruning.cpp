#include "monitor/ledger/pruning.h"

#include <algorithm>
#include <optional>

namespace walpulse::monitor {

PruneRule::PruneRule(const Context& context, const std::vector<PipelineRow>& pipelines,
                     std::chrono::seconds prune_after, Timestamp now) {
  for (const SourceRow& source : context.sources) {
    std::optional<Timestamp> newest;
    for (const EpochRow& epoch : context.epochs)
      if (epoch.name == source.name) newest = std::max(newest.value_or(epoch.newest), epoch.newest);
    if (newest) untouched_since_[source.id] = std::min(*newest, now) - prune_after;
  }
  for (const PipelineRow& row : pipelines)
    successes_.emplace(std::pair(row.source, row.pipeline), row.success);
}

bool PruneRule::may_go(const StoredRun& stored) const {
  const RunState& state = stored.run.state;
  const auto since = untouched_since_.find(stored.key.source);
  if (since == untouched_since_.end() || state.last_event >= since->second) return false;
  if (state.active || state.due) return false;
  if (!state.success && !state.failed) return true;
  const auto at = successes_.find({stored.key.source, state.pipeline});
  if (at == successes_.end() || !at->second) return false;
  const Success& last = *at->second;
  const bool is_last_success = state.success && *state.success >= last;
  const bool fails_behind_it = state.failed && *state.failed > last.position;
  return !is_last_success && !fails_behind_it;
}

std::map<std::int64_t, schema::Position> prune_floors(std::span<const StoredRun> removed) {
  std::map<std::int64_t, schema::Position> floors;
  for (const StoredRun& stored : removed) {
    schema::Position& floor = floors[stored.key.source];
    for (const Entry& entry : stored.run.timeline) floor = std::max(floor, entry.position);
  }
  return floors;
}

}  // namespace walpulse::monitor
