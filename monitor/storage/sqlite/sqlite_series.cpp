#include <string>
#include <utility>

#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

/// From the columns id, value, start, base, version, exported_version, exported_at.
bool read_series(const SqliteQuery& row, Series& series) {
  auto value = decode_number(row.bytes(1));
  if (!value) return false;
  series.id = row.number(0);
  series.value = *std::move(value);
  series.start = restored(row.number(2));
  series.base = row.number(3);
  series.version = static_cast<std::uint64_t>(row.number(4));
  series.exported_version = static_cast<std::uint64_t>(row.number(5));
  series.exported_at = restored(row.number(6));
  return true;
}

class SqliteSeries final : public SeriesStore {
 public:
  explicit SqliteSeries(SqliteDatabase& database) : database_(database) {}

  std::vector<Series> load(std::span<const SeriesKey> keys) override;
  std::vector<Series> all() override;
  std::vector<Series> of(const telemetry::Descriptor& metric) override;
  void save(std::span<Series> series) override;
  void mark_exported(std::span<const ExportMark> marks) override;
  void remove(std::span<const std::int64_t> ids) override;

 private:
  std::vector<Series> read_all(SqliteQuery& rows);

  SqliteDatabase& database_;
};

std::vector<Series> SqliteSeries::load(std::span<const SeriesKey> keys) {
  std::vector<Series> found(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    found[i].key = keys[i];
    const std::string labels = encode_labels(keys[i].labels);
    auto row = database_.query(
        "SELECT id, value, start, base, version, exported_version, exported_at FROM series "
        "WHERE metric = ? AND source = ? AND labels = ?");
    row.bind_text(keys[i].metric->name).bind_text(keys[i].source).bind_bytes(labels);
    if (row.step() && !read_series(row, found[i])) database_.corrupt("series");
  }
  return found;
}

std::vector<Series> SqliteSeries::all() {
  auto rows = database_.query(
      "SELECT id, value, start, base, version, exported_version, exported_at, metric, source, "
      "labels FROM series");
  return read_all(rows);
}

std::vector<Series> SqliteSeries::of(const telemetry::Descriptor& metric) {
  auto rows = database_.query(
      "SELECT id, value, start, base, version, exported_version, exported_at, metric, source, "
      "labels FROM series WHERE metric = ?");
  rows.bind_text(metric.name);
  return read_all(rows);
}

std::vector<Series> SqliteSeries::read_all(SqliteQuery& rows) {
  std::vector<Series> found;
  while (rows.step()) {
    Series series;
    series.key.metric = find_descriptor(rows.bytes(7));
    if (series.key.metric == nullptr) continue;  // a metric of an older version
    series.key.source = rows.bytes(8);
    auto labels = decode_labels(rows.bytes(9));
    if (!labels || !read_series(rows, series)) {
      database_.corrupt("series");
      break;
    }
    series.key.labels = *std::move(labels);
    found.push_back(std::move(series));
  }
  return found;
}

void SqliteSeries::save(std::span<Series> series) {
  for (Series& each : series) {
    const std::string value = encode_number(each.value);
    if (each.id != 0) {
      database_.query("UPDATE series SET value = ?, start = ?, base = ?, version = ? WHERE id = ?")
          .bind_bytes(value)
          .bind(stored(each.start))
          .bind(each.base)
          .bind(static_cast<std::int64_t>(each.version))
          .bind(each.id)
          .run();
      continue;
    }
    const std::string labels = encode_labels(each.key.labels);
    database_
        .query(
            "INSERT INTO series (metric, source, labels, value, start, base, version) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)")
        .bind_text(each.key.metric->name)
        .bind_text(each.key.source)
        .bind_bytes(labels)
        .bind_bytes(value)
        .bind(stored(each.start))
        .bind(each.base)
        .bind(static_cast<std::int64_t>(each.version))
        .run();
    each.id = database_.last_insert_id();
  }
}

void SqliteSeries::mark_exported(std::span<const ExportMark> marks) {
  for (const ExportMark& mark : marks)
    database_.query("UPDATE series SET exported_version = ?, exported_at = ? WHERE id = ?")
        .bind(static_cast<std::int64_t>(mark.version))
        .bind(stored(mark.at))
        .bind(mark.series)
        .run();
}

void SqliteSeries::remove(std::span<const std::int64_t> ids) {
  for (const std::int64_t id : ids)
    database_.query("DELETE FROM series WHERE id = ?").bind(id).run();
}

}  // namespace

std::unique_ptr<SeriesStore> make_sqlite_series(SqliteDatabase& database) {
  return std::make_unique<SqliteSeries>(database);
}

}  // namespace walpulse::monitor
