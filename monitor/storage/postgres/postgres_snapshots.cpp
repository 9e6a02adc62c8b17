#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

using Type = PostgresArray::Type;

class PostgresSnapshots final : public SnapshotStore {
 public:
  explicit PostgresSnapshots(PostgresUnit& unit) : database_(unit.database) {}

  void save_end(std::int64_t source, const SnapshotEndRow& end) override;
  void add_rows(std::int64_t source, std::span<const SnapshotRows> rows) override;
  std::vector<SnapshotRows> rows(std::int64_t source, const schema::Position& position) override;
  void forget(std::int64_t source, const schema::Position& position) override;

 private:
  PostgresDatabase& database_;
};

void PostgresSnapshots::save_end(std::int64_t source, const SnapshotEndRow& end) {
  database_.query(
      "INSERT INTO snapshot_end AS e VALUES "
      "($1::bigint, $2::bytea, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::boolean) "
      "ON CONFLICT (source, position, from_id, to_id) DO UPDATE SET "
      "complete = e.complete OR excluded.complete",
      PostgresValues()
          .number(source)
          .bytes(encode_position(end.position))
          .number(end.from)
          .number(end.to)
          .number(end.rows)
          .number(stored(end.time))
          .flag(end.complete));
}

/// In the order of their keys, so that two transactions never wait for each other.
void PostgresSnapshots::add_rows(std::int64_t source, std::span<const SnapshotRows> rows) {
  PostgresArray positions(Type::bytes), chunks(Type::number), counts(Type::number);
  for (const SnapshotRows& each : rows) {
    positions.add(encode_position(each.position));
    chunks.add(each.chunk);
    counts.add(each.rows);
  }
  if (positions.empty()) return;
  database_.query(
      "INSERT INTO snapshot_rows AS r (source, position, chunk, rows) "
      "SELECT $1::bigint, u.position, u.chunk, u.rows "
      "FROM unnest($2::bytea[], $3::bigint[], $4::bigint[]) AS u(position, chunk, rows) "
      "ORDER BY u.position, u.chunk ON CONFLICT (source, position, chunk) DO UPDATE SET "
      "rows = r.rows + excluded.rows",
      PostgresValues().number(source).array(positions).array(chunks).array(counts));
}

std::vector<SnapshotRows> PostgresSnapshots::rows(std::int64_t source,
                                                  const schema::Position& position) {
  const auto rows = database_.query(
      "SELECT chunk, rows FROM snapshot_rows WHERE source = $1::bigint AND position = $2::bytea",
      PostgresValues().number(source).bytes(encode_position(position)));
  std::vector<SnapshotRows> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({position, rows.number(i, 0), rows.number(i, 1)});
  return found;
}

void PostgresSnapshots::forget(std::int64_t source, const schema::Position& position) {
  const auto values = PostgresValues().number(source).bytes(encode_position(position));
  database_.query("DELETE FROM snapshot_end WHERE source = $1::bigint AND position < $2::bytea",
                  values);
  database_.query("DELETE FROM snapshot_rows WHERE source = $1::bigint AND position <= $2::bytea",
                  values);
}

}  // namespace

std::unique_ptr<SnapshotStore> make_postgres_snapshots(PostgresUnit& unit) {
  return std::make_unique<PostgresSnapshots>(unit);
}

}  // namespace walpulse::monitor
