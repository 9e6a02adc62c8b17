#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "monitor/ledger/application/block_counter.h"
#include "monitor/ledger/application/connector_registry.h"
#include "monitor/ledger/application/event_counters.h"
#include "monitor/ledger/application/history_gate.h"
#include "monitor/ledger/application/message.h"
#include "monitor/ledger/application/row_batch.h"
#include "monitor/ledger/application/run_batch.h"
#include "monitor/ledger/application/run_blocks.h"
#include "monitor/ledger/application/run_evaluator.h"
#include "monitor/ledger/application/snapshots.h"
#include "monitor/ledger/counting/folded_labels.h"
#include "monitor/ledger/counting/step_totals.h"
#include "monitor/ledger/ledger_maintenance.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/ledger_writer.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// What a transaction that applies these must shut out: a truncate is read into every timeline of
/// its table, so no run of it may change meanwhile.
Intent intent_of(std::span<const ReceivedMessage> group);

/// Messages that were rejected before and are tried again: what is rejected once more is neither
/// kept nor counted a second time.
enum class Arrival : std::uint8_t { first, again };

/// Applies a group of messages within one transaction of the storage, begun and committed by the
/// caller. For one use.
class BatchApplier {
 public:
  BatchApplier(Transaction& transaction, LabelLimits& limits, const LedgerOptions& options,
               Timestamp now, Arrival arrival = Arrival::first);

  ApplyResult apply(std::span<const ReceivedMessage> group);
  /// After apply(): something of a snapshot came whose end is not complete. complete_snapshots()
  /// may complete it, in a transaction of its own once this one is committed: asked for whenever a
  /// message came, also one known before, so that what was not done comes again with it.
  bool incomplete() const { return incomplete_; }
  /// Instead of apply(), and alone in the ledger: completes the ends that can be.
  void complete_snapshots();
  /// Instead of apply(): counts what is due by the intake clock, of `runs_max` runs at most.
  Advanced settle(std::size_t runs_max);
  /// Instead of apply(): those of these runs that an earlier build wrote are written again, with
  /// all that is read off them now. Counts nothing. How many that were.
  std::size_t read_again(const std::vector<RunKey>& keys);

 private:
  SourceRow& source_of(const std::string& name, const std::string& table);
  SourceRow& source_of(std::int64_t id);
  void load(std::span<const ReceivedMessage> group);
  Outcome apply(const ReceivedMessage& received);
  Outcome apply(const ChangeMessage& change, const ReceivedMessage& received);
  Outcome apply_run(SourceRow& source, const ChangeMessage& change,
                    const ReceivedMessage& received);
  Outcome apply_row(SourceRow& source, const ChangeMessage& change,
                    const ReceivedMessage& received);
  Outcome apply_end(SourceRow& source, const ChangeMessage& change);
  Outcome apply(const schema::SnapshotEnd& end, const ReceivedMessage& received);
  Outcome apply(const schema::Heartbeat& heartbeat, const ReceivedMessage& received);
  Outcome refuse(const Refusal& refusal, const ReceivedMessage& received);
  void note_snapshot(const SourceRow& source);
  void note_change(const SourceRow& source);
  void evaluate(const std::vector<RunKey>& concerned);
  void reject(const ReceivedMessage& received, std::string reason);
  void count(const ReceivedMessage& received, Outcome outcome);
  void save();

  Transaction& transaction_;
  const Timestamp now_;
  const Arrival arrival_;
  Context context_;
  const IntakeTime settled_;  ///< What came by then has settled.
  ApplyResult applied_;
  SeriesChanges changes_;
  HistoryGate histories_;
  std::optional<ConnectorRegistry> connectors_;  ///< Read when the first heartbeat comes.
  FoldedLabels labels_;
  StepTotals steps_;
  RunBlocks blocks_;
  BlockCounter block_ends_;
  std::vector<Happening> happenings_;
  RunEvaluator evaluator_;
  EventCounters counters_;
  RunBatch runs_;
  RowBatch rows_;
  std::vector<std::int64_t> ended_;  ///< Sources with a new truncate.
  std::set<std::int64_t> changed_sources_;
  std::set<std::int64_t> changed_triggers_;  ///< Tables of triggers: see SourceRow::changes.
  SnapshotRowCounts snapshot_rows_;
  bool incomplete_ = false;
};

}  // namespace walpulse::monitor
