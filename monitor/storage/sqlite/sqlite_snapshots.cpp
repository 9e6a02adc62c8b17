#include <algorithm>
#include <string>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteSnapshots final : public SnapshotStore {
 public:
  explicit SqliteSnapshots(SqliteDatabase& database) : database_(database) {}

  void save_end(std::int64_t source, const SnapshotEndRow& end) override;
  void add_rows(std::int64_t source, std::span<const SnapshotRows> rows) override;
  std::vector<SnapshotRows> rows(std::int64_t source, const schema::Position& position) override;
  void forget(std::int64_t source, const schema::Position& position) override;

 private:
  SqliteDatabase& database_;
};

void SqliteSnapshots::save_end(std::int64_t source, const SnapshotEndRow& end) {
  const std::string position = encode_position(end.position);
  database_
      .query(
          "INSERT INTO snapshot_end VALUES (?, ?, ?, ?, ?, ?, ?) "
          "ON CONFLICT DO UPDATE SET complete = max(complete, excluded.complete)")
      .bind(source)
      .bind_bytes(position)
      .bind(end.from)
      .bind(end.to)
      .bind(end.rows)
      .bind(stored(end.time))
      .bind(std::int64_t{end.complete})
      .run();
}

void SqliteSnapshots::add_rows(std::int64_t source, std::span<const SnapshotRows> rows) {
  for (const SnapshotRows& each : rows) {
    const std::string position = encode_position(each.position);
    database_
        .query(
            "INSERT INTO snapshot_rows VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET rows = rows + excluded.rows")
        .bind(source)
        .bind_bytes(position)
        .bind(each.chunk)
        .bind(each.rows)
        .run();
  }
}

std::vector<SnapshotRows> SqliteSnapshots::rows(std::int64_t source,
                                                const schema::Position& position) {
  std::vector<SnapshotRows> found;
  const std::string encoded = encode_position(position);
  auto rows =
      database_.query("SELECT chunk, rows FROM snapshot_rows WHERE source = ? AND position = ?");
  rows.bind(source).bind_bytes(encoded);
  while (rows.step()) found.push_back({position, rows.number(0), rows.number(1)});
  return found;
}

void SqliteSnapshots::forget(std::int64_t source, const schema::Position& position) {
  const std::string encoded = encode_position(position);
  database_.query("DELETE FROM snapshot_end WHERE source = ? AND position < ?")
      .bind(source)
      .bind_bytes(encoded)
      .run();
  database_.query("DELETE FROM snapshot_rows WHERE source = ? AND position <= ?")
      .bind(source)
      .bind_bytes(encoded)
      .run();
}

}  // namespace

std::unique_ptr<SnapshotStore> make_sqlite_snapshots(SqliteDatabase& database) {
  return std::make_unique<SqliteSnapshots>(database);
}

void read_snapshot_ends(SqliteDatabase& database, Context& context) {
  auto ends = database.query(
      "SELECT source, position, from_id, to_id, rows, time, complete FROM snapshot_end");
  while (ends.step()) {
    const auto position = decode_position(ends.bytes(1));
    const auto at = std::find_if(context.sources.begin(), context.sources.end(),
                                 [&](const SourceRow& row) { return row.id == ends.number(0); });
    if (!position || at == context.sources.end()) continue;
    SnapshotEndRow& end = at->snapshot_ends.emplace_back();
    end.position = *position;
    end.from = ends.number(2);
    end.to = ends.number(3);
    end.rows = ends.number(4);
    end.time = restored(ends.number(5));
    end.complete = ends.number(6) != 0;
  }
}

}  // namespace walpulse::monitor
