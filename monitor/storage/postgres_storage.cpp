#include "monitor/storage/postgres_storage.h"

#include <algorithm>
#include <string>
#include <utility>

#include "monitor/storage/postgres_schema.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

// Rows of context().

SourceRow read_source(const PostgresRows& rows, std::size_t i) {
  SourceRow source;
  source.id = rows.number(i, 1);
  source.name = rows.bytes(i, 4);
  source.table = rows.bytes(i, 5);
  if (!rows.is_null(i, 2)) source.last_created = restored(rows.number(i, 2));
  if (!rows.is_null(i, 6)) source.floor = decode_position(rows.bytes(i, 6));
  if (!rows.is_null(i, 11)) source.delivered = decode_position(rows.bytes(i, 11));
  return source;
}

void read_end(const PostgresRows& rows, std::size_t i, Context& context) {
  const auto position = decode_position(rows.bytes(i, 4));
  const auto at = std::find_if(context.sources.begin(), context.sources.end(),
                               [&](const SourceRow& row) { return row.id == rows.number(i, 1); });
  if (position && at != context.sources.end())
    at->ends.push_back(make_end(*position, restored(rows.number(i, 2))));
}

void read_snapshot_end(const PostgresRows& rows, std::size_t i, Context& context) {
  const auto position = decode_position(rows.bytes(i, 4));
  const auto at = std::find_if(context.sources.begin(), context.sources.end(),
                               [&](const SourceRow& row) { return row.id == rows.number(i, 1); });
  if (!position || at == context.sources.end()) return;
  SnapshotEndRow& end = at->snapshot_ends.emplace_back();
  end.position = *position;
  end.time = restored(rows.number(i, 2));
  end.rows = rows.number(i, 3);
  end.complete = rows.flag(i, 8);
  end.from = rows.number(i, 9);
  end.to = rows.number(i, 10);
}

EpochRow read_epoch(const PostgresRows& rows, std::size_t i) {
  EpochRow epoch;
  epoch.epoch = static_cast<std::uint64_t>(rows.number(i, 1));
  epoch.lsn_time = restored(rows.number(i, 2));
  epoch.newest = restored(rows.number(i, 3));
  epoch.name = rows.bytes(i, 4);
  epoch.table = rows.bytes(i, 5);
  epoch.identity.publication = rows.bytes(i, 6);
  epoch.lsn = parse_lsn(rows.text(i, 7)).value_or(Lsn{});
  epoch.standing = static_cast<Standing>(rows.number(i, 9));
  epoch.since = IntakeTime(rows.number(i, 10));
  epoch.identity.follows = decode_follows(rows.bytes(i, 11)).value_or(std::vector<std::uint64_t>{});
  epoch.heartbeat = IntakeTime(rows.number(i, 12));
  epoch.identity.database = rows.bytes(i, 14);
  epoch.identity.system = static_cast<std::uint64_t>(rows.number(i, 13));
  return epoch;
}

}  // namespace

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

/// All kinds of rows in one answer: of kind 0 the ledger, 1 its sources, 2 their ends, in order of
/// position, 3 the epochs, 4 the ends of snapshots.
Context PostgresStorage::context() {
  const auto rows = database_.query(
      "SELECT 0, version::bigint, birth, last_end, NULL::bytea AS x, NULL::bytea, NULL::bytea, "
      "NULL::pg_lsn, false, intake, heard, NULL::bytea, NULL::bigint, NULL::bigint, NULL::bytea "
      "FROM ledger "
      "UNION ALL SELECT 1, id, last_created, NULL, name, tbl, floor, NULL, false, NULL, NULL, "
      "delivered, NULL, NULL, NULL FROM source "
      "UNION ALL SELECT 2, source, commit_time, NULL, position, NULL, NULL, NULL, false, NULL, "
      "NULL, NULL, NULL, NULL, NULL FROM table_end "
      "UNION ALL SELECT 3, epoch, lsn_time, newest, name, tbl, publication, lsn, false, standing, "
      "since, follows, heartbeat, system, db FROM epoch "
      "UNION ALL SELECT 4, source, time, rows, position, NULL, NULL, NULL, complete, from_id, "
      "to_id, NULL, NULL, NULL, NULL FROM snapshot_end "
      "ORDER BY 1, x, 2");
  Context context;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    switch (rows.number(i, 0)) {
      case 0:
        check_version(rows.number(i, 1));
        context.birth = restored(rows.number(i, 2));
        context.last_end = restored(rows.number(i, 3));
        context.intake = IntakeTime(rows.number(i, 9));
        context.heard = rows.number(i, 10);
        break;
      case 1:
        context.sources.push_back(read_source(rows, i));
        break;
      case 2:
        read_end(rows, i, context);
        break;
      case 3:
        context.epochs.push_back(read_epoch(rows, i));
        break;
      default:
        read_snapshot_end(rows, i, context);
    }
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

void PostgresStorage::save_last_end(Timestamp end) {
  database_.query("UPDATE ledger SET last_end = $1::bigint", PostgresValues().number(stored(end)));
}

void PostgresStorage::save_floor(std::int64_t source, const schema::Position& floor) {
  database_.query("UPDATE source SET floor = greatest(floor, $2::bytea) WHERE id = $1::bigint",
                  PostgresValues().number(source).bytes(encode_position(floor)));
}

void PostgresStorage::save_intake(IntakeTime clock) {
  database_.query("UPDATE ledger SET intake = greatest(intake, $1::bigint)",
                  PostgresValues().number(clock.count()));
}

void PostgresStorage::note_heard() { database_.query("UPDATE ledger SET heard = heard + 1"); }

}  // namespace walpulse::monitor
