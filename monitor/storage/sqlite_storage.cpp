#include "monitor/storage/sqlite_storage.h"

#include <algorithm>
#include <string>
#include <utility>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite_schema.h"

namespace walpulse::monitor {

Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::filesystem::path& path,
                                                     Timestamp birth,
                                                     std::chrono::milliseconds lock_wait) {
  auto database = SqliteDatabase::open(path, static_cast<int>(lock_wait.count()));
  if (!database) return tl::unexpected(database.error());
  if (auto migrated = migrate(**database, birth); !migrated)
    return fail(migrated.error().kind, path.string() + ": " + migrated.error().message);
  return std::make_unique<SqliteStorage>(*std::move(database));
}

Result<void> SqliteStorage::begin(Intent intent) {
  database_->clear_error();
  database_->query(intent == Intent::read ? "BEGIN" : "BEGIN IMMEDIATE").run();
  if (database_->error()) return tl::unexpected(*database_->error());
  return {};
}

Result<void> SqliteStorage::commit() {
  database_->query("COMMIT").run();
  if (!database_->error()) return {};
  const Error error = *database_->error();
  rollback();
  return tl::unexpected(error);
}

void SqliteStorage::rollback() {
  database_->clear_error();
  if (database_->in_transaction()) database_->query("ROLLBACK").run();
}

void SqliteStorage::corrupt(std::string_view what) {
  database_->fail_with(ErrorKind::rejected, "the ledger holds an unreadable " + std::string(what));
}

Context SqliteStorage::context() {
  Context context;
  if (auto row = database_->query("SELECT birth, last_end, intake, heard FROM ledger");
      row.step()) {
    context.birth = restored(row.number(0));
    context.last_end = restored(row.number(1));
    context.intake = IntakeTime(row.number(2));
    context.heard = row.number(3);
  }
  auto sources = database_->query(
      "SELECT id, name, tbl, last_created, floor, delivered FROM source ORDER BY id");
  while (sources.step()) {
    SourceRow& source = context.sources.emplace_back();
    source.id = sources.number(0);
    source.name = sources.bytes(1);
    source.table = sources.bytes(2);
    if (!sources.is_null(3)) source.last_created = restored(sources.number(3));
    if (!sources.is_null(4)) source.floor = decode_position(sources.bytes(4));
    if (!sources.is_null(5)) source.delivered = decode_position(sources.bytes(5));
  }
  auto ends = database_->query(
      "SELECT source, position, commit_time FROM table_end ORDER BY source, position");
  while (ends.step()) {
    const auto position = decode_position(ends.bytes(1));
    const auto at = std::find_if(context.sources.begin(), context.sources.end(),
                                 [&](const SourceRow& row) { return row.id == ends.number(0); });
    if (position && at != context.sources.end())
      at->ends.push_back(make_end(*position, restored(ends.number(2))));
  }
  read_snapshot_ends(context);
  read_epochs(context);
  return context;
}

void SqliteStorage::save_source(SourceRow& source) {
  if (source.id == 0) {
    database_->query("INSERT INTO source (name, tbl) VALUES (?, ?)")
        .bind_text(source.name)
        .bind_text(source.table)
        .run();
    source.id = database_->last_insert_id();
  }
  if (source.last_created)
    database_
        ->query(
            "UPDATE source SET last_created = max(coalesce(last_created, ?1), ?1) WHERE id = ?2")
        .bind(stored(*source.last_created))
        .bind(source.id)
        .run();
}

void SqliteStorage::add_end(std::int64_t source, const Entry& end) {
  const std::string position = encode_position(end.position);
  database_->query("INSERT INTO table_end VALUES (?, ?, ?)")
      .bind(source)
      .bind_bytes(position)
      .bind(stored(end.commit_time))
      .run();
}

void SqliteStorage::save_last_end(Timestamp end) {
  database_->query("UPDATE ledger SET last_end = ?").bind(stored(end)).run();
}

void SqliteStorage::save_floor(std::int64_t source, const schema::Position& floor) {
  const std::string position = encode_position(floor);
  database_->query("UPDATE source SET floor = max(coalesce(floor, ?1), ?1) WHERE id = ?2")
      .bind_bytes(position)
      .bind(source)
      .run();
}

void SqliteStorage::save_intake(IntakeTime clock) {
  database_->query("UPDATE ledger SET intake = max(intake, ?)").bind(clock.count()).run();
}

void SqliteStorage::note_heard() { database_->query("UPDATE ledger SET heard = heard + 1").run(); }

std::string SqliteStorage::remembered(const std::string& name) {
  auto row = database_->query("SELECT value FROM remembered WHERE name = ?");
  row.bind_text(name);
  return row.step() ? std::string(row.bytes(0)) : std::string();
}

void SqliteStorage::remember(const std::string& name, const std::string& value) {
  database_->query("INSERT OR REPLACE INTO remembered VALUES (?, ?)")
      .bind_text(name)
      .bind_text(value)
      .run();
}

void SqliteStorage::touch() {
  database_->query("UPDATE ledger SET touched = touched + 1").run();
  auto row = database_->query("SELECT touched FROM ledger");
  if (!row.step()) corrupt("ledger row");
}

std::set<std::string> SqliteStorage::label_values(const std::string& label) {
  std::set<std::string> values;
  auto rows = database_->query("SELECT value FROM label_value WHERE label = ?");
  rows.bind_text(label);
  while (rows.step()) values.emplace(rows.bytes(0));
  return values;
}

void SqliteStorage::add_label_value(const std::string& label, const std::string& value) {
  database_->query("INSERT OR IGNORE INTO label_value VALUES (?, ?)")
      .bind_text(label)
      .bind_text(value)
      .run();
}

std::vector<ConnectorRow> SqliteStorage::connectors() {
  std::vector<ConnectorRow> found;
  auto rows = database_->query(
      "SELECT name, instance, started_at, sequence, sent_at, heartbeat FROM connector");
  while (rows.step())
    found.push_back({std::string(rows.bytes(0)), std::string(rows.bytes(1)),
                     restored(rows.number(2)), static_cast<std::uint64_t>(rows.number(3)),
                     restored(rows.number(4)), std::string(rows.bytes(5))});
  return found;
}

void SqliteStorage::save_connector(const ConnectorRow& connector) {
  database_->query("INSERT OR REPLACE INTO connector VALUES (?, ?, ?, ?, ?, ?)")
      .bind_text(connector.name)
      .bind_text(connector.instance)
      .bind(stored(connector.started_at))
      .bind(static_cast<std::int64_t>(connector.sequence))
      .bind(stored(connector.sent_at))
      .bind_text(connector.heartbeat)
      .run();
}

void SqliteStorage::remove_connectors(Timestamp sent_before) {
  database_->query("DELETE FROM connector WHERE sent_at < ?").bind(stored(sent_before)).run();
}

}  // namespace walpulse::monitor
