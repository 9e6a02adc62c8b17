#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "monitor/ledger/counting/pipeline_aggregates.h"
#include "monitor/storage/failure_groups.h"
#include "monitor/storage/memory/memory_ends.h"
#include "monitor/storage/memory/memory_slots.h"
#include "monitor/storage/memory/memory_stores.h"
#include "monitor/storage/newest_runs.h"
#include "monitor/storage/pipeline_runs.h"
#include "monitor/storage/run_codec.h"
#include "monitor/storage/run_end_columns.h"
#include "monitor/storage/string_interner.h"

namespace walpulse::monitor {
namespace {

/// Each run as bytes. Its writes wait in a list of their own until the commit.
class MemoryRuns final : public RunStore {
 public:
  explicit MemoryRuns(MemoryUnit& unit) {
    unit.pending.add([this] { commit(); }, [this] { writes_.clear(); });
  }

  std::vector<StoredRun> load(std::span<const RunKey> keys) override;
  void save(std::span<const StoredRun> runs) override;
  void remove(std::span<const StoredRun> runs) override;
  std::vector<RunKey> active(std::int64_t source) override;
  std::vector<StoredRun> after(const RunKey& after, std::size_t count_max) override;
  std::vector<RunKey> due(IntakeTime clock, std::size_t count_max) override;
  std::vector<PipelineRow> pipelines() override;
  std::vector<PipelineVersion> versions() override;
  std::optional<End> last_success(std::int64_t source, const std::string& pipeline) override;
  FailedRuns failed_behind(std::int64_t source, const std::string& pipeline,
                           const std::optional<schema::Position>& after) override;
  std::vector<FailedRuns> group_failures(std::int64_t source, const std::string& pipeline,
                                         const GroupBound& behind) override;
  std::vector<GroupSuccess> group_successes(std::int64_t source,
                                            const std::string& pipeline) override;
  std::vector<std::string> completed_after(std::int64_t source, const std::string& pipeline,
                                           Timestamp instant) override;
  std::vector<RunKey> active_of(std::int64_t source, const std::string& pipeline) override;
  std::vector<StoredRun> peek(std::span<const RunKey> keys) override { return load(keys); }
  std::vector<PipelineStanding> standings(std::int64_t source,
                                          std::span<const std::string> pipelines) override {
    return find_standings(*this, source, pipelines);
  }
  std::vector<bool> have_failed(std::int64_t source,
                                std::span<const std::string> pipelines) override {
    return find_have_failed(*this, source, pipelines);
  }
  std::vector<std::vector<RunEnd>> ends_of_each(std::int64_t source,
                                                std::span<const EndsWanted> pipelines,
                                                Timestamp from, std::size_t count_max) override {
    return find_ends_of_each(*this, source, pipelines, from, count_max);
  }
  PipelineRuns runs_of(std::int64_t source, const std::string& pipeline, Timestamp from,
                       std::size_t count_max) override {
    return find_runs_of(*this, source, pipeline, from, count_max);
  }
  std::vector<std::vector<SlotRun>> slots_of(std::int64_t source,
                                             std::span<const SlotsWanted> triggers,
                                             std::size_t count_max) override {
    return find_slots_of(*this, source, triggers, count_max);
  }
  std::vector<SlotRun> slots(std::int64_t source, std::int64_t schedule, Timestamp from,
                             Timestamp before, std::size_t count_max) override;
  std::vector<RunEnd> ends_of(std::int64_t source, const std::string& pipeline,
                              const EndsBefore& before, Timestamp from,
                              std::size_t count_max) override {
    return run_ends(ends_.newest_of(source, pipeline, before, from, count_max));
  }
  std::vector<RunEnd> ends(const EndsBefore& before, Timestamp from,
                           std::size_t count_max) override {
    return run_ends(ends_.newest(before, from, count_max));
  }
  std::vector<std::int64_t> newest_runs(std::int64_t source, const std::string& pipeline,
                                        std::size_t count, std::size_t groups_max) override;

 private:
  using Failed = PipelineAggregates::Failed;
  struct Write {
    RunKey key;
    bool known = false;
    RunState before;
    RunState now;
    std::string bytes;  ///< Empty: the run goes.
  };
  struct Hash {
    std::size_t operator()(const RunKey& key) const noexcept {
      return std::hash<std::int64_t>()(key.run * 31 + key.source);
    }
  };
  void commit();
  void index(const Write& write);
  void make_board_anew();
  RunState state_of(const RunKey& key) const { return decode_run(runs_.at(key), &texts_)->state; }
  std::vector<RunEnd> run_ends(const std::vector<RunKey>& keys) const;
  FailedRun failed_run(std::int64_t source, const Failed& failed) const;

