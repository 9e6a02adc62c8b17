#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "monitor/ledger/storage.h"
#include "monitor/storage/pipeline_changes.h"
#include "monitor/storage/postgres_database.h"

namespace walpulse::monitor {

/// The ledger's rows in a schema of a PostgreSQL database, for any number of instances.
///
/// Every transaction but a reading one holds the ledger's advisory lock, shared or exclusive, from
/// its first statement on: what context() returns then stays true until it ends. Rows are locked
/// before they are read, also those that are not there yet: load_runs() and load_series() insert
/// them first, in key order, which waits for whoever inserts the same; commit() takes out what
/// stayed empty. Whole groups travel in one statement of each kind.
class PostgresStorage final : public Storage {
 public:
  explicit PostgresStorage(PostgresTarget target) : database_(std::move(target)) {}

  /// Connects, and makes or migrates the tables.
  Result<void> open(Timestamp birth);

  Result<void> begin(Intent intent) override;
  Result<void> commit() override;
  void rollback() override;
  void claim(Claim what) override;

  Context context() override;
  void save_source(SourceRow& source) override;
  void add_end(std::int64_t source, const Entry& end) override;
  void save_last_end(Timestamp end) override;
  void save_floor(std::int64_t source, const schema::Position& floor) override;
  void save_intake(IntakeTime clock) override;
  void note_heard() override;
  void touch() override;

  // postgres_lease.cpp
  std::uint64_t take_lease(const std::string& holder, std::chrono::milliseconds ttl) override;
  bool holds_lease(std::uint64_t generation) override;
  void release_lease(std::uint64_t generation) override;
  std::string remembered(const std::string& name) override;
  void remember(const std::string& name, const std::string& value) override;

  // postgres_epochs.cpp
  void save_epoch(const EpochRow& epoch) override;
  std::vector<StayRow> stays(const EpochRow& epoch) override;
  void save_stay(const EpochRow& epoch, const StayRow& stay) override;
  void remove_stay(const EpochRow& epoch, const StayRow& stay) override;
  std::string watermark(std::int64_t source) override;
  void save_watermark(std::int64_t source, const std::string& state,
                      const std::optional<schema::Position>& delivered) override;

  // postgres_snapshots.cpp
  void save_snapshot_end(std::int64_t source, const SnapshotEndRow& end) override;
  void add_snapshot_rows(std::int64_t source, std::span<const SnapshotRows> rows) override;
  std::vector<SnapshotRows> snapshot_rows(std::int64_t source,
                                          const schema::Position& position) override;
  void forget_snapshots(std::int64_t source, const schema::Position& position) override;

  // postgres_runs.cpp
  std::vector<StoredRun> load_runs(std::span<const RunKey> keys) override;
  void save_runs(std::span<const StoredRun> runs) override;
  std::vector<RunKey> active_runs(std::int64_t source) override;
  std::vector<StoredRun> runs_after(const RunKey& after, std::size_t count_max) override;
  void remove_runs(std::span<const StoredRun> runs) override;
  std::vector<RunKey> due_runs(IntakeTime clock, std::size_t count_max) override;
  std::vector<PipelineRow> pipelines() override;

  // postgres_series.cpp
  std::vector<Series> load_series(std::span<const SeriesKey> keys) override;
  std::vector<Series> all_series() override;
  void save_series(std::span<Series> series) override;
  void mark_exported(std::span<const ExportMark> marks) override;
  void remove_series(std::span<const std::int64_t> ids) override;

  // postgres_labels.cpp
  std::set<std::string> label_values(const std::string& label) override;
  void add_label_value(const std::string& label, const std::string& value) override;
  std::vector<ConnectorRow> connectors() override;
  void save_connector(const ConnectorRow& connector) override;
  void remove_connectors(Timestamp sent_before) override;

  // postgres_rejected.cpp
  void add_rejected(const Rejected& message) override { rejected_.push_back(message); }
  std::vector<Rejected> rejected(std::int64_t after, std::size_t count_max) override;
  std::vector<Rejected> unforwarded(std::size_t count_max) override;
  void mark_forwarded(std::span<const std::int64_t> ids) override;
  void remove_rejected(std::span<const std::int64_t> ids) override;

 private:
  void check_version(std::int64_t version);
  void corrupt(std::string_view what);
  StoredRun read_run(const RunKey& key, const std::string& body);
  void save_pipelines(const PipelineChanges& changes);
  bool read_series(const PostgresRows& rows, std::size_t row, Series& series);
  void insert_series(std::span<Series> series, std::span<const std::size_t> places);
  std::vector<Rejected> read_rejected(const PostgresRows& rows);

  // What a transaction does last.
  void insert_rejected();
  void remove_empty_runs();
  void remove_empty_series();

  PostgresDatabase database_;
  bool reading_ = false;                    ///< This transaction may lock no row.
  std::set<RunKey> empty_runs_;             ///< Inserted by load_runs(), not saved yet.
  std::vector<std::int64_t> empty_series_;  ///< Inserted by load_series().
  std::vector<Rejected> rejected_;          ///< Inserted at the end, in one statement.
};

/// Errors: unavailable (no such server, no such database, wrong password), rejected (not a ledger,
/// one written by a newer version, no right to make it).
Result<std::unique_ptr<Storage>> open_postgres_storage(PostgresTarget target, Timestamp birth);

}  // namespace walpulse::monitor
