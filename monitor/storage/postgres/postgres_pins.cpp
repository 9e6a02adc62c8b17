#include <string>

#include "monitor/storage/postgres/postgres_stores.h"

namespace walpulse::monitor {
namespace {

class PostgresPins final : public PinStore {
 public:
  explicit PostgresPins(PostgresUnit& unit) : database_(unit.database) {}

  std::string value(const std::string& name) override;
  void pin(const std::string& name, const std::string& value) override;

 private:
  PostgresDatabase& database_;
};

std::string PostgresPins::value(const std::string& name) {
  const auto row = database_.query("SELECT value FROM remembered WHERE name = $1::bytea",
                                   PostgresValues().bytes(name));
  return row.empty() ? std::string() : row.bytes(0, 0);
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
