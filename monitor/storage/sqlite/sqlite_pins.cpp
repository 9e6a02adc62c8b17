#include <string>

#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqlitePins final : public PinStore {
 public:
  explicit SqlitePins(SqliteDatabase& database) : database_(database) {}

  std::string value(const std::string& name) override;
  std::map<std::string, std::string> beginning(const std::string& prefix) override;
  void pin(const std::string& name, const std::string& value) override;

 private:
  SqliteDatabase& database_;
};

std::string SqlitePins::value(const std::string& name) {
  auto row = database_.query("SELECT value FROM remembered WHERE name = ?");
  row.bind_text(name);
  return row.step() ? std::string(row.bytes(0)) : std::string();
}

std::map<std::string, std::string> SqlitePins::beginning(const std::string& prefix) {
  auto row =
      database_.query("SELECT name, value FROM remembered WHERE substr(name, 1, length(?)) = ?");
  row.bind_text(prefix).bind_text(prefix);
  std::map<std::string, std::string> found;
  while (row.step()) found.emplace(row.bytes(0), row.bytes(1));
  return found;
}

void SqlitePins::pin(const std::string& name, const std::string& value) {
  database_.query("INSERT OR REPLACE INTO remembered VALUES (?, ?)")
      .bind_text(name)
      .bind_text(value)
      .run();
}

}  // namespace

std::unique_ptr<PinStore> make_sqlite_pins(SqliteDatabase& database) {
  return std::make_unique<SqlitePins>(database);
}

}  // namespace walpulse::monitor
