#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteLabels final : public LabelStore {
 public:
  explicit SqliteLabels(SqliteDatabase& database) : database_(database) {}

  std::set<std::string> values(const std::string& label) override;
  void add(const std::string& label, const std::string& value) override;

 private:
  SqliteDatabase& database_;
};

std::set<std::string> SqliteLabels::values(const std::string& label) {
  std::set<std::string> values;
  auto rows = database_.query("SELECT value FROM label_value WHERE label = ?");
  rows.bind_text(label);
  while (rows.step()) values.emplace(rows.bytes(0));
  return values;
}

void SqliteLabels::add(const std::string& label, const std::string& value) {
  database_.query("INSERT OR IGNORE INTO label_value VALUES (?, ?)")
      .bind_text(label)
      .bind_text(value)
      .run();
}

}  // namespace

std::unique_ptr<LabelStore> make_sqlite_labels(SqliteDatabase& database) {
  return std::make_unique<SqliteLabels>(database);
}

}  // namespace walpulse::monitor
