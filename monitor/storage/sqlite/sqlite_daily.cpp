#include <string>
#include <utility>

#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

std::int64_t number_of(std::chrono::sys_days day) { return day.time_since_epoch().count(); }

class SqliteDaily final : public DailyStore {
 public:
  explicit SqliteDaily(SqliteDatabase& database) : database_(database) {}

  void add(std::int64_t source, const std::string& pipeline, const DailyFigures& figures) override;
  std::vector<DailyFigures> of(std::int64_t source, const std::string& pipeline,
                               std::chrono::sys_days from, std::chrono::sys_days to) override;
  void remove(std::int64_t source, std::chrono::sys_days before) override;

 private:
  SqliteDatabase& database_;
};

void SqliteDaily::add(std::int64_t source, const std::string& pipeline,
                      const DailyFigures& figures) {
  DailyFigures sum = figures;
  for (const DailyFigures& kept : of(source, pipeline, figures.day, figures.day)) {
    sum.completed += kept.completed;
    sum.failed += kept.failed;
    sum.cancelled += kept.cancelled;
    sum.durations.add(kept.durations);
  }
  const std::string durations = sum.durations.encoded();
  database_
      .query(
          "INSERT OR REPLACE INTO daily (source, pipeline, day, completed, failed, cancelled, "
          "durations) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(source)
      .bind_text(pipeline)
      .bind(number_of(sum.day))
      .bind(static_cast<std::int64_t>(sum.completed))
      .bind(static_cast<std::int64_t>(sum.failed))
      .bind(static_cast<std::int64_t>(sum.cancelled))
      .bind_bytes(durations)
      .run();
}

std::vector<DailyFigures> SqliteDaily::of(std::int64_t source, const std::string& pipeline,
                                          std::chrono::sys_days from, std::chrono::sys_days to) {
  std::vector<DailyFigures> found;
  auto rows = database_.query(
      "SELECT day, completed, failed, cancelled, durations FROM daily WHERE source = ? "
      "AND pipeline = ? AND day BETWEEN ? AND ? ORDER BY day");
  rows.bind(source).bind_text(pipeline).bind(number_of(from)).bind(number_of(to));
  while (rows.step()) {
    auto durations = DurationHistogram::decode(rows.bytes(4));
    if (!durations) {
      database_.corrupt("day");
      return {};
    }
    found.push_back({std::chrono::sys_days(std::chrono::days(rows.number(0))),
                     static_cast<std::uint64_t>(rows.number(1)),
                     static_cast<std::uint64_t>(rows.number(2)),
                     static_cast<std::uint64_t>(rows.number(3)), *std::move(durations)});
  }
  return found;
}

void SqliteDaily::remove(std::int64_t source, std::chrono::sys_days before) {
  database_.query("DELETE FROM daily WHERE source = ? AND day < ?")
      .bind(source)
      .bind(number_of(before))
      .run();
}

}  // namespace

std::unique_ptr<DailyStore> make_sqlite_daily(SqliteDatabase& database) {
  return std::make_unique<SqliteDaily>(database);
}

}  // namespace walpulse::monitor
