#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "monitor/ledger/counting/pipeline_aggregates.h"
#include "monitor/storage/memory/memory_stores.h"
#include "monitor/storage/run_codec.h"
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

 private:
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

  std::vector<Write> writes_;
  StringInterner texts_;  ///< Of the runs' bytes.
  std::unordered_map<RunKey, std::string, Hash> runs_;
  std::set<RunKey> active_;
  /// By when they are due; those that are due at another time by now are passed over. Most of what
  /// came lately is in here, so that a run takes but its key.
  std::map<IntakeTime, std::vector<RunKey>> due_;
  PipelineAggregates board_;
};

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
    writes_.push_back({stored.key, stored.known, stored.before, stored.run.state,
                       encode_run(stored.run, &texts_)});
}

void MemoryRuns::remove(std::span<const StoredRun> runs) {
  for (const StoredRun& stored : runs) writes_.push_back({stored.key, true, stored.before, {}, {}});
}

void MemoryRuns::commit() {
  for (Write& write : writes_) {
    index(write);
    if (write.bytes.empty()) {
      board_.remove(write.key.source, write.before);
      runs_.erase(write.key);
      continue;
    }
    if (write.known) {
      board_.replace(write.key.source, write.before, write.now);
    } else {
      board_.add(write.key.source, write.now);
    }
    runs_[write.key] = std::move(write.bytes);
  }
  writes_.clear();
}

void MemoryRuns::index(const Write& write) {
  if (write.before.active && !write.now.active) active_.erase(write.key);
  if (!write.before.active && write.now.active) active_.insert(write.key);
  if (write.now.due && write.now.due != write.before.due) due_[*write.now.due].push_back(write.key);
}

std::vector<RunKey> MemoryRuns::active(std::int64_t source) {
  const auto begin = active_.lower_bound({source, INT64_MIN});
  return {begin, active_.upper_bound({source, INT64_MAX})};
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

std::vector<PipelineRow> MemoryRuns::pipelines() {
  if (board_.stale()) {
    board_.clear();
    for (const auto& [key, bytes] : runs_)
      board_.add(key.source, decode_run(bytes, &texts_)->state);
  }
  std::vector<PipelineRow> rows;
  std::map<PipelineAggregates::Key, std::size_t> places;
  for (const auto& [key, totals] : board_.pipelines()) {
    places[key] = rows.size();
    rows.push_back({key.first,
                    key.second,
                    totals.last_event,
                    totals.success,
                    static_cast<std::int64_t>(totals.failed.size()),
                    {}});
  }
  for (const RunKey& key : active_) {
    const RunState state = decode_run(runs_.at(key), &texts_)->state;
    auto& active = rows[places.at({key.source, state.pipeline})].active;
    const auto same = std::find_if(active.begin(), active.end(),
                                   [&](const auto& each) { return each.status == state.status; });
    auto& status = same == active.end() ? active.emplace_back() : *same;
    status.oldest = status.runs == 0 ? state.since : std::min(status.oldest, state.since);
    status.status = state.status;
    ++status.runs;
  }
  return rows;
}

}  // namespace

std::unique_ptr<RunStore> make_memory_runs(MemoryUnit& unit) {
  return std::make_unique<MemoryRuns>(unit);
}

}  // namespace walpulse::monitor
