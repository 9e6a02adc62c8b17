#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/schema/attributes.h"
#include "monitor/ledger/counting.h"
#include "monitor/ledger/run_state.h"
#include "monitor/ledger/series.h"
#include "monitor/ledger/timeline.h"

/// What the ledger keeps, and the seam behind which it is kept. The ledger's logic is written once
/// above it; a storage keeps rows and knows nothing of what they mean.
namespace walpulse::monitor {

struct RunKey {
  std::int64_t source = 0;
  std::int64_t run = 0;
  auto operator<=>(const RunKey&) const = default;
};

struct Run {
  Timeline timeline;
  std::optional<schema::Position> floor;  ///< See fold().
  Held held;
  RunState state;
};
struct StoredRun {
  RunKey key;
  bool known = false;  ///< Stood in the storage when it was loaded, ...
  RunState before;     ///< ... in this state.
  Run run;
};

/// The end of a snapshot of one table: what was read, and where (see schema::SnapshotEnd).
struct SnapshotEndRow {
  schema::Position position;
  Timestamp time;
  std::int64_t from = INT64_MIN;  ///< Of the ids, inclusive.
  std::int64_t to = INT64_MAX;
  std::int64_t rows = 0;
  bool complete = false;  ///< All its rows are in the ledger: it ends the runs that have none.
  bool whole() const { return from == INT64_MIN && to == INT64_MAX; }
  bool covers(std::int64_t run) const { return from <= run && run <= to; }
  bool same(const SnapshotEndRow& other) const {
    return position == other.position && from == other.from && to == other.to;
  }
};
/// How many runs of a chunk of ids have a row that a snapshot read at this position.
struct SnapshotRows {
  schema::Position position;
  std::int64_t chunk = 0;
  std::int64_t rows = 0;
};

/// One table of one source.
struct SourceRow {
  std::int64_t id = 0;
  std::string name;
  std::string table;
  std::optional<Timestamp> last_created;  ///< The newest insert's commit time.
  Timeline ends;                          ///< Truncates, for every run's timeline.
  std::vector<SnapshotEndRow> snapshot_ends;
  /// Of the runs that were pruned: their greatest position. Kept by save_floor.
  std::optional<schema::Position> floor;
  /// Up to where everything must have come: see Watermark. Kept by save_watermark.
  std::optional<schema::Position> delivered;
};

/// Which history an epoch belongs to, as its connector says it.
struct HistoryIdentity {
  std::uint64_t system = 0;  ///< Of the cluster; zero: it was not said.
  std::string database;
  std::string publication;
  std::vector<std::uint64_t> follows;  ///< The epochs that it replaced.
  bool operator==(const HistoryIdentity&) const = default;
};

/// What the ledger makes of an epoch. The numbers are stored.
enum class Standing : std::uint8_t {
  waits = 0,       ///< Not introduced yet.
  accepted = 1,    ///< Its events count.
  refused = 2,     ///< Another history has its name.
  conflicted = 3,  ///< Its log went back to an older state: for good.
};

/// One epoch of one table of a source, and how far its log was seen.
struct EpochRow {
  std::string name;
  std::string table;
  std::uint64_t epoch = 0;
  Lsn lsn;             ///< The greatest commit_lsn, ...
  Timestamp lsn_time;  ///< ... and when it committed.
  Timestamp newest;    ///< The greatest commit time.
  Standing standing = Standing::waits;
  IntakeTime since{0};             ///< When it was first heard of.
  IntakeTime heartbeat{kLongAgo};  ///< When its last heartbeat came.
  HistoryIdentity identity;
  /// Who decided the standing: what was only read is not written back over another's decision.
  enum class Decided : std::uint8_t { before, here, by_a_person };
  Decided decided = Decided::before;
};

/// One stay of a connector on the slot: the commits that it published beyond what the log held when
/// it came.
struct StayRow {
  std::string instance;
  std::uint64_t session = 0;
  Lsn from;  ///< Exclusive.
  Lsn to;
  bool operator==(const StayRow&) const = default;
};

struct Context {
  Timestamp birth;
  Timestamp last_end;      ///< Of the last export begun; the birth where none was.
  IntakeTime intake{0};    ///< What the intake clock shows.
  std::int64_t heard = 0;  ///< Rises where an instance that does not lead took messages.
  std::vector<SourceRow> sources;
  std::vector<EpochRow> epochs;
};

/// One connector process, by its latest heartbeat.
struct ConnectorRow {
  std::string name;
  std::string instance;
  Timestamp started_at;
  std::uint64_t sequence = 0;
  Timestamp sent_at;
  std::string heartbeat;  ///< JSON.
};

/// A message that was not applied, kept with the reason.
struct Rejected {
  std::int64_t id = 0;  ///< Given by the storage, rising.
  std::string message_id;
  Timestamp received;
  std::string reason;
  std::string data;
  schema::Attributes attributes;
};

/// What the gauges say about one pipeline of one table, under its current name.
struct PipelineRow {
  struct Active {
    std::string status;
    std::int64_t runs = 0;
    Timestamp oldest;
  };
  std::int64_t source = 0;
  std::string pipeline;
  Timestamp last_event;
  std::optional<Success> success;
  std::int64_t failures = 0;  ///< FAILED runs that stand behind the last success.
  std::vector<Active> active;
};

struct ExportMark {
  std::int64_t series = 0;
  std::uint64_t version = 0;
  Timestamp at;
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

/// One transaction at a time, from one thread at a time. Between begin() and commit() errors are
/// sticky: the first one latches, later calls do nothing and return nothing, and commit() rolls
/// back and returns it. Errors: contended (another transaction was in the way: the same again),
/// unavailable (the storage is down), rejected (this transaction can never succeed). Reads need not
/// see the transaction's own writes; locks are taken in key order, runs before series.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual Result<void> begin(Intent intent) = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;
  /// From here to the end of the transaction no other one, of any instance, has this claim.
  virtual void claim(Claim what) = 0;

