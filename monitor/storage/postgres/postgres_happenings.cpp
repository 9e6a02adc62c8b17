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
  explicit PostgresHappenings(PostgresUnit& unit) : database_(unit.database) {}

  void add(std::span<const Happening> happenings) override {
    for (const HappeningRow& row : happening_rows(happenings))
      database_.query(
          "INSERT INTO happening (source, count, body) VALUES ($1::bigint, $2::bigint, $3::bytea)",
          PostgresValues().number(row.source).number(row.count).bytes(row.body));
  }
  std::vector<Happening> oldest(std::size_t count_max, std::span<const std::int64_t> but) override;
  void remove(std::span<const std::int64_t> ids) override {
    if (ids.empty()) return;
    database_.query("DELETE FROM happening WHERE id = ANY ($1::bigint[])",
                    PostgresValues().array(number_array(ids)));
  }
  std::int64_t count() override {
    const auto rows = database_.query("SELECT coalesce(sum(count), 0)::bigint FROM happening");
    return rows.empty() ? 0 : rows.number(0, 0);
  }

 private:
  PostgresDatabase& database_;
};

/// First how many each row holds: bodies may be large.
std::vector<Happening> PostgresHappenings::oldest(std::size_t count_max,
                                                  std::span<const std::int64_t> but) {
  const auto sizes = database_.query(
      "SELECT id, count FROM happening WHERE source <> ALL ($1::bigint[]) "
      "ORDER BY id LIMIT $2::bigint",
      PostgresValues().array(number_array(but)).number(static_cast<std::int64_t>(count_max)));
  std::vector<std::int64_t> ids;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < sizes.size() && count < static_cast<std::int64_t>(count_max); ++i) {
    ids.push_back(sizes.number(i, 0));
    count += sizes.number(i, 1);
  }
  std::vector<Happening> found;
  if (ids.empty()) return found;
  const auto rows = database_.query(
      "SELECT id, source, body FROM happening WHERE id = ANY ($1::bigint[]) ORDER BY id",
      PostgresValues().array(number_array(ids)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (read_happenings(rows.bytes(i, 2), rows.number(i, 0), rows.number(i, 1), found)) continue;
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
