#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "monitor/ledger/application/failure_cause.h"
#include "monitor/ledger/application/row_batch.h"
#include "monitor/ledger/application/run_batch.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/ledger/timeline/observe.h"

namespace walpulse::monitor {

/// So many blocks of a run are asked why it failed; those that failed at some time come first.
inline constexpr std::size_t kBlocksAskedMax = 100;

/// The table of blocks beside a table of runs; null where nothing was ever heard of it.
const SourceRow* block_source(const std::vector<SourceRow>& sources, const SourceRow& runs);

/// The blocks of these runs (sorted, unique) by run, of each at most `count_max`: see
/// TableRowStore::of_runs(). `table` is their source, `touched` the rows that this transaction
/// changes, which are read as it leaves them.
std::map<std::int64_t, std::vector<StoredTableRow>> blocks_of_runs(
    Transaction& transaction, std::int64_t table, std::span<const std::int64_t> runs,
    std::size_t count_max, const RowBatch& touched);

/// The blocks of the runs that one transaction evaluates: of those alone that have failed anew.
class RunBlocks {
 public:
  /// `sources` must outlive this, and may grow.
  explicit RunBlocks(const std::vector<SourceRow>& sources) : sources_(sources) {}

  /// Of those of `runs` that are due. `touched` are the rows that this transaction changes.
  void load(Transaction& transaction, const std::vector<TouchedRun>& runs, const RowBatch& touched);
  /// Why the run took this step into FAILED, as far as is known by now.
  Failure explain(const RunKey& run, const SourceRow& source, const Step& step) const;

 private:
  const std::vector<SourceRow>& sources_;
  std::map<RunKey, std::vector<StoredTableRow>> blocks_;
};

}  // namespace walpulse::monitor
