#include "monitor/storage/postgres/postgres_stores.h"

namespace walpulse::monitor {
namespace {

class PostgresLabels final : public LabelStore {
 public:
  explicit PostgresLabels(PostgresUnit& unit) : database_(unit.database) {}

  std::set<std::string> values(const std::string& label) override;
  void add(const std::string& label, const std::string& value) override;

 private:
  PostgresDatabase& database_;
};

std::set<std::string> PostgresLabels::values(const std::string& label) {
  const auto rows = database_.query("SELECT value FROM label_value WHERE label = $1::bytea",
                                    PostgresValues().bytes(label));
  std::set<std::string> values;
  for (std::size_t i = 0; i < rows.size(); ++i) values.insert(rows.bytes(i, 0));
  return values;
}

void PostgresLabels::add(const std::string& label, const std::string& value) {
  database_.query("INSERT INTO label_value VALUES ($1::bytea, $2::bytea) ON CONFLICT DO NOTHING",
                  PostgresValues().bytes(label).bytes(value));
}

}  // namespace

std::unique_ptr<LabelStore> make_postgres_labels(PostgresUnit& unit) {
  return std::make_unique<PostgresLabels>(unit);
}

}  // namespace walpulse::monitor
