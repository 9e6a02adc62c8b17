#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "decoder/schema/attributes.h"
#include "decoder/schema/result.h"
#include "decoder/schema/timestamp.h"
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
  Timestamp waited_out = kMinusInfinity;  ///< See Horizon.
  RunState state;
};
struct StoredRun {
  RunKey key;
  bool known = false;  ///< Stood in the storage when it was loaded, ...
  RunState before;     ///< ... in this state.
  Run run;
};

/// One table of one source.
struct SourceRow {
  std::int64_t id = 0;
  std::string name;
  std::string table;
  std::optional<Timestamp> last_created;  ///< The newest insert's commit time.
  Timeline ends;                          ///< Truncates, for every run's timeline.
};

/// How far the log of one source was seen in one epoch.
struct EpochRow {
  std::string name;
  std::uint64_t epoch = 0;
  Lsn lsn;             ///< The greatest commit_lsn, ...
  Timestamp lsn_time;  ///< ... and when it committed.
  Timestamp newest;    ///< The greatest commit time.
  bool conflicted = false;
};

struct Context {
  Timestamp birth;
  Timestamp last_end;  ///< Of the last export begun; the birth where none was.
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

struct Rejected {
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

/// One transaction at a time, from one thread at a time. Between begin() and commit() errors are
/// sticky: the first one latches, later calls do nothing and return nothing, and commit() rolls
/// back and returns it. Errors: unavailable (the storage is down), rejected (this transaction can
/// never succeed). Reads need not see the transaction's own writes; locks are taken in key order,
/// runs before series.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual Result<void> begin() = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  virtual Context context() = 0;
  /// Gives `source.id` where it is zero. Its ends are kept by add_end.
  virtual void save_source(SourceRow& source) = 0;
  virtual void add_end(std::int64_t source, const Entry& end) = 0;
  virtual void save_epoch(const EpochRow& epoch) = 0;
  virtual void save_last_end(Timestamp end) = 0;

  /// Parallel to `keys`, which are sorted and unique.
  virtual std::vector<StoredRun> load_runs(std::span<const RunKey> keys) = 0;
  virtual void save_runs(std::span<const StoredRun> runs) = 0;
  virtual std::vector<RunKey> active_runs(std::int64_t source) = 0;
  /// At most `count_max` runs with a life that has waited since before `before`.
  virtual std::vector<RunKey> waiting_runs(Timestamp before, std::size_t count_max) = 0;
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
  /// The oldest `count_max`.
  virtual std::vector<Rejected> rejected(std::size_t count_max) = 0;

  /// Writes something of no consequence: can it still?
  virtual void touch() = 0;
};

}  // namespace walpulse::monitor
