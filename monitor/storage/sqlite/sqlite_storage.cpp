#include "monitor/storage/sqlite/sqlite_storage.h"

#include <string>
#include <utility>

#include "decoder/base/error_context.h"
#include "monitor/storage/single_writer_lease.h"
#include "monitor/storage/sqlite/sqlite_schema.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

Stores stores_in(SqliteDatabase& database) {
  Stores stores;
  stores.runs = make_sqlite_runs(database);
  stores.table_rows = make_sqlite_table_rows(database);
  stores.series = make_sqlite_series(database);
  stores.labels = make_sqlite_labels(database);
  stores.sources = make_sqlite_sources(database);
  stores.epochs = make_sqlite_epochs(database);
  stores.snapshots = make_sqlite_snapshots(database);
  stores.connectors = make_sqlite_connectors(database);
  stores.clocks = make_sqlite_clocks(database);
  stores.rejected = make_sqlite_rejected(database);
  stores.lease = std::make_unique<SingleWriterLease>();
  stores.pins = make_sqlite_pins(database);
  stores.problems = make_sqlite_problems(database);
  stores.mutes = make_sqlite_mutes(database);
  stores.daily = make_sqlite_daily(database);
  return stores;
}

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database)
      : Transaction(stores_in(database)), database_(database) {}

  Context context() override {
    Context context;
    read_clocks(database_, context);
    read_sources(database_, context);
    read_snapshot_ends(database_, context);
    read_epochs(database_, context);
    return context;
  }
  void claim(Claim) override {}  // no other transaction writes meanwhile
  void touch() override {
    database_.query("UPDATE ledger SET touched = touched + 1").run();
    auto row = database_.query("SELECT touched FROM ledger");
    if (!row.step()) database_.corrupt("ledger row");
  }

 private:
  SqliteDatabase& database_;
};

class SqliteStorage final : public Storage {
 public:
  explicit SqliteStorage(std::unique_ptr<SqliteDatabase> database)
      : database_(std::move(database)), transaction_(*database_) {}

  Result<void> begin(Intent intent) override {
    database_->clear_error();
    database_->query(intent == Intent::read ? "BEGIN" : "BEGIN IMMEDIATE").run();
    if (database_->error()) return tl::unexpected(*database_->error());
    return {};
  }
  Result<void> so_far() override {
    if (database_->error()) return tl::unexpected(*database_->error());
    return {};
  }
  Result<void> commit() override {
    database_->query("COMMIT").run();
    if (!database_->error()) return {};
    const Error error = *database_->error();
    rollback();
    return tl::unexpected(error);
  }
  void rollback() override {
    database_->clear_error();
    if (database_->in_transaction()) database_->query("ROLLBACK").run();
  }
  Transaction& transaction() override { return transaction_; }

 private:
  const std::unique_ptr<SqliteDatabase> database_;
  SqliteTransaction transaction_;
};

}  // namespace

Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::filesystem::path& path,
                                                     Timestamp birth,
                                                     std::chrono::milliseconds lock_wait) {
  auto database = SqliteDatabase::open(path, lock_wait);
  if (!database) return tl::unexpected(database.error());
  if (auto migrated = migrate(**database, birth); !migrated)
    return fail(in_context(path.string(), migrated.error()));
  return std::make_unique<SqliteStorage>(*std::move(database));
}

namespace {

Result<std::unique_ptr<Storage>> opened(Result<std::unique_ptr<SqliteDatabase>> database,
                                        const std::filesystem::path& path) {
  if (!database) return tl::unexpected(database.error());
  if (auto known = is_current(**database); !known)
    return fail(in_context(path.string(), known.error()));
  return std::make_unique<SqliteStorage>(*std::move(database));
}

}  // namespace

Result<std::unique_ptr<Storage>> open_sqlite_reading(const std::filesystem::path& path) {
  return opened(SqliteDatabase::open_reader(path), path);
}

Result<std::unique_ptr<Storage>> open_sqlite_beside(const std::filesystem::path& path) {
  return opened(SqliteDatabase::open_beside(path), path);
}

Readers sqlite_readers(const std::filesystem::path& path) {
  const auto open = [path]() -> Result<std::unique_ptr<Storage>> {
    auto database = SqliteDatabase::open_reader(path);
    if (!database) return tl::unexpected(database.error());
    return std::make_unique<SqliteStorage>(*std::move(database));
  };
  return {open, 1};
}

}  // namespace walpulse::monitor
