#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

using Type = PostgresArray::Type;

/// Series keys as three parallel arrays.
class SeriesKeyArrays {
 public:
  void add(const SeriesKey& key) {
    metrics_.add(std::string_view(key.metric->name));
    sources_.add(key.source);
    labels_.add(encode_labels(key.labels));
  }
  PostgresValues values() const {
    return PostgresValues().array(metrics_).array(sources_).array(labels_);
  }

 private:
  PostgresArray metrics_{Type::text}, sources_{Type::bytes}, labels_{Type::bytes};
};

/// What save() keeps, as an array of each column.
class ValueArrays {
 public:
  void add(const Series& series) {
    values_.add(encode_number(series.value));
    starts_.add(stored(series.start));
    bases_.add(series.base);
    versions_.add(static_cast<std::int64_t>(series.version));
  }
  PostgresValues& append_to(PostgresValues& values) const {
    return values.array(values_).array(starts_).array(bases_).array(versions_);
  }

 private:
  PostgresArray values_{Type::bytes}, starts_{Type::number}, bases_{Type::number},
      versions_{Type::number};
};

PostgresArray numbers(std::span<const std::int64_t> ids) {
  PostgresArray array(Type::number);
  for (const std::int64_t id : ids) array.add(id);
  return array;
}

class PostgresSeries final : public SeriesStore {
 public:
  explicit PostgresSeries(PostgresUnit& unit) : database_(unit.database) {
    unit.pending.add([this] { remove_empty(); }, [this] { empty_.clear(); });
  }

  std::vector<Series> load(std::span<const SeriesKey> keys) override;
  std::vector<Series> all() override;
  std::vector<Series> of(const telemetry::Descriptor& metric) override;
  void save(std::span<Series> series) override;
  void mark_exported(std::span<const ExportMark> marks) override;
  void remove(std::span<const std::int64_t> ids) override;

 private:
  bool read(const PostgresRows& rows, std::size_t row, Series& series);
  std::vector<Series> read_all(const PostgresRows& rows);
  void insert(std::span<Series> series, std::span<const std::size_t> places);
  void remove_empty();

  PostgresDatabase& database_;
  std::vector<std::int64_t> empty_;  ///< Inserted by load().
};

/// From the columns id, value, start, base, version, exported version, exported at.
bool PostgresSeries::read(const PostgresRows& rows, std::size_t row, Series& series) {
  auto value = decode_number(rows.bytes(row, 1));
  if (!value) {
    database_.corrupt("series");
    return false;
  }
  series.id = rows.number(row, 0);
  series.value = *std::move(value);
  series.start = restored(rows.number(row, 2));
  series.base = rows.number(row, 3);
  series.version = static_cast<std::uint64_t>(rows.number(row, 4));
  series.exported_version = static_cast<std::uint64_t>(rows.number(row, 5));
  series.exported_at = restored(rows.number(row, 6));
  return true;
}

std::vector<Series> PostgresSeries::load(std::span<const SeriesKey> keys) {
  SeriesKeyArrays arrays;
  for (const SeriesKey& key : keys) arrays.add(key);
  const auto inserted = database_.query(
      "INSERT INTO series (metric, source, labels) SELECT k.metric, k.source, k.labels "
      "FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS k(metric, source, labels) "
      "WHERE NOT EXISTS (SELECT FROM series s WHERE s.metric = k.metric AND s.source = k.source "
      "AND s.key = CASE WHEN octet_length(k.labels) <= 1000 THEN k.labels ELSE sha256(k.labels) "
      "END) "
      "ORDER BY k.metric COLLATE \"C\", k.source, k.labels "
      "ON CONFLICT DO NOTHING RETURNING id",
      arrays.values());
  for (std::size_t i = 0; i < inserted.size(); ++i) empty_.push_back(inserted.number(i, 0));
  const auto rows = database_.query(
      "SELECT s.id, s.value, s.start, s.base, s.version, coalesce(e.version, 0), "
      "coalesce(e.at, 0), k.n FROM unnest($1::text[], $2::bytea[], $3::bytea[]) "
      "WITH ORDINALITY AS k(metric, source, labels, n) JOIN series s ON s.metric = k.metric "
      "AND s.source = k.source AND s.key = CASE WHEN octet_length(k.labels) <= 1000 "
      "THEN k.labels ELSE sha256(k.labels) END LEFT JOIN exported e ON e.series = s.id "
      "ORDER BY s.metric, s.source, s.labels FOR UPDATE OF s",
      arrays.values());
  if (database_.error()) return {};
  if (rows.size() != keys.size()) {
    database_.fail_with(ErrorKind::contended, "another instance has just removed a series");
    return {};
  }
  std::vector<Series> found(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto place = static_cast<std::size_t>(rows.number(i, 7)) - 1;
    const bool is_new = rows.number(i, 4) == 0;
    if (!is_new && !read(rows, i, found.at(place))) return {};
  }
  for (std::size_t i = 0; i < keys.size(); ++i) found[i].key = keys[i];
  return found;
}

