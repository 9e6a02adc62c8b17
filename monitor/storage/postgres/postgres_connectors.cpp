#include <string>

#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

class PostgresConnectors final : public ConnectorStore {
 public:
  explicit PostgresConnectors(PostgresUnit& unit) : database_(unit.database) {}

  std::vector<ConnectorRow> all() override;
  void save(const ConnectorRow& connector) override;
  void remove(Timestamp sent_before) override;

 private:
  PostgresDatabase& database_;
};

std::vector<ConnectorRow> PostgresConnectors::all() {
  const auto rows = database_.query(
      "SELECT name, instance, started_at, sequence, sent_at, heartbeat FROM connector");
  std::vector<ConnectorRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows.bytes(i, 0), rows.bytes(i, 1), restored(rows.number(i, 2)),
                     static_cast<std::uint64_t>(rows.number(i, 3)), restored(rows.number(i, 4)),
                     rows.bytes(i, 5)});
  return found;
}

void PostgresConnectors::save(const ConnectorRow& connector) {
  database_.query(
      "INSERT INTO connector "
      "VALUES ($1::bytea, $2::bytea, $3::bigint, $4::bigint, $5::bigint, $6::bytea) "
      "ON CONFLICT (name, instance, started_at) DO UPDATE SET sequence = excluded.sequence, "
      "sent_at = excluded.sent_at, heartbeat = excluded.heartbeat",
      PostgresValues()
          .bytes(connector.name)
          .bytes(connector.instance)
          .number(stored(connector.started_at))
          .number(static_cast<std::int64_t>(connector.sequence))
          .number(stored(connector.sent_at))
          .bytes(connector.heartbeat));
}

void PostgresConnectors::remove(Timestamp sent_before) {
  database_.query("DELETE FROM connector WHERE sent_at < $1::bigint",
                  PostgresValues().number(stored(sent_before)));
}

}  // namespace

std::unique_ptr<ConnectorStore> make_postgres_connectors(PostgresUnit& unit) {
  return std::make_unique<PostgresConnectors>(unit);
}

}  // namespace walpulse::monitor
