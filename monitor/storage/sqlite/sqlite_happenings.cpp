#include <string>

#include "monitor/storage/outbox_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteHappenings final : public HappeningStore {
 public:
  explicit SqliteHappenings(SqliteDatabase& database) : database_(database) {}

  void add(std::span<const Happening> happenings) override {
    for (const HappeningRow& row : happening_rows(happenings))
      database_.query("INSERT INTO happening (source, count, body) VALUES (?, ?, ?)")
          .bind(row.source)
          .bind(row.count)
          .bind_bytes(row.body)
          .run();
  }
  std::vector<Happening> oldest(std::size_t count_max, std::span<const std::int64_t> but) override;
  void remove(std::span<const std::int64_t> ids) override {
    for (const std::int64_t id : ids)
      database_.query("DELETE FROM happening WHERE id = ?").bind(id).run();
  }
  std::int64_t count() override {
    auto row = database_.query("SELECT coalesce(sum(count), 0) FROM happening");
    return row.step() ? row.number(0) : 0;
  }

 private:
  SqliteDatabase& database_;
};

std::vector<Happening> SqliteHappenings::oldest(std::size_t count_max,
                                                std::span<const std::int64_t> but) {
  std::string without = "[";
  for (const std::int64_t source : but) {
    if (without.size() > 1) without += ',';
    without += std::to_string(source);
  }
  without += ']';
  auto rows = database_.query(
      "SELECT id, source, body FROM happening "
      "WHERE source NOT IN (SELECT value FROM json_each(?)) ORDER BY id");
  rows.bind_text(without);
  std::vector<Happening> found;
  while (found.size() < count_max && rows.step()) {
    if (read_happenings(rows.bytes(2), rows.number(0), rows.number(1), found)) continue;
    database_.corrupt("happening");
    return {};
  }
  return found;
}

}  // namespace

std::unique_ptr<HappeningStore> make_sqlite_happenings(SqliteDatabase& database) {
  return std::make_unique<SqliteHappenings>(database);
}

}  // namespace walpulse::monitor
