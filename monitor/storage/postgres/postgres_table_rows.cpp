#include <string>
#include <utility>

#include "monitor/storage/postgres/postgres_row_locks.h"
#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/table_row_codec.h"

namespace walpulse::monitor {
namespace {

using Type = PostgresArray::Type;

PostgresRowLocks::Key table_row_key(const RowKey& key) { return {key.source, key.id}; }

std::vector<PostgresRowLocks::Key> table_row_keys(std::span<const RowKey> keys) {
  std::vector<PostgresRowLocks::Key> pairs;
  pairs.reserve(keys.size());
  for (const RowKey& key : keys) pairs.push_back(table_row_key(key));
  return pairs;
}

PostgresArray run_ids(std::span<const std::int64_t> values) {
  PostgresArray array(Type::number);
  for (const std::int64_t value : values) array.add(value);
  return array;
}

class PostgresTableRows final : public TableRowStore {
 public:
  explicit PostgresTableRows(PostgresUnit& unit)
      : database_(unit.database), locks_(unit, "table_row", "row") {}

  std::vector<StoredTableRow> load(std::span<const RowKey> keys) override;
  void save(std::span<const StoredTableRow> rows) override;
  void remove(std::span<const RowKey> keys) override;
  void remove_of_runs(std::int64_t source, std::span<const std::int64_t> runs) override;
  std::vector<StoredTableRow> of_runs(std::int64_t source, std::span<const std::int64_t> runs,
                                      std::size_t count_max) override;
  std::vector<StoredTableRow> after(const RowKey& after, std::size_t count_max) override;
  std::vector<StoredTableRow> deleted_after(const RowKey& after, std::size_t count_max) override;

 private:
  StoredTableRow read_row(const RowKey& key, const std::string& body);
  /// Of source, id and body.
  std::vector<StoredTableRow> read_rows(const PostgresRows& rows);

  PostgresDatabase& database_;
  PostgresRowLocks locks_;
};

StoredTableRow PostgresTableRows::read_row(const RowKey& key, const std::string& body) {
  if (auto found = stored_table_row(key, body)) return *std::move(found);
  database_.corrupt("row of a table");
  StoredTableRow unread;
  unread.key = key;
  return unread;
}

std::vector<StoredTableRow> PostgresTableRows::read_rows(const PostgresRows& rows) {
  std::vector<StoredTableRow> found;
  found.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back(read_row({rows.number(i, 0), rows.number(i, 1)}, rows.bytes(i, 2)));
  return found;
}

std::vector<StoredTableRow> PostgresTableRows::load(std::span<const RowKey> keys) {
  const auto bodies = locks_.lock(table_row_keys(keys));
  std::vector<StoredTableRow> found;
  found.reserve(bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (bodies[i]) {
      found.push_back(read_row(keys[i], *bodies[i]));
    } else {
      found.emplace_back().key = keys[i];
    }
  }
  return found;
}

void PostgresTableRows::save(std::span<const StoredTableRow> rows) {
  if (rows.empty()) return;
  PostgresArray sources(Type::number), ids(Type::number), runs(Type::number), failed(Type::boolean),
      deleted(Type::boolean), bodies(Type::bytes);
  for (const StoredTableRow& stored : rows) {
    sources.add(stored.key.source);
    ids.add(stored.key.id);
    const auto run = run_of(stored.row);
    run ? runs.add(*run) : runs.add_null();
    failed.add_flag(ever_failed(stored.row));
    deleted.add_flag(is_deleted(stored.row));
    bodies.add(encode_table_row(stored.row));
    locks_.saved(table_row_key(stored.key));
  }
  database_.query(
      "UPDATE table_row r SET run = u.run, failed = u.failed, deleted = u.deleted, body = u.body "
      "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[], $5::boolean[], "
      "$6::bytea[]) AS u(source, id, run, failed, deleted, body) "
      "WHERE r.source = u.source AND r.id = u.id",
      PostgresValues().array(sources).array(ids).array(runs).array(failed).array(deleted).array(
          bodies));
}

void PostgresTableRows::remove(std::span<const RowKey> keys) {
  locks_.remove(table_row_keys(keys));
}

void PostgresTableRows::remove_of_runs(std::int64_t source, std::span<const std::int64_t> runs) {
  if (runs.empty()) return;
  database_.query("DELETE FROM table_row WHERE source = $1::bigint AND run = ANY ($2::bigint[])",
                  PostgresValues().number(source).array(run_ids(runs)));
}

std::vector<StoredTableRow> PostgresTableRows::of_runs(std::int64_t source,
                                                       std::span<const std::int64_t> runs,
                                                       std::size_t count_max) {
  if (runs.empty()) return {};
  return read_rows(database_.query(
      "SELECT r.source, r.id, r.body FROM unnest($2::bigint[]) AS k(run) CROSS JOIN LATERAL "
      "(SELECT t.source, t.id, t.body, t.failed FROM table_row t WHERE t.source = $1::bigint "
      "AND t.run = k.run ORDER BY t.failed DESC, t.id LIMIT $3::bigint) r "
      "ORDER BY k.run, r.failed DESC, r.id",
      PostgresValues()
          .number(source)
          .array(run_ids(runs))
          .number(static_cast<std::int64_t>(count_max))));
}

std::vector<StoredTableRow> PostgresTableRows::after(const RowKey& after, std::size_t count_max) {
  return read_rows(database_.query(
      "SELECT source, id, body FROM table_row WHERE (source, id) > ($1::bigint, $2::bigint) "
      "ORDER BY source, id LIMIT $3::bigint",
      PostgresValues()
          .number(after.source)
          .number(after.id)
          .number(static_cast<std::int64_t>(count_max))));
}

std::vector<StoredTableRow> PostgresTableRows::deleted_after(const RowKey& after,
                                                             std::size_t count_max) {
  return read_rows(database_.query(
      "SELECT source, id, body FROM table_row WHERE deleted "
      "AND (source, id) > ($1::bigint, $2::bigint) ORDER BY source, id LIMIT $3::bigint",
      PostgresValues()
          .number(after.source)
          .number(after.id)
          .number(static_cast<std::int64_t>(count_max))));
}

}  // namespace

std::unique_ptr<TableRowStore> make_postgres_table_rows(PostgresUnit& unit) {
  return std::make_unique<PostgresTableRows>(unit);
}

}  // namespace walpulse::monitor
