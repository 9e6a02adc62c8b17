#include <string>

#include "monitor/storage/postgres/postgres_stores.h"

namespace walpulse::monitor {
namespace {

class PostgresPins final : public PinStore {
 public:
  explicit PostgresPins(PostgresUnit& unit) : database_(unit.database) {}

  std::string value(const std::string& name) override;
  std::map<std::string, std::string> beginning(const std::string& prefix) override;
  void pin(const std::string& name, const std::string& value) override;

 private:
  PostgresDatabase& database_;
};

std::string PostgresPins::value(const std::string& name) {
  const auto row = database_.query("SELECT value FROM remembered WHERE name = $1::bytea",
                                   PostgresValues().bytes(name));
  return row.empty() ? std::string() : row.bytes(0, 0);
}

std::map<std::string, std::string> PostgresPins::beginning(const std::string& prefix) {
  const auto rows = database_.query(
      "SELECT name, value FROM remembered "
      "WHERE substring(name FROM 1 FOR octet_length($1::bytea)) = $1::bytea",
      PostgresValues().bytes(prefix));
  std::map<std::string, std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.emplace(rows.bytes(i, 0), rows.bytes(i, 1));
  return found;
}

void PostgresPins::pin(const std::string& name, const std::string& value) {
  database_.query(
      "INSERT INTO remembered VALUES ($1::bytea, $2::bytea) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      PostgresValues().bytes(name).bytes(value));
}

}  // namespace

std::unique_ptr<PinStore> make_postgres_pins(PostgresUnit& unit) {
  return std::make_unique<PostgresPins>(unit);
}

}  // namespace walpulse::monitor