  virtual Context context() = 0;
  /// Gives `source.id` where it is zero, also where another instance gave it one meanwhile.
  /// `last_created` never goes back. Its ends are kept by add_end.
  virtual void save_source(SourceRow& source) = 0;
  virtual void add_end(std::int64_t source, const Entry& end) = 0;
  /// Kept once for each position and range; stays complete once it was.
  virtual void save_snapshot_end(std::int64_t source, const SnapshotEndRow& end) = 0;
  /// Adds to what is counted. `rows` are in order, each position and chunk once.
  virtual void add_snapshot_rows(std::int64_t source, std::span<const SnapshotRows> rows) = 0;
  virtual std::vector<SnapshotRows> snapshot_rows(std::int64_t source,
                                                  const schema::Position& position) = 0;
  /// Removes the ends below `position`, and the counts at it or below.
  virtual void forget_snapshots(std::int64_t source, const schema::Position& position) = 0;
  /// Each of lsn (with lsn_time), newest and heartbeat only rises, whoever saves first. The
  /// standing is written where it was decided here, but a conflict stays unless a person decided;
  /// an identity that is not said leaves the one that was.
  virtual void save_epoch(const EpochRow& epoch) = 0;
  virtual std::vector<StayRow> stays(const EpochRow& epoch) = 0;
  /// Once for each instance and session.
  virtual void save_stay(const EpochRow& epoch, const StayRow& stay) = 0;
  virtual void remove_stay(const EpochRow& epoch, const StayRow& stay) = 0;
  /// Empty where nothing was saved. Only under Claim::connectors.
  virtual std::string watermark(std::int64_t source) = 0;
  virtual void save_watermark(std::int64_t source, const std::string& state,
                              const std::optional<schema::Position>& delivered) = 0;
  virtual void save_last_end(Timestamp end) = 0;
  /// Only rises.
  virtual void save_floor(std::int64_t source, const schema::Position& floor) = 0;
  /// Only rises.
  virtual void save_intake(IntakeTime clock) = 0;
  /// Counts up Context::heard.
  virtual void note_heard() = 0;

  /// What the ledger is to remember by name; empty where nothing was.
  virtual std::string remembered(const std::string& name) = 0;
  virtual void remember(const std::string& name, const std::string& value) = 0;

  /// Takes the lease where it is free or has expired by the storage's own clock, prolongs it where
  /// `holder` has it. Returns its generation, which rises with every new holder; zero: another's.
  virtual std::uint64_t take_lease(const std::string& holder, std::chrono::milliseconds ttl) = 0;
  /// True where this generation has not expired; until the transaction ends nobody takes it then.
  virtual bool holds_lease(std::uint64_t generation) = 0;
  virtual void release_lease(std::uint64_t generation) = 0;

  /// Parallel to `keys`, which are sorted and unique.
  virtual std::vector<StoredRun> load_runs(std::span<const RunKey> keys) = 0;
  virtual void save_runs(std::span<const StoredRun> runs) = 0;
  virtual std::vector<RunKey> active_runs(std::int64_t source) = 0;
  /// At most `count_max` runs that follow `after` in key order, not locked.
  virtual std::vector<StoredRun> runs_after(const RunKey& after, std::size_t count_max) = 0;
  /// Runs as load_runs() gave them in this transaction.
  virtual void remove_runs(std::span<const StoredRun> runs) = 0;
  /// At most `count_max` runs with something to count, those due first, not locked.
  virtual std::vector<RunKey> due_runs(IntakeTime clock, std::size_t count_max) = 0;
  virtual std::vector<PipelineRow> pipelines() = 0;

  /// Parallel to `keys`, which are sorted and unique; unknown ones come with id zero.
  virtual std::vector<Series> load_series(std::span<const SeriesKey> keys) = 0;
  virtual std::vector<Series> all_series() = 0;
  /// Gives an id to those without. Does not touch what mark_exported keeps.
  virtual void save_series(std::span<Series> series) = 0;
  virtual void mark_exported(std::span<const ExportMark> marks) = 0;
  virtual void remove_series(std::span<const std::int64_t> ids) = 0;

  virtual std::set<std::string> label_values(const std::string& label) = 0;
  virtual void add_label_value(const std::string& label, const std::string& value) = 0;

  virtual std::vector<ConnectorRow> connectors() = 0;
  virtual void save_connector(const ConnectorRow& connector) = 0;
  virtual void remove_connectors(Timestamp sent_before) = 0;

  /// Keeps the message, once per non-empty message id.
  virtual void add_rejected(const Rejected& message) = 0;
  /// The oldest `count_max` of those with an id beyond `after`.
  virtual std::vector<Rejected> rejected(std::int64_t after, std::size_t count_max) = 0;
  /// The oldest `count_max` of those not forwarded yet.
  virtual std::vector<Rejected> unforwarded(std::size_t count_max) = 0;
  virtual void mark_forwarded(std::span<const std::int64_t> ids) = 0;
  virtual void remove_rejected(std::span<const std::int64_t> ids) = 0;

  /// Writes something of no consequence: can it still?
  virtual void touch() = 0;
};

}  // namespace walpulse::monitor
