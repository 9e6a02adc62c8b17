#include "monitor/storage/postgres_storage.h"

#include <algorithm>
#include <string>
#include <utility>

#include "monitor/storage/postgres_schema.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {

Result<std::unique_ptr<Storage>> open_postgres_storage(PostgresTarget target, Timestamp birth) {
  auto storage = std::make_unique<PostgresStorage>(std::move(target));
  if (auto opened = storage->open(birth); !opened) return tl::unexpected(opened.error());
  return storage;
}

Result<void> PostgresStorage::open(Timestamp birth) {
  database_.connect();
  if (database_.error()) return tl::unexpected(*database_.error());
  return migrate(database_, birth);
}

Result<void> PostgresStorage::begin(Intent intent) {
  database_.clear_error();
  reading_ = intent == Intent::read;
  empty_runs_.clear();
  empty_series_.clear();
  rejected_.clear();
  const std::string sql = reading_ ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                   : "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT " +
                                         lock_call(PostgresLock::ledger, database_.target().schema,
                                                   intent == Intent::share);
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
  insert_rejected();
  remove_empty_runs();
  remove_empty_series();
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

void PostgresStorage::claim(Claim what) {
  const auto lock = what == Claim::labels ? PostgresLock::labels : PostgresLock::connectors;
  database_.execute("SELECT " + lock_call(lock, database_.target().schema));
}

void PostgresStorage::corrupt(std::string_view what) {
  database_.fail_with(ErrorKind::rejected, "the ledger holds an unreadable " + std::string(what));
}

/// Another instance may have migrated the tables since this one opened them.
void PostgresStorage::check_version(std::int64_t version) {
  if (version == postgres_schema_version()) return;
  database_.fail_with(ErrorKind::unavailable,
                      "the ledger's tables now have version " + std::to_string(version) +
                          ", this program knows " + std::to_string(postgres_schema_version()) +
                          ": run the version that the others run");
}

void PostgresStorage::touch() {
  const auto row = database_.query(
      "UPDATE probe SET touched = touched + 1 RETURNING (SELECT version FROM ledger)");
  if (!row.empty()) check_version(row.number(0, 0));
}

Context PostgresStorage::context() {
  Context context;
  const auto ledger = database_.query("SELECT version, birth, last_end FROM ledger");
  if (ledger.empty()) return context;
  check_version(ledger.number(0, 0));
  context.birth = restored(ledger.number(0, 1));
  context.last_end = restored(ledger.number(0, 2));
  const auto sources = database_.query(
      "SELECT id, name, tbl, last_created, floor, floor_time FROM source ORDER BY id");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    SourceRow& source = context.sources.emplace_back();
    source.id = sources.number(i, 0);
    source.name = sources.bytes(i, 1);
    source.table = sources.bytes(i, 2);
    if (!sources.is_null(i, 3)) source.last_created = restored(sources.number(i, 3));
    if (sources.is_null(i, 4)) continue;
    source.floor = decode_position(sources.bytes(i, 4));
    source.floor_time = restored(sources.number(i, 5));
  }
  const auto ends = database_.query(
      "SELECT source, position, commit_time FROM table_end ORDER BY source, position");
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const auto position = decode_position(ends.bytes(i, 1));
    const auto at = std::find_if(context.sources.begin(), context.sources.end(),
                                 [&](const SourceRow& row) { return row.id == ends.number(i, 0); });
    if (position && at != context.sources.end())
      at->ends.push_back(make_end(*position, restored(ends.number(i, 2))));
  }
  const auto epochs = database_.query(
      "SELECT name, epoch, lsn, lsn_time, newest, conflicted FROM epoch ORDER BY name, epoch");
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    EpochRow& epoch = context.epochs.emplace_back();
    epoch.name = epochs.bytes(i, 0);
    epoch.epoch = static_cast<std::uint64_t>(epochs.number(i, 1));
    epoch.lsn = parse_lsn(epochs.text(i, 2)).value_or(Lsn{});
    epoch.lsn_time = restored(epochs.number(i, 3));
    epoch.newest = restored(epochs.number(i, 4));
    epoch.conflicted = epochs.flag(i, 5);
  }
  return context;
}

void PostgresStorage::save_source(SourceRow& source) {
  if (source.id == 0) {
    // The update, which changes nothing, waits for an instance that inserts the same source.
    const auto row = database_.query(
        "INSERT INTO source (name, tbl) VALUES ($1::bytea, $2::bytea) "
        "ON CONFLICT (name, tbl) DO UPDATE SET name = excluded.name RETURNING id",
        PostgresValues().bytes(source.name).bytes(source.table));
    if (!row.empty()) source.id = row.number(0, 0);
  }
  if (source.last_created)
    database_.query(
        "UPDATE source SET last_created = greatest(last_created, $2::bigint) WHERE id = $1::bigint",
        PostgresValues().number(source.id).number(stored(*source.last_created)));
}

void PostgresStorage::add_end(std::int64_t source, const Entry& end) {
  database_.query("INSERT INTO table_end VALUES ($1::bigint, $2::bytea, $3::bigint)",
                  PostgresValues()
                      .number(source)
                      .bytes(encode_position(end.position))
                      .number(stored(end.commit_time)));
}

void PostgresStorage::save_epoch(const EpochRow& epoch) {
  const auto row = database_.query(
      "INSERT INTO epoch AS e VALUES "
      "($1::bytea, $2::bigint, $3::pg_lsn, $4::bigint, $5::bigint, $6::boolean) "
      "ON CONFLICT (name, epoch) DO UPDATE SET lsn = greatest(e.lsn, excluded.lsn), lsn_time = "
      "CASE WHEN excluded.lsn > e.lsn THEN excluded.lsn_time ELSE e.lsn_time END, "
      "newest = greatest(e.newest, excluded.newest), conflicted = e.conflicted OR "
      "excluded.conflicted "
      "RETURNING lsn = $3::pg_lsn AND lsn_time <> $4::bigint",
      PostgresValues()
          .bytes(epoch.name)
          .number(static_cast<std::int64_t>(epoch.epoch))
          .number(static_cast<std::int64_t>(epoch.lsn.value))
          .number(stored(epoch.lsn_time))
          .number(stored(epoch.newest))
          .flag(epoch.conflicted));
  if (!row.empty() && row.flag(0, 0))
    database_.fail_with(ErrorKind::contended,
                        "another instance has just seen this position with another commit time");
}

void PostgresStorage::save_last_end(Timestamp end) {
  database_.query("UPDATE ledger SET last_end = $1::bigint", PostgresValues().number(stored(end)));
}

void PostgresStorage::save_floor(std::int64_t source, const schema::Position& floor,
                                 Timestamp floor_time) {
  database_.query(
      "UPDATE source SET floor = greatest(floor, $2::bytea), "
      "floor_time = greatest(floor_time, $3::bigint) WHERE id = $1::bigint",
      PostgresValues().number(source).bytes(encode_position(floor)).number(stored(floor_time)));
}

}  // namespace walpulse::monitor
