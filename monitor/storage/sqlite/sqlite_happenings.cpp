#include <string>

#include "monitor/storage/outbox_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteHappenings final : public HappeningStore {
 public:
  explicit SqliteHappenings(SqliteDatabase& database) : database_(database) {}

  void add(const Happening& happening) override {
    const std::string body = encode_happening(happening);
    database_.query("INSERT INTO happening (source, body) VALUES (?, ?)")
        .bind(happening.source)
        .bind_bytes(body)
        .run();
  }
  std::vector<Happening> oldest(std::size_t count_max, std::span<const std::int64_t> but) override;
  std::vector<std::int64_t> sources() override {
    auto rows = database_.query("SELECT DISTINCT source FROM happening ORDER BY source");
    std::vector<std::int64_t> found;
    while (rows.step()) found.push_back(rows.number(0));
    return found;
  }
  void remove(std::span<const std::int64_t> ids) override {
    for (const std::int64_t id : ids)
      database_.query("DELETE FROM happening WHERE id = ?").bind(id).run();
  }
  std::int64_t count() override {
    auto row = database_.query("SELECT count(*) FROM happening");
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
      "WHERE source NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?");
  rows.bind_text(without).bind(static_cast<std::int64_t>(count_max));
  std::vector<Happening> found;
  while (rows.step()) {
    Happening& happening = found.emplace_back();
    happening.id = rows.number(0);
    happening.source = rows.number(1);
    if (decode_happening(rows.bytes(2), happening)) continue;
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
