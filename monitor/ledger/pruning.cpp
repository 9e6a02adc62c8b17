#include "monitor/ledger/pruning.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>

#include "monitor/ledger/application/run_blocks.h"

namespace walpulse::monitor {

PruneRule::PruneRule(const Context& context, const std::vector<PipelineRow>& pipelines,
                     std::chrono::seconds prune_after, Timestamp now)
    : prune_after_(prune_after) {
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
  const End& last = *at->second;
  const bool is_last_success = state.success && *state.success >= last;
  const bool fails_behind_it = state.failed && state.failed->position > last.position;
  return !is_last_success && !fails_behind_it;
}

bool PruneRule::may_go(const StoredTableRow& deleted) const {
  const auto since = untouched_since_.find(deleted.key.source);
  return since != untouched_since_.end() && is_deleted(deleted.row) &&
         deleted.row.entries.back().commit_time < since->second;
}

void PruneRule::remove_days(DailyStore& daily) const {
  for (const auto& [source, untouched_since] : untouched_since_)
    daily.remove(source,
                 std::chrono::floor<std::chrono::days>(untouched_since + prune_after_) - kDaysKept);
}

bool KeptRuns::has(const StoredRun& stored) const {
  const auto at = runs_.find({stored.key.source, stored.run.state.pipeline});
  return at != runs_.end() && std::ranges::binary_search(at->second, stored.key.run);
}

void keep_figures(DailyStore& daily, std::span<const StoredRun> removed) {
  using Day = std::tuple<std::int64_t, std::string_view, std::chrono::sys_days>;
  std::map<Day, DailyFigures> days;
  for (const StoredRun& stored : removed) {
    const RunState& state = stored.run.state;
    if (!state.finish) continue;
    const auto day = std::chrono::floor<std::chrono::days>(state.finish->ended);
    DailyFigures& figures = days[{stored.key.source, state.pipeline, day}];
    figures.day = day;
    if (state.status == mage::kFailed) ++figures.failed;
    if (state.status == mage::kCancelled) ++figures.cancelled;
    if (state.status != mage::kCompleted) continue;
    ++figures.completed;
    if (state.finish->took)
      figures.durations.add(static_cast<double>(state.finish->took->count()) / 1e6);
  }
  for (const auto& [day, figures] : days)
    daily.add(std::get<0>(day), std::string(std::get<1>(day)), figures);
}

std::map<std::int64_t, schema::Position> prune_floors(std::span<const StoredRun> removed) {
  std::map<std::int64_t, schema::Position> floors;
  for (const StoredRun& stored : removed) {
    schema::Position& floor = floors[stored.key.source];
    for (const Entry& entry : stored.run.timeline) floor = std::max(floor, entry.position);
  }
  return floors;
}

std::map<std::int64_t, schema::Position> prune_floors(std::span<const StoredTableRow> removed) {
  std::map<std::int64_t, schema::Position> floors;
  for (const StoredTableRow& stored : removed) {
    schema::Position& floor = floors[stored.key.source];
    floor = std::max(floor, stored.row.entries.back().position);
  }
  return floors;
}

void remove_blocks(Transaction& transaction, const std::vector<SourceRow>& sources,
                   std::span<const StoredRun> removed) {
  for (const auto& [id, floor] : prune_floors(removed)) {
    const auto runs =
        std::find_if(sources.begin(), sources.end(),
                     [wanted = id](const SourceRow& source) { return source.id == wanted; });
    const SourceRow* blocks = runs == sources.end() ? nullptr : block_source(sources, *runs);
    if (blocks == nullptr || blocks->id == id) continue;
    std::vector<std::int64_t> ids;
    for (const StoredRun& run : removed)
      if (run.key.source == id) ids.push_back(run.key.run);
    transaction.table_rows().remove_of_runs(blocks->id, ids);
    transaction.sources().save_floor(blocks->id, {floor.epoch, floor.commit_lsn, INT64_MAX});
  }
}

}  // namespace walpulse::monitor
