#include <algorithm>
#include <string>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteSources final : public SourceStore {
 public:
  explicit SqliteSources(SqliteDatabase& database) : database_(database) {}

  void save(SourceRow& source) override;
  void add_end(std::int64_t source, const Entry& end) override;
  void save_floor(std::int64_t source, const schema::Position& floor) override;
  std::string watermark(std::int64_t source) override;
  void save_watermark(std::int64_t source, const std::string& state,
                      const std::optional<schema::Position>& delivered, Timestamp as_of) override;
  void count_change(std::int64_t source) override;

 private:
  SqliteDatabase& database_;
};

void SqliteSources::save(SourceRow& source) {
  if (source.id == 0) {
    database_.query("INSERT INTO source (name, tbl) VALUES (?, ?)")
        .bind_text(source.name)
        .bind_text(source.table)
        .run();
    source.id = database_.last_insert_id();
  }
  if (source.last_created)
    database_
        .query("UPDATE source SET last_created = max(coalesce(last_created, ?1), ?1) WHERE id = ?2")
        .bind(stored(*source.last_created))
        .bind(source.id)
        .run();
}

void SqliteSources::add_end(std::int64_t source, const Entry& end) {
  const std::string position = encode_position(end.position);
  database_.query("INSERT INTO table_end VALUES (?, ?, ?)")
      .bind(source)
      .bind_bytes(position)
      .bind(stored(end.commit_time))
      .run();
}

void SqliteSources::save_floor(std::int64_t source, const schema::Position& floor) {
  const std::string position = encode_position(floor);
  database_.query("UPDATE source SET floor = max(coalesce(floor, ?1), ?1) WHERE id = ?2")
      .bind_bytes(position)
      .bind(source)
      .run();
}

std::string SqliteSources::watermark(std::int64_t source) {
  auto row = database_.query("SELECT watermark FROM source WHERE id = ?");
  row.bind(source);
  return row.step() && !row.is_null(0) ? std::string(row.bytes(0)) : std::string();
}

void SqliteSources::save_watermark(std::int64_t source, const std::string& state,
                                   const std::optional<schema::Position>& delivered,
                                   Timestamp as_of) {
  const std::string position = delivered ? encode_position(*delivered) : std::string();
  auto query = database_.query(
      "UPDATE source SET watermark = ?1, delivered = ?2, "
      "as_of = coalesce(max(as_of, ?3), as_of, ?3) WHERE id = ?4");
  query.bind_text(state);
  delivered ? query.bind_bytes(position) : query.bind_null();
  as_of != Timestamp{} ? query.bind(stored(as_of)) : query.bind_null();
  query.bind(source).run();
}

void SqliteSources::count_change(std::int64_t source) {
  database_.query("UPDATE source SET changes = changes + 1 WHERE id = ?").bind(source).run();
}

}  // namespace

std::unique_ptr<SourceStore> make_sqlite_sources(SqliteDatabase& database) {
  return std::make_unique<SqliteSources>(database);
}

void read_sources(SqliteDatabase& database, Context& context) {
  auto sources = database.query(
      "SELECT id, name, tbl, last_created, floor, delivered, as_of, changes FROM source ORDER BY "
      "id");
  while (sources.step()) {
    SourceRow& source = context.sources.emplace_back();
    source.id = sources.number(0);
    source.name = sources.bytes(1);
    source.table = sources.bytes(2);
    if (!sources.is_null(3)) source.last_created = restored(sources.number(3));
    if (!sources.is_null(4)) source.floor = decode_position(sources.bytes(4));
    if (!sources.is_null(5)) source.delivered = decode_position(sources.bytes(5));
    if (!sources.is_null(6)) source.as_of = restored(sources.number(6));
    source.changes = sources.number(7);
  }
  auto ends = database.query(
      "SELECT source, position, commit_time FROM table_end ORDER BY source, position");
  while (ends.step()) {
    const auto position = decode_position(ends.bytes(1));
    const auto at = std::find_if(context.sources.begin(), context.sources.end(),
                                 [&](const SourceRow& row) { return row.id == ends.number(0); });
    if (position && at != context.sources.end())
      at->ends.push_back(make_end(*position, restored(ends.number(2))));
  }
}

}  // namespace walpulse::monitor
