// The label values that were taken in, and the connectors that were heard of.
#include <string>

#include "monitor/storage/postgres_storage.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {

std::set<std::string> PostgresStorage::label_values(const std::string& label) {
  const auto rows = database_.query("SELECT value FROM label_value WHERE label = $1::bytea",
                                    PostgresValues().bytes(label));
  std::set<std::string> values;
  for (std::size_t i = 0; i < rows.size(); ++i) values.insert(rows.bytes(i, 0));
  return values;
}

void PostgresStorage::add_label_value(const std::string& label, const std::string& value) {
  database_.query("INSERT INTO label_value VALUES ($1::bytea, $2::bytea) ON CONFLICT DO NOTHING",
                  PostgresValues().bytes(label).bytes(value));
}

std::vector<ConnectorRow> PostgresStorage::connectors() {
  const auto rows = database_.query(
      "SELECT name, instance, started_at, sequence, sent_at, heartbeat FROM connector");
  std::vector<ConnectorRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows.bytes(i, 0), rows.bytes(i, 1), restored(rows.number(i, 2)),
                     static_cast<std::uint64_t>(rows.number(i, 3)), restored(rows.number(i, 4)),
                     rows.bytes(i, 5)});
  return found;
}

void PostgresStorage::save_connector(const ConnectorRow& connector) {
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

void PostgresStorage::remove_connectors(Timestamp sent_before) {
  database_.query("DELETE FROM connector WHERE sent_at < $1::bigint",
                  PostgresValues().number(stored(sent_before)));
}

}  // namespace walpulse::monitor
