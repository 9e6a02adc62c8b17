#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "monitor/ledger/pipeline_board.h"
#include "monitor/ledger/storage.h"
#include "monitor/storage/texts.h"

namespace walpulse::monitor {

/// The runs of the memory ledger, each as bytes, and what the gauges ask of them. Writes wait until
/// commit(), so that a rollback has nothing to undo.
class MemoryRuns {
 public:
  void save(std::span<const StoredRun> runs);
  void remove(std::span<const StoredRun> runs);
  void commit();
  void rollback() { writes_.clear(); }

  std::vector<StoredRun> load(std::span<const RunKey> keys) const;
  std::vector<StoredRun> after(const RunKey& after, std::size_t count_max) const;
  std::vector<RunKey> active(std::int64_t source) const;
  std::vector<RunKey> due(IntakeTime clock, std::size_t count_max);
  std::vector<PipelineRow> pipelines();

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
  void index(const Write& write);

  std::vector<Write> writes_;
  Texts texts_;  ///< Of the runs' bytes.
  std::unordered_map<RunKey, std::string, Hash> runs_;
  std::set<RunKey> active_;
  /// By when they are due; those that are due at another time by now are passed over. Most of what
  /// came lately is in here, so that a run takes but its key.
  std::map<IntakeTime, std::vector<RunKey>> due_;
  PipelineBoard board_;
};

}  // namespace walpulse::monitor
