#include <string>
#include <utility>
#include <vector>

#include "monitor/storage/outbox_codec.h"
#include "monitor/storage/postgres/postgres_stores.h"

namespace walpulse::monitor {
namespace {

PostgresArray number_array(std::span<const std::int64_t> values) {
  PostgresArray array(PostgresArray::Type::number);
  for (const std::int64_t value : values) array.add(value);
  return array;
}

class PostgresHappenings final : public HappeningStore {
 public:
  explicit PostgresHappenings(PostgresUnit& unit) : database_(unit.database) {
    unit.pending.add([this] { insert(); }, [this] { added_.clear(); });
  }

  void add(const Happening& happening) override {
    added_.emplace_back(happening.source, encode_happening(happening));
  }
  std::vector<Happening> oldest(std::size_t count_max, std::span<const std::int64_t> but) override;
  std::vector<std::int64_t> sources() override {
    const auto rows = database_.query("SELECT DISTINCT source FROM happening ORDER BY source");
    std::vector<std::int64_t> found;
    found.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows.number(i, 0));
    return found;
  }
  void remove(std::span<const std::int64_t> ids) override {
    if (ids.empty()) return;
    database_.query("DELETE FROM happening WHERE id = ANY ($1::bigint[])",
                    PostgresValues().array(number_array(ids)));
  }
  std::int64_t count() override {
    const auto rows = database_.query("SELECT count(*) FROM happening");
    return rows.empty() ? 0 : rows.number(0, 0);
  }

 private:
  void insert();

  PostgresDatabase& database_;
  std::vector<std::pair<std::int64_t, std::string>> added_;  ///< Inserted at the end, at once.
};

void PostgresHappenings::insert() {
  if (added_.empty()) return;
  PostgresArray sources(PostgresArray::Type::number), bodies(PostgresArray::Type::bytes);
  for (const auto& [source, body] : added_) {
    sources.add(source);
    bodies.add(body);
  }
  added_.clear();
  database_.query(
      "INSERT INTO happening (source, body) SELECT source, body FROM unnest($1::bigint[], "
      "$2::bytea[]) WITH ORDINALITY AS u(source, body, n) ORDER BY n",
      PostgresValues().array(sources).array(bodies));
}

std::vector<Happening> PostgresHappenings::oldest(std::size_t count_max,
                                                  std::span<const std::int64_t> but) {
  const auto rows = database_.query(
      "SELECT id, source, body FROM happening WHERE source <> ALL ($1::bigint[]) "
      "ORDER BY id LIMIT $2::bigint",
      PostgresValues().array(number_array(but)).number(static_cast<std::int64_t>(count_max)));
  std::vector<Happening> found(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found[i].id = rows.number(i, 0);
    found[i].source = rows.number(i, 1);
    if (decode_happening(rows.bytes(i, 2), found[i])) continue;
    database_.corrupt("happening");
    return {};
  }
  return found;
}

}  // namespace

std::unique_ptr<HappeningStore> make_postgres_happenings(PostgresUnit& unit) {
  return std::make_unique<PostgresHappenings>(unit);
}

}  // namespace walpulse::monitor
