#include "monitor/storage/postgres/postgres_storage.h"

#include <chrono>
#include <string>
#include <utility>

#include "monitor/storage/postgres/postgres_schema.h"
#include "monitor/storage/postgres/postgres_stores.h"

namespace walpulse::monitor {
namespace {

/// A ledger of an earlier build may have millions of rows to write again.
constexpr std::chrono::minutes kMigrationWait{30};
constexpr std::size_t kReadersMax = 2;
constexpr std::chrono::seconds kReadingTimeout{2};
constexpr std::chrono::seconds kReadingAnswerWait{5};

Stores stores_in(PostgresUnit& unit) {
  Stores stores;
  stores.rejected = make_postgres_rejected(unit);  // the first: what it kept back is written first
  stores.runs = make_postgres_runs(unit);
  stores.table_rows = make_postgres_table_rows(unit);
  stores.series = make_postgres_series(unit);
  stores.labels = make_postgres_labels(unit);
  stores.sources = make_postgres_sources(unit);
  stores.epochs = make_postgres_epochs(unit);
  stores.snapshots = make_postgres_snapshots(unit);
  stores.connectors = make_postgres_connectors(unit);
  stores.clocks = make_postgres_clocks(unit);
  stores.lease = make_postgres_lease(unit);
  stores.pins = make_postgres_pins(unit);
  stores.problems = make_postgres_problems(unit);
  stores.mutes = make_postgres_mutes(unit);
  stores.daily = make_postgres_daily(unit);
  stores.happenings = make_postgres_happenings(unit);
  stores.notices = make_postgres_notices(unit);
  stores.deliveries = make_postgres_deliveries(unit);
  return stores;
}

PostgresLock lock_of(Claim claim) {
  switch (claim) {
    case Claim::labels:
      return PostgresLock::labels;
    case Claim::connectors:
      return PostgresLock::connectors;
    case Claim::deliveries:
      break;
  }
  return PostgresLock::deliveries;
}

class PostgresTransaction final : public Transaction {
 public:
  explicit PostgresTransaction(PostgresUnit& unit)
      : Transaction(stores_in(unit)), database_(unit.database) {}

  Context context() override { return read_context(database_); }
  void claim(Claim what) override { database_.execute(lock_statement(lock_of(what))); }
  void touch() override {
    const auto row = database_.query(
        "UPDATE probe SET touched = touched + 1 RETURNING (SELECT version FROM ledger)");
    if (!row.empty()) check_version(database_, row.number(0, 0));
  }

 private:
  PostgresDatabase& database_;
};

/// Every transaction but a reading one holds the ledger's lock, shared or exclusive, from
/// its first statement on: what context() returns then stays true until it ends. Rows are locked
/// before they are read, also those that are not there yet: RunStore and SeriesStore insert them
/// first, in key order, which waits for whoever inserts the same; commit() takes out what stayed
/// empty. Whole groups travel in one statement of each kind.
class PostgresStorage final : public Storage {
 public:
  explicit PostgresStorage(PostgresTarget target)
      : database_(std::move(target)), unit_{database_}, transaction_(unit_) {}

  /// Connects, and makes or migrates the tables.
  Result<void> open(Timestamp birth) {
    PostgresTarget patient = database_.target();
    patient.answer_wait = kMigrationWait;
    PostgresDatabase migrating(std::move(patient));
    migrating.connect();
    if (migrating.error()) return tl::unexpected(*migrating.error());
    return migrate(migrating, birth);
  }

  Result<void> begin(Intent intent) override;
  Result<void> so_far() override {
    if (database_.error()) return tl::unexpected(*database_.error());
    return {};
  }
  Result<void> commit() override;
  void rollback() override;
  Transaction& transaction() override { return transaction_; }

 private:
  PostgresDatabase database_;
  PostgresUnit unit_;
  PostgresTransaction transaction_;
};

Result<void> PostgresStorage::begin(Intent intent) {
  database_.clear_error();
  unit_.reading = intent == Intent::read;
  unit_.pending.drop();
  const std::string sql = unit_.reading
                              ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                              : "BEGIN ISOLATION LEVEL READ COMMITTED; " +
                                    lock_statement(PostgresLock::ledger, intent == Intent::share);
  const bool fresh = !database_.connected();
  if (fresh) database_.connect();
  database_.execute(sql);
  if (!fresh && !database_.connected()) {  // it was lost while nobody used it
    database_.clear_error();
    database_.connect();
    database_.execute(sql);
  }
  if (!database_.error()) return {};
  const Error error = *database_.error();
  rollback();
  return tl::unexpected(error);
}

Result<void> PostgresStorage::commit() {
  unit_.pending.finish();
  database_.execute("COMMIT");
  if (!database_.error()) return {};
  const Error error = *database_.error();
  rollback();
  return tl::unexpected(error);
}

void PostgresStorage::rollback() {
  database_.clear_error();
  if (database_.connected()) database_.execute("ROLLBACK");
  database_.clear_error();
}

}  // namespace

Result<std::unique_ptr<Storage>> open_postgres_storage(PostgresTarget target, Timestamp birth) {
  auto storage = std::make_unique<PostgresStorage>(std::move(target));
  if (auto opened = storage->open(birth); !opened) return tl::unexpected(opened.error());
  return storage;
}

Readers postgres_readers(PostgresTarget target) {
  target.statement_timeout = kReadingTimeout;
  target.answer_wait = kReadingAnswerWait;
  const auto open = [target = std::move(target)]() -> Result<std::unique_ptr<Storage>> {
    return std::make_unique<PostgresStorage>(target);  // its first transaction connects
  };
  return {open, kReadersMax};
}

}  // namespace walpulse::monitor
