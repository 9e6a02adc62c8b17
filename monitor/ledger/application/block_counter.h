#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "monitor/ledger/application/row_batch.h"
#include "monitor/ledger/counting/folded_labels.h"
#include "monitor/ledger/counting/series_changes.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/ledger/timeline/block_ends.h"
#include "monitor/ledger/timeline/counted_marks.h"

namespace walpulse::monitor {

/// So many blocks of a run are counted; those that failed at some time come first.
inline constexpr std::size_t kBlocksCountedMax = 10'000;

/// Counts the ends of blocks, each with the end of its run that follows it: when that has settled,
/// everything committed before it is here. Works within one transaction, from one thread.
class BlockCounter {
 public:
  /// `sources` and `options` must outlive this, and the former may grow.
  BlockCounter(const std::vector<SourceRow>& sources, FoldedLabels& labels,
               const LedgerOptions& options)
      : sources_(sources), labels_(labels), options_(options) {}

  /// A step `ended` of this run that was not counted before.
  void add(const RunKey& run, const NewStep& counted);
  /// Once, at the end. `touched` are the rows that this transaction changes.
  void count(Transaction& transaction, const RowBatch& touched, SeriesChanges& changes);

 private:
  struct RunEnd {
    std::int64_t run = 0;
    std::string pipeline;
    schema::Position since, until;
  };
  using Ends = std::vector<RunEnd>;
  /// Pipeline, block, status.
  using Key = std::tuple<std::string, std::string, std::string>;
  struct Sum {
    std::int64_t count = 0;
    telemetry::Distribution seconds;
  };
  using Sums = std::map<Key, Sum>;

  void sum_up(const RunEnd& end, const std::vector<StoredTableRow>& blocks, Sums& sums) const;
  Sums read(Transaction& transaction, std::int64_t table, Ends& ends,
            const RowBatch& touched) const;
  void add_to(SeriesChanges& changes, const std::string& source, const Sums& sums);

  const std::vector<SourceRow>& sources_;
  FoldedLabels& labels_;
  const LedgerOptions& options_;
  std::map<std::int64_t, Ends> ends_;  ///< By source.
};

}  // namespace walpulse::monitor
