#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/clocks.h"
#include "monitor/ledger/stores/connectors.h"
#include "monitor/ledger/stores/daily.h"
#include "monitor/ledger/stores/epochs.h"
#include "monitor/ledger/stores/labels.h"
#include "monitor/ledger/stores/lease.h"
#include "monitor/ledger/stores/mutes.h"
#include "monitor/ledger/stores/pins.h"
#include "monitor/ledger/stores/problems.h"
#include "monitor/ledger/stores/rejected.h"
#include "monitor/ledger/stores/runs.h"
#include "monitor/ledger/stores/series.h"
#include "monitor/ledger/stores/snapshots.h"
#include "monitor/ledger/stores/sources.h"
#include "monitor/ledger/stores/table_rows.h"

/// What the ledger keeps, and the seam behind which it is kept. The ledger's logic is written once
/// above it; a storage keeps rows and knows nothing of what they mean.
namespace walpulse::monitor {

/// What every transaction reads first, in one go.
struct Context {
  Timestamp birth;
  Timestamp last_end;      ///< Of the last export begun; the birth where none was.
  IntakeTime intake{0};    ///< What the intake clock shows.
  std::int64_t heard = 0;  ///< Rises where an instance that does not lead took messages.
  std::vector<SourceRow> sources;
  std::vector<EpochRow> epochs;
  /// By this process's clock, where whoever reads was told: what was committed by then is in it.
  std::chrono::steady_clock::time_point read = {};
};

/// What a transaction is about to do, which decides what it shuts out.
enum class Intent : std::uint8_t {
  read,       ///< One consistent picture. Writes nothing.
  share,      ///< Beside others: what two of them write is locked row by row, or claimed.
  exclusive,  ///< Alone: changes what others read without locking it (truncates, floors).
};

/// What is decided from all rows of a kind, so that locking some of them is not enough.
enum class Claim : std::uint8_t {
  labels,
  connectors,  ///< Heartbeats, and which epochs count.
};

/// One store for each idea. A new idea is one more interface, one file for each storage, and one
/// line here and in each storage's transaction.
struct Stores {
  std::unique_ptr<RunStore> runs;
  std::unique_ptr<TableRowStore> table_rows;
  std::unique_ptr<SeriesStore> series;
  std::unique_ptr<LabelStore> labels;
  std::unique_ptr<SourceStore> sources;
  std::unique_ptr<EpochStore> epochs;
  std::unique_ptr<SnapshotStore> snapshots;
  std::unique_ptr<ConnectorStore> connectors;
  std::unique_ptr<ClockStore> clocks;
  std::unique_ptr<RejectedStore> rejected;
  std::unique_ptr<LeaseStore> lease;
  std::unique_ptr<PinStore> pins;
  std::unique_ptr<ProblemStore> problems;
  std::unique_ptr<MuteStore> mutes;
  std::unique_ptr<DailyStore> daily;
};

/// What is done between a storage's begin() and its commit(). Errors are sticky: the first one
/// latches, later calls do nothing and return nothing. Reads need not see the transaction's own
/// writes; locks are taken in key order, runs before rows of other tables, these before series.
class Transaction {
 public:
  virtual ~Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  virtual Context context() = 0;
  /// From here to the end of the transaction no other one, of any instance, has this claim.
  virtual void claim(Claim what) = 0;
  /// Writes something of no consequence: can it still?
  virtual void touch() = 0;

  RunStore& runs() { return *stores_.runs; }
  TableRowStore& table_rows() { return *stores_.table_rows; }
  SeriesStore& series() { return *stores_.series; }
  LabelStore& labels() { return *stores_.labels; }
  SourceStore& sources() { return *stores_.sources; }
  EpochStore& epochs() { return *stores_.epochs; }
  SnapshotStore& snapshots() { return *stores_.snapshots; }
  ConnectorStore& connectors() { return *stores_.connectors; }
  ClockStore& clocks() { return *stores_.clocks; }
  RejectedStore& rejected() { return *stores_.rejected; }
  LeaseStore& lease() { return *stores_.lease; }
  PinStore& pins() { return *stores_.pins; }
  ProblemStore& problems() { return *stores_.problems; }
  MuteStore& mutes() { return *stores_.mutes; }
  DailyStore& daily() { return *stores_.daily; }

  /// For whoever puts a store of its own before one of these.
  Stores& stores() { return stores_; }

 protected:
  explicit Transaction(Stores stores) : stores_(std::move(stores)) {}

 private:
  Stores stores_;
};

/// Where the ledger is kept. One transaction at a time, from one thread at a time. Errors:
/// contended (another transaction was in the way: the same again), unavailable (the storage is
/// down), rejected (this transaction can never succeed).
class Storage {
 public:
  virtual ~Storage() = default;

  virtual Result<void> begin(Intent intent) = 0;
  /// The first error of the transaction up to here, if there was one: it goes on, and is to be
  /// rolled back.
  virtual Result<void> so_far() = 0;
  /// The first error of the transaction, if there was one: then it is rolled back.
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;
  /// What to do between the two.
  virtual Transaction& transaction() = 0;
};

}  // namespace walpulse::monitor
