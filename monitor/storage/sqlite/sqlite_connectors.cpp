#include <string>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteConnectors final : public ConnectorStore {
 public:
  explicit SqliteConnectors(SqliteDatabase& database) : database_(database) {}

  std::vector<ConnectorRow> all() override;
  void save(const ConnectorRow& connector) override;
  void remove(Timestamp sent_before) override;

 private:
  SqliteDatabase& database_;
};

std::vector<ConnectorRow> SqliteConnectors::all() {
  std::vector<ConnectorRow> found;
  auto rows = database_.query(
      "SELECT name, instance, started_at, sequence, sent_at, heartbeat FROM connector");
  while (rows.step())
    found.push_back({std::string(rows.bytes(0)), std::string(rows.bytes(1)),
                     restored(rows.number(2)), static_cast<std::uint64_t>(rows.number(3)),
                     restored(rows.number(4)), std::string(rows.bytes(5))});
  return found;
}

void SqliteConnectors::save(const ConnectorRow& connector) {
  database_.query("INSERT OR REPLACE INTO connector VALUES (?, ?, ?, ?, ?, ?)")
      .bind_text(connector.name)
      .bind_text(connector.instance)
      .bind(stored(connector.started_at))
      .bind(static_cast<std::int64_t>(connector.sequence))
      .bind(stored(connector.sent_at))
      .bind_text(connector.heartbeat)
      .run();
}

void SqliteConnectors::remove(Timestamp sent_before) {
  database_.query("DELETE FROM connector WHERE sent_at < ?").bind(stored(sent_before)).run();
}

}  // namespace

std::unique_ptr<ConnectorStore> make_sqlite_connectors(SqliteDatabase& database) {
  return std::make_unique<SqliteConnectors>(database);
}

}  // namespace walpulse::monitor
