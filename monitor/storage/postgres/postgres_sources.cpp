#include <string>

#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

class PostgresSources final : public SourceStore {
 public:
  explicit PostgresSources(PostgresUnit& unit) : database_(unit.database) {}

  void save(SourceRow& source) override;
  void add_end(std::int64_t source, const Entry& end) override;
  void save_floor(std::int64_t source, const schema::Position& floor) override;
  std::string watermark(std::int64_t source) override;
  void save_watermark(std::int64_t source, const std::string& state,
                      const std::optional<schema::Position>& delivered, Timestamp as_of) override;
  void count_change(std::int64_t source) override;

 private:
  PostgresDatabase& database_;
};

void PostgresSources::save(SourceRow& source) {
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

void PostgresSources::add_end(std::int64_t source, const Entry& end) {
  database_.query("INSERT INTO table_end VALUES ($1::bigint, $2::bytea, $3::bigint)",
                  PostgresValues()
                      .number(source)
                      .bytes(encode_position(end.position))
                      .number(stored(end.commit_time)));
}

void PostgresSources::save_floor(std::int64_t source, const schema::Position& floor) {
  database_.query("UPDATE source SET floor = greatest(floor, $2::bytea) WHERE id = $1::bigint",
                  PostgresValues().number(source).bytes(encode_position(floor)));
}

std::string PostgresSources::watermark(std::int64_t source) {
  const auto row = database_.query("SELECT watermark FROM source WHERE id = $1::bigint",
                                   PostgresValues().number(source));
  return row.empty() || row.is_null(0, 0) ? std::string() : row.bytes(0, 0);
}

void PostgresSources::save_watermark(std::int64_t source, const std::string& state,
                                     const std::optional<schema::Position>& delivered,
                                     Timestamp as_of) {
  // An empty text stands for none: libpqxx's binary values know no NULL. greatest() passes it over.
  database_.query(
      "UPDATE source SET watermark = $2::bytea, "
      "delivered = CASE WHEN $3::bytea = '' THEN NULL ELSE $3::bytea END, "
      "as_of = greatest(as_of, nullif($4::bigint, $5::bigint)) WHERE id = $1::bigint",
      PostgresValues()
          .number(source)
          .bytes(state)
          .bytes(delivered ? encode_position(*delivered) : std::string())
          .number(stored(as_of))
          .number(stored(Timestamp{})));
}

void PostgresSources::count_change(std::int64_t source) {
  database_.query("UPDATE source SET changes = changes + 1 WHERE id = $1::bigint",
                  PostgresValues().number(source));
}

}  // namespace

std::unique_ptr<SourceStore> make_postgres_sources(PostgresUnit& unit) {
  return std::make_unique<PostgresSources>(unit);
}

}  // namespace walpulse::monitor