std::vector<Series> PostgresSeries::all() {
  return read_all(
      database_.query("SELECT s.id, s.value, s.start, s.base, s.version, coalesce(e.version, 0), "
                      "coalesce(e.at, 0), s.metric, s.source, s.labels "
                      "FROM series s LEFT JOIN exported e ON e.series = s.id WHERE s.version > 0 "
                      "ORDER BY s.id"));
}

std::vector<Series> PostgresSeries::of(const telemetry::Descriptor& metric) {
  return read_all(
      database_.query("SELECT s.id, s.value, s.start, s.base, s.version, coalesce(e.version, 0), "
                      "coalesce(e.at, 0), s.metric, s.source, s.labels "
                      "FROM series s LEFT JOIN exported e ON e.series = s.id "
                      "WHERE s.version > 0 AND s.metric = $1::text",
                      PostgresValues().bytes(metric.name)));
}

std::vector<Series> PostgresSeries::read_all(const PostgresRows& rows) {
  std::vector<Series> found;
  found.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Series series;
    series.key.metric = find_descriptor(rows.text(i, 7));
    if (series.key.metric == nullptr) continue;  // a metric of an older version
    series.key.source = rows.bytes(i, 8);
    auto labels = decode_labels(rows.bytes(i, 9));
    if (!labels) database_.corrupt("series");
    if (!labels || !read(rows, i, series)) return {};
    series.key.labels = *std::move(labels);
    found.push_back(std::move(series));
  }
  return found;
}

void PostgresSeries::save(std::span<Series> series) {
  PostgresArray ids(Type::number);
  ValueArrays arrays;
  std::vector<std::size_t> fresh;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (series[i].id == 0) {
      fresh.push_back(i);
      continue;
    }
    ids.add(series[i].id);
    arrays.add(series[i]);
  }
  if (!ids.empty()) {
    PostgresValues values;
    values.array(ids);
    database_.query(
        "UPDATE series s SET value = u.value, start = u.start, base = u.base, version = u.version "
        "FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[]) "
        "AS u(id, value, start, base, version) WHERE s.id = u.id",
        arrays.append_to(values));
  }
  if (!fresh.empty()) insert(series, fresh);
}

/// Those that load() has inserted already are filled in.
void PostgresSeries::insert(std::span<Series> series, std::span<const std::size_t> places) {
  using Key = std::tuple<std::string, std::string, std::string>;
  SeriesKeyArrays keys;
  ValueArrays arrays;
  std::map<Key, Series*> by_key;
  for (const std::size_t place : places) {
    const SeriesKey& key = series[place].key;
    keys.add(key);
    arrays.add(series[place]);
    by_key[{std::string(key.metric->name), key.source, encode_labels(key.labels)}] = &series[place];
  }
  PostgresValues values = keys.values();
  const auto rows = database_.query(
      "INSERT INTO series (metric, source, labels, value, start, base, version) SELECT * "
      "FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[], "
      "$7::bigint[]) AS u(metric, source, labels) "
      "ORDER BY u.metric COLLATE \"C\", u.source, u.labels "
      "ON CONFLICT (metric, source, key) DO UPDATE SET value = excluded.value, "
      "start = excluded.start, base = excluded.base, version = excluded.version "
      "RETURNING id, metric, source, labels",
      arrays.append_to(values));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto at = by_key.find({std::string(rows.text(i, 1)), rows.bytes(i, 2), rows.bytes(i, 3)});
    if (at != by_key.end()) at->second->id = rows.number(i, 0);
  }
}

void PostgresSeries::remove_empty() {
  if (empty_.empty()) return;
  database_.query("DELETE FROM series WHERE id = ANY ($1::bigint[]) AND version = 0",
                  PostgresValues().array(numbers(empty_)));
  empty_.clear();
}

void PostgresSeries::mark_exported(std::span<const ExportMark> marks) {
  if (marks.empty()) return;
  PostgresArray ids(Type::number), versions(Type::number), instants(Type::number);
  for (const ExportMark& mark : marks) {
    ids.add(mark.series);
    versions.add(static_cast<std::int64_t>(mark.version));
    instants.add(stored(mark.at));
  }
  database_.query(
      "INSERT INTO exported SELECT u.id, u.version, u.at "
      "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u(id, version, at) "
      "JOIN series s ON s.id = u.id ORDER BY u.id "
      "ON CONFLICT (series) DO UPDATE SET version = excluded.version, at = excluded.at",
      PostgresValues().array(ids).array(versions).array(instants));
}

void PostgresSeries::remove(std::span<const std::int64_t> ids) {
  if (ids.empty()) return;
  const PostgresArray gone = numbers(ids);
  database_.query("DELETE FROM exported WHERE series = ANY ($1::bigint[])",
                  PostgresValues().array(gone));
  database_.query("DELETE FROM series WHERE id = ANY ($1::bigint[])", PostgresValues().array(gone));
}

}  // namespace

std::unique_ptr<SeriesStore> make_postgres_series(PostgresUnit& unit) {
  return std::make_unique<PostgresSeries>(unit);
}

}  // namespace walpulse::monitor