  std::vector<Write> writes_;
  StringInterner texts_;  ///< Of the runs' bytes.
  std::unordered_map<RunKey, std::string, Hash> runs_;
  MemorySlots slots_;
  MemoryEnds ends_;
  /// By when they are due; those that are due at another time by now are passed over. Most of what
  /// came lately is in here, so that a run takes but its key.
  std::map<IntakeTime, std::vector<RunKey>> due_;
  PipelineAggregates board_;
};

/// Neither the board nor the indexes ask for more: a copy of the labels costs more than the rest.
RunState for_board(const RunState& state) {
  RunState copy;
  copy.active = state.active;
  copy.pipeline = state.pipeline;
  copy.success = state.success;
  copy.failed = state.failed;
  copy.finish = state.finish;
  copy.schedule = state.schedule;
  copy.slot = state.slot;
  copy.last_event = state.last_event;
  copy.due = state.due;
  if (state.success) copy.labels = state.labels;
  return copy;
}

std::vector<StoredRun> MemoryRuns::load(std::span<const RunKey> keys) {
  std::vector<StoredRun> found;
  found.reserve(keys.size());
  for (const RunKey& key : keys) {
    const auto at = runs_.find(key);
    if (at != runs_.end()) {
      found.push_back(*stored_run(key, at->second, &texts_));
    } else {
      found.emplace_back().key = key;
    }
  }
  return found;
}

void MemoryRuns::save(std::span<const StoredRun> runs) {
  writes_.reserve(writes_.size() + runs.size());
  for (const StoredRun& stored : runs)
    writes_.push_back({stored.key, stored.known, for_board(stored.before),
                       for_board(stored.run.state), encode_run(stored.run, &texts_)});
}

void MemoryRuns::remove(std::span<const StoredRun> runs) {
  for (const StoredRun& stored : runs)
    writes_.push_back({stored.key, true, for_board(stored.before), {}, {}});
}

void MemoryRuns::commit() {
  for (Write& write : writes_) {
    index(write);
    if (write.bytes.empty()) {
      board_.remove(write.key, write.before);
      runs_.erase(write.key);
      continue;
    }
    if (write.known) {
      board_.replace(write.key, write.before, write.now);
    } else {
      board_.add(write.key, write.now);
    }
    runs_[write.key] = std::move(write.bytes);
  }
  writes_.clear();
}

void MemoryRuns::index(const Write& write) {
  slots_.replace(write.key, write.before, write.now);
  ends_.replace(write.key, write.before, write.now);
  if (write.now.due && write.now.due != write.before.due) due_[*write.now.due].push_back(write.key);
}

std::vector<RunKey> MemoryRuns::active(std::int64_t source) {
  std::vector<RunKey> found;
  const auto& all = board_.pipelines();
  for (auto at = all.lower_bound(PipelineAggregates::KeyView(source, {}));
       at != all.end() && at->first.first == source; ++at)
    for (const std::int64_t run : at->second.active) found.push_back({source, run});
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<RunKey> MemoryRuns::due(IntakeTime clock, std::size_t count_max) {
  const auto is_due = [&](const RunKey& key, IntakeTime when) {
    const auto run = runs_.find(key);
    return run != runs_.end() && decode_run(run->second, &texts_)->state.due == when;
  };
  std::vector<RunKey> found;
  for (auto at = due_.begin(); at != due_.end() && at->first <= clock;) {
    auto& keys = at->second;
    while (!keys.empty() && !is_due(keys.back(), at->first)) keys.pop_back();
    for (auto key = keys.rbegin(); key != keys.rend() && found.size() < count_max; ++key)
      if (is_due(*key, at->first)) found.push_back(*key);
    if (found.size() == count_max) break;
    at = keys.empty() ? due_.erase(at) : std::next(at);
  }
  return found;
}

/// The hash table knows no order: the keys that follow are gathered in one pass over all of them.
std::vector<StoredRun> MemoryRuns::after(const RunKey& after, std::size_t count_max) {
  std::set<RunKey> next;
  for (const auto& [key, bytes] : runs_) {
    if (key <= after) continue;
    next.insert(key);
    if (next.size() > count_max) next.erase(std::prev(next.end()));
  }
  std::vector<StoredRun> found;
  found.reserve(next.size());
  for (const RunKey& key : next) found.push_back(*stored_run(key, runs_.at(key), &texts_));
  return found;
}

void MemoryRuns::make_board_anew() {
  board_.begin_anew();
  for (const auto& [key, bytes] : runs_) board_.restore(key, decode_run(bytes, &texts_)->state);
}

std::vector<PipelineRow> MemoryRuns::pipelines() {
  if (board_.stale()) make_board_anew();
  std::vector<PipelineRow> rows;
  for (const auto& [key, totals] : board_.pipelines()) {
    PipelineRow& row = rows.emplace_back();
    row.source = key.first;
    row.pipeline = key.second;
    row.last_event = totals.last_event;
    row.success = totals.success;
    row.failures = PipelineAggregates::failures(totals);
    for (const std::int64_t run : totals.active) {
      const RunState state = state_of({key.first, run});
      const auto same = std::find_if(row.active.begin(), row.active.end(),
                                     [&](const auto& each) { return each.status == state.status; });
      auto& status = same == row.active.end() ? row.active.emplace_back() : *same;
      status.oldest = status.runs == 0 ? state.since : std::min(status.oldest, state.since);
      status.status = state.status;
      ++status.runs;
    }
  }
  return rows;
}

std::vector<PipelineVersion> MemoryRuns::versions() {
  std::vector<PipelineVersion> found;
  for (const auto& [key, totals] : board_.pipelines())
    found.push_back({key.first, key.second, totals.changes, totals.first_event, totals.last_event});
  return found;
}

std::optional<End> MemoryRuns::last_success(std::int64_t source, const std::string& pipeline) {
  if (board_.stale()) make_board_anew();
  const auto* totals = board_.find(source, pipeline);
  return totals == nullptr ? std::nullopt : totals->success;
}

FailedRun MemoryRuns::failed_run(std::int64_t source, const Failed& failed) const {
  RunState state = state_of({source, failed.run});
  return {failed.run, failed.end, std::move(state.labels), state.schedule};
}

FailedRuns MemoryRuns::failed_behind(std::int64_t source, const std::string& pipeline,
                                     const std::optional<schema::Position>& after) {
  FailedRuns found;
  const auto* totals = board_.find(source, pipeline);
  if (totals == nullptr) return found;
  const auto behind = PipelineAggregates::failed_behind(*totals, after);
  found.count = behind.size();
  if (behind.empty()) return found;
  found.first = failed_run(source, behind.front());
  found.last = failed_run(source, behind.back());
  return found;
}

std::vector<FailedRuns> MemoryRuns::group_failures(std::int64_t source, const std::string& pipeline,
                                                   const GroupBound& behind) {
  FailureGroups groups(behind);
  const auto* totals = board_.find(source, pipeline);
  if (totals == nullptr) return {};
  for (const Failed& failed : totals->failed) {
    const RunState state = state_of({source, failed.run});
    groups.see({state.labels, state.schedule}, failed.end, failed.run);
  }
  return groups.groups();
}

std::vector<GroupSuccess> MemoryRuns::group_successes(std::int64_t source,
                                                      const std::string& pipeline) {
  if (board_.groups_stale()) make_board_anew();
  std::vector<GroupSuccess> found;
  const auto* totals = board_.find(source, pipeline);
  if (totals == nullptr) return found;
  for (const auto& [group, success] : totals->successes)
    found.push_back({group.first, group.second, success});
  return found;
}

/// Asked seldom, of pipelines with a deadline alone: all runs are looked through.
std::vector<std::string> MemoryRuns::completed_after(std::int64_t source,
                                                     const std::string& pipeline,
                                                     Timestamp instant) {
  std::set<std::string> found;
  for (const auto& [key, bytes] : runs_) {
    if (key.source != source) continue;
    RunState state = state_of(key);
    if (state.pipeline == pipeline && state.success && state.success->time > instant &&
        state.since > instant)
      found.insert(std::move(state.labels));
  }
  return {found.begin(), found.end()};
}

std::vector<RunKey> MemoryRuns::active_of(std::int64_t source, const std::string& pipeline) {
  std::vector<RunKey> found;
  const auto* totals = board_.find(source, pipeline);
  if (totals == nullptr) return found;
  for (const std::int64_t run : totals->active) found.push_back({source, run});
  return found;
}

std::vector<SlotRun> MemoryRuns::slots(std::int64_t source, std::int64_t schedule, Timestamp from,
                                       Timestamp before, std::size_t count_max) {
  std::vector<SlotRun> found;
  for (const auto& [slot, run] : slots_.newest(source, schedule, from, before, count_max)) {
    const RunState state = state_of({source, run});
    found.push_back({slot, run, state.success.has_value(), state.failed.has_value()});
  }
  return found;
}

std::vector<RunEnd> MemoryRuns::run_ends(const std::vector<RunKey>& keys) const {
  std::vector<RunEnd> found;
  found.reserve(keys.size());
  TextPool texts;
  for (const RunKey& key : keys) found.push_back(run_end(key, state_of(key), texts));
  return found;
}

std::vector<std::int64_t> MemoryRuns::newest_runs(std::int64_t source, const std::string& pipeline,
                                                  std::size_t count, std::size_t groups_max) {
  NewestRuns newest(count, groups_max);
  std::map<PipelineAggregates::Group, std::pair<End, std::int64_t>> successes;
  const auto keys = ends_.newest_of(source, pipeline, {}, kMinusInfinity, SIZE_MAX);
  bool more = true;
  for (const RunKey& key : keys) {
    const RunState state = state_of(key);
    if (more) more = newest.see_end(key.run, {state.labels, state.schedule});
    if (!state.success) continue;
    auto& best = successes[{state.labels, state.schedule}];
    best = std::max(best, {*state.success, key.run});
  }
  for (const auto& [group, best] : successes) newest.see_success(best.second, group);
  return newest.runs();
}

}  // namespace

std::unique_ptr<RunStore> make_memory_runs(MemoryUnit& unit) {
  return std::make_unique<MemoryRuns>(unit);
}

}  // namespace walpulse::monitor
