#include <string>
#include <utility>

#include "monitor/storage/postgres/postgres_stores.h"

namespace walpulse::monitor {
namespace {

std::int64_t day_number(std::chrono::sys_days day) { return day.time_since_epoch().count(); }

class PostgresDaily final : public DailyStore {
 public:
  explicit PostgresDaily(PostgresUnit& unit) : database_(unit.database) {}

  void add(std::int64_t source, const std::string& pipeline, const DailyFigures& figures) override;
  std::vector<DailyFigures> of(std::int64_t source, const std::string& pipeline,
                               std::chrono::sys_days from, std::chrono::sys_days to) override;
  void remove(std::int64_t source, std::chrono::sys_days before) override;

 private:
  PostgresDatabase& database_;
};

void PostgresDaily::add(std::int64_t source, const std::string& pipeline,
                        const DailyFigures& figures) {
  DurationHistogram durations = figures.durations;
  for (const DailyFigures& kept : of(source, pipeline, figures.day, figures.day))
    durations.add(kept.durations);
  database_.query(
      "INSERT INTO daily AS d (source, pipeline, day, completed, failed, cancelled, durations) "
      "VALUES ($1::bigint, $2::bytea, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bytea) "
      "ON CONFLICT (source, pipeline, day) DO UPDATE SET "
      "completed = d.completed + excluded.completed, failed = d.failed + excluded.failed, "
      "cancelled = d.cancelled + excluded.cancelled, durations = excluded.durations",
      PostgresValues()
          .number(source)
          .bytes(pipeline)
          .number(day_number(figures.day))
          .number(static_cast<std::int64_t>(figures.completed))
          .number(static_cast<std::int64_t>(figures.failed))
          .number(static_cast<std::int64_t>(figures.cancelled))
          .bytes(durations.encoded()));
}

std::vector<DailyFigures> PostgresDaily::of(std::int64_t source, const std::string& pipeline,
                                            std::chrono::sys_days from, std::chrono::sys_days to) {
  const auto rows = database_.query(
      "SELECT day, completed, failed, cancelled, durations FROM daily WHERE source = $1::bigint "
      "AND pipeline = $2::bytea AND day BETWEEN $3::bigint AND $4::bigint ORDER BY day",
      PostgresValues()
          .number(source)
          .bytes(pipeline)
          .number(day_number(from))
          .number(day_number(to)));
  std::vector<DailyFigures> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto durations = DurationHistogram::decode(rows.bytes(i, 4));
    if (!durations) {
      database_.corrupt("day");
      return {};
    }
    found.push_back({std::chrono::sys_days(std::chrono::days(rows.number(i, 0))),
                     static_cast<std::uint64_t>(rows.number(i, 1)),
                     static_cast<std::uint64_t>(rows.number(i, 2)),
                     static_cast<std::uint64_t>(rows.number(i, 3)), *std::move(durations)});
  }
  return found;
}

void PostgresDaily::remove(std::int64_t source, std::chrono::sys_days before) {
  database_.query("DELETE FROM daily WHERE source = $1::bigint AND day < $2::bigint",
                  PostgresValues().number(source).number(day_number(before)));
}

}  // namespace

std::unique_ptr<DailyStore> make_postgres_daily(PostgresUnit& unit) {
  return std::make_unique<PostgresDaily>(unit);
}

}  // namespace walpulse::monitor
