#pragma once

#include <filesystem>
#include <memory>

#include "monitor/ledger/storage.h"
#include "monitor/storage/ledger_factory.h"
#include "monitor/storage/lone_storage.h"
#include "monitor/storage/pipeline_changes.h"
#include "monitor/storage/sqlite_database.h"

namespace walpulse::monitor {

/// The ledger's rows in one SQLite file: write-ahead log, synced at every commit.
class SqliteStorage final : public LoneStorage {
 public:
  explicit SqliteStorage(std::unique_ptr<SqliteDatabase> database)
      : database_(std::move(database)) {}

  Result<void> begin(Intent intent) override;
  Result<void> commit() override;
  void rollback() override;

  Context context() override;
  void save_source(SourceRow& source) override;
  void add_end(std::int64_t source, const Entry& end) override;
  void save_last_end(Timestamp end) override;
  void save_floor(std::int64_t source, const schema::Position& floor) override;
  void save_intake(IntakeTime clock) override;
  void note_heard() override;
  std::string remembered(const std::string& name) override;
  void remember(const std::string& name, const std::string& value) override;

  // sqlite_epochs.cpp
  void save_epoch(const EpochRow& epoch) override;
  std::vector<StayRow> stays(const EpochRow& epoch) override;
  void save_stay(const EpochRow& epoch, const StayRow& stay) override;
  void remove_stay(const EpochRow& epoch, const StayRow& stay) override;
  std::string watermark(std::int64_t source) override;
  void save_watermark(std::int64_t source, const std::string& state,
                      const std::optional<schema::Position>& delivered) override;

  // sqlite_snapshots.cpp
  void save_snapshot_end(std::int64_t source, const SnapshotEndRow& end) override;
  void add_snapshot_rows(std::int64_t source, std::span<const SnapshotRows> rows) override;
  std::vector<SnapshotRows> snapshot_rows(std::int64_t source,
                                          const schema::Position& position) override;
  void forget_snapshots(std::int64_t source, const schema::Position& position) override;

  // sqlite_runs.cpp
  std::vector<StoredRun> load_runs(std::span<const RunKey> keys) override;
  void save_runs(std::span<const StoredRun> runs) override;
  std::vector<RunKey> active_runs(std::int64_t source) override;
  std::vector<StoredRun> runs_after(const RunKey& after, std::size_t count_max) override;
  void remove_runs(std::span<const StoredRun> runs) override;
  std::vector<RunKey> due_runs(IntakeTime clock, std::size_t count_max) override;
  std::vector<PipelineRow> pipelines() override;

  // sqlite_series.cpp
  std::vector<Series> load_series(std::span<const SeriesKey> keys) override;
  std::vector<Series> all_series() override;
  void save_series(std::span<Series> series) override;
  void mark_exported(std::span<const ExportMark> marks) override;
  void remove_series(std::span<const std::int64_t> ids) override;

  std::set<std::string> label_values(const std::string& label) override;
  void add_label_value(const std::string& label, const std::string& value) override;
  std::vector<ConnectorRow> connectors() override;
  void save_connector(const ConnectorRow& connector) override;
  void remove_connectors(Timestamp sent_before) override;
  void touch() override;

  // sqlite_rejected.cpp
  void add_rejected(const Rejected& message) override;
  std::vector<Rejected> rejected(std::int64_t after, std::size_t count_max) override;
  std::vector<Rejected> unforwarded(std::size_t count_max) override;
  void mark_forwarded(std::span<const std::int64_t> ids) override;
  void remove_rejected(std::span<const std::int64_t> ids) override;

 private:
  void save_run(const StoredRun& stored);
  StoredRun read_run(const RunKey& key, std::string_view body);
  void save_pipelines(const PipelineChanges& changes);
  std::vector<Rejected> read_rejected(SqliteQuery& rows);
  void read_snapshot_ends(Context& context);
  void read_epochs(Context& context);
  void read_successes(PipelineRow& row);
  void corrupt(std::string_view what);

  std::unique_ptr<SqliteDatabase> database_;
};

Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::filesystem::path& path,
                                                     Timestamp birth,
                                                     std::chrono::milliseconds lock_wait);

}  // namespace walpulse::monitor
