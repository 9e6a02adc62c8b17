#include <string>
#include <utility>

#include "monitor/storage/sqlite/sqlite_stores.h"
#include "monitor/storage/table_row_codec.h"

namespace walpulse::monitor {
namespace {

class SqliteTableRows final : public TableRowStore {
 public:
  explicit SqliteTableRows(SqliteDatabase& database) : database_(database) {}

  std::vector<StoredTableRow> load(std::span<const RowKey> keys) override;
  void save(std::span<const StoredTableRow> rows) override;
  void remove(std::span<const RowKey> keys) override;
  void remove_of_runs(std::int64_t source, std::span<const std::int64_t> runs) override;
  std::vector<StoredTableRow> of_runs(std::int64_t source, std::span<const std::int64_t> runs,
                                      std::size_t count_max) override;
  std::vector<StoredTableRow> after(const RowKey& after, std::size_t count_max) override;
  std::vector<StoredTableRow> deleted_after(const RowKey& after, std::size_t count_max) override;

 private:
  /// Of a query for source, id and body.
  void read_rows(SqliteQuery& rows, std::vector<StoredTableRow>& found);

  SqliteDatabase& database_;
};

void SqliteTableRows::read_rows(SqliteQuery& rows, std::vector<StoredTableRow>& found) {
  while (rows.step()) {
    auto row = stored_table_row({rows.number(0), rows.number(1)}, rows.bytes(2));
    if (!row) return database_.corrupt("row of a table");
    found.push_back(*std::move(row));
  }
}

std::vector<StoredTableRow> SqliteTableRows::load(std::span<const RowKey> keys) {
  std::vector<StoredTableRow> found;
  found.reserve(keys.size());
  for (const RowKey& key : keys) {
    auto rows =
        database_.query("SELECT source, id, body FROM table_row WHERE source = ? AND id = ?");
    rows.bind(key.source).bind(key.id);
    const std::size_t before = found.size();
    read_rows(rows, found);
    if (found.size() == before) found.emplace_back().key = key;
  }
  return found;
}

void SqliteTableRows::save(std::span<const StoredTableRow> rows) {
  for (const StoredTableRow& stored : rows) {
    const std::string body = encode_table_row(stored.row);
    auto query = database_.query(
        "INSERT INTO table_row VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET "
        "run = ?3, failed = ?4, deleted = ?5, body = ?6");
    query.bind(stored.key.source).bind(stored.key.id);
    const auto run = run_of(stored.row);
    run ? query.bind(*run) : query.bind_null();
    query.bind(std::int64_t{ever_failed(stored.row)})
        .bind(std::int64_t{is_deleted(stored.row)})
        .bind_bytes(body)
        .run();
  }
}

void SqliteTableRows::remove(std::span<const RowKey> keys) {
  for (const RowKey& key : keys)
    database_.query("DELETE FROM table_row WHERE source = ? AND id = ?")
        .bind(key.source)
        .bind(key.id)
        .run();
}

void SqliteTableRows::remove_of_runs(std::int64_t source, std::span<const std::int64_t> runs) {
  for (const std::int64_t run : runs)
    database_.query("DELETE FROM table_row WHERE source = ? AND run = ?")
        .bind(source)
        .bind(run)
        .run();
}

std::vector<StoredTableRow> SqliteTableRows::of_runs(std::int64_t source,
                                                     std::span<const std::int64_t> runs,
                                                     std::size_t count_max) {
  std::vector<StoredTableRow> found;
  for (const std::int64_t run : runs) {
    auto rows = database_.query(
        "SELECT source, id, body FROM table_row WHERE source = ? AND run = ? "
        "ORDER BY failed DESC, id LIMIT ?");
    rows.bind(source).bind(run).bind(static_cast<std::int64_t>(count_max));
    read_rows(rows, found);
  }
  return found;
}

std::vector<StoredTableRow> SqliteTableRows::after(const RowKey& after, std::size_t count_max) {
  std::vector<StoredTableRow> found;
  auto rows = database_.query(
      "SELECT source, id, body FROM table_row WHERE (source, id) > (?, ?) "
      "ORDER BY source, id LIMIT ?");
  rows.bind(after.source).bind(after.id).bind(static_cast<std::int64_t>(count_max));
  read_rows(rows, found);
  return found;
}

std::vector<StoredTableRow> SqliteTableRows::deleted_after(const RowKey& after,
                                                           std::size_t count_max) {
  std::vector<StoredTableRow> found;
  auto rows = database_.query(
      "SELECT source, id, body FROM table_row WHERE deleted = 1 AND (source, id) > (?, ?) "
      "ORDER BY source, id LIMIT ?");
  rows.bind(after.source).bind(after.id).bind(static_cast<std::int64_t>(count_max));
  read_rows(rows, found);
  return found;
}

}  // namespace

std::unique_ptr<TableRowStore> make_sqlite_table_rows(SqliteDatabase& database) {
  return std::make_unique<SqliteTableRows>(database);
}

}  // namespace walpulse::monitor
