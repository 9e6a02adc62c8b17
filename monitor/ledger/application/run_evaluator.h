#pragma once

#include <vector>

#include "monitor/ledger/application/block_counter.h"
#include "monitor/ledger/application/run_batch.h"
#include "monitor/ledger/application/run_blocks.h"
#include "monitor/ledger/counting/folded_labels.h"
#include "monitor/ledger/counting/step_totals.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Reads a run's whole timeline again: counts the steps that were not counted yet, brings its state
/// up to date, and writes down what happened. Works within one transaction, from one thread.
class RunEvaluator {
 public:
  /// What came to the ledger by `settled` has settled. Whatever is given by reference must outlive
  /// the evaluator.
  RunEvaluator(const LedgerOptions& options, IntakeTime settled, const RunBlocks& blocks,
               FoldedLabels& labels, StepTotals& steps, BlockCounter& block_ends,
               std::vector<Happening>& happenings)
      : options_(options),
        settled_(settled),
        blocks_(blocks),
        labels_(labels),
        steps_(steps),
        block_ends_(block_ends),
        happenings_(happenings) {}

  /// `source` is the run's. A run whose timeline is empty is left as it is.
  void evaluate(TouchedRun& touched, const SourceRow& source);
  /// Only brings its state up to date: counts nothing, writes nothing down.
  void read_again(TouchedRun& touched, const SourceRow& source);

 private:
  void admit_labels(const StoredRun& stored, const SourceRow& source);
  void note(const TouchedRun& touched, const SourceRow& source, const NewStep& counted);
  void orphaned(const TouchedRun& touched, const Orphaning& orphaning);

  const LedgerOptions& options_;
  const IntakeTime settled_;
  const RunBlocks& blocks_;
  FoldedLabels& labels_;
  StepTotals& steps_;
  BlockCounter& block_ends_;
  std::vector<Happening>& happenings_;
};

}  // namespace walpulse::monitor
