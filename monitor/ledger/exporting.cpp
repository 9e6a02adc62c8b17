#include "monitor/ledger/exporting.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "monitor/ledger/counting/metric_descriptors.h"

namespace walpulse::monitor {
namespace {

bool is_counter(const Series& series) {
  return series.key.metric->kind == telemetry::Descriptor::Kind::cumulative;
}

telemetry::Point point_of(const Series& series) {
  return {series.key.labels, series.key.source, series.start, series.value};
}

bool is_due(const Series& series, const LedgerOptions& options, Timestamp end) {
  return series.version != series.exported_version ||
         series.key.metric->name.starts_with("flow/") ||
         end - series.exported_at >= options.idle_export_interval;
}

telemetry::Number zero_of(const telemetry::Descriptor& metric) {
  if (metric.type == telemetry::Descriptor::ValueType::double_) return 0.0;
  return std::int64_t{0};
}

/// The gauges as rows: what changed since the last time is given a new version.
class GaugeRows {
 public:
  explicit GaugeRows(std::map<SeriesKey, Series> known) : known_(std::move(known)) {}

  void measured(Gauge gauge) {
    Series row;
    if (const auto at = known_.find(gauge.key); at != known_.end()) {
      row = std::move(at->second);
      known_.erase(at);
    }
    row.key = std::move(gauge.key);
    row.value = std::move(gauge.value);
    update(std::move(row), gauge.base);
  }

  /// What is still known now was not measured any more.
  void rest_is_gone() {
    for (auto& [key, row] : known_) {
      const bool zero_written = row.base == 0 && row.version == row.exported_version;
      if (!ends_with_zero(*key.metric) || row.exported_version == 0 || zero_written) {
        gone.push_back(row.id);
        continue;
      }
      row.value = zero_of(*key.metric);
      update(std::move(row), 0);
    }
    known_.clear();
  }

  std::vector<Series> changed;
  std::vector<Series> same;
  std::vector<std::int64_t> gone;

 private:
  void update(Series row, std::int64_t base) {
    const bool as_before = row.id != 0 && row.base == base;
    if (!as_before) ++row.version;
    row.base = base;
    (as_before ? same : changed).push_back(std::move(row));
  }
  std::map<SeriesKey, Series> known_;
};

}  // namespace

telemetry::MetricFamilies make_snapshot(const std::vector<Series>& series,
                                        const std::vector<Gauge>& gauges, Timestamp taken) {
  std::map<const telemetry::Descriptor*, std::vector<telemetry::Point>> points;
  for (const Series& each : series)
    if (is_counter(each)) points[each.key.metric].push_back(point_of(each));
  for (const Gauge& gauge : gauges)
    points[gauge.key.metric].push_back({gauge.key.labels, gauge.key.source, taken, gauge.value});
  telemetry::MetricFamilies snapshot;
  snapshot.taken = taken;
  for (const telemetry::Descriptor* descriptor : all_descriptors()) {
    const auto at = points.find(descriptor);
    if (at != points.end()) snapshot.metrics.push_back({descriptor, std::move(at->second)});
  }
  return snapshot;
}

Timestamp next_end(const Context& context, std::chrono::seconds gap_min, Timestamp now) {
  // An end far ahead was written while this machine's clock was wrong: to go on from there would
  // be refused until real time has caught up.
  const bool plausible = context.last_end <= now + std::chrono::minutes(5);
  const auto gap = std::max<std::chrono::milliseconds>(gap_min, std::chrono::milliseconds(2));
  return plausible ? std::max(now, context.last_end + gap) : now;
}

std::vector<DuePoint> due_points(Transaction& transaction, std::vector<Gauge> gauges,
                                 const LedgerOptions& options, Timestamp end) {
  std::vector<Series> candidates;
  std::map<SeriesKey, Series> known;
  for (Series& series : transaction.series().all()) {
    if (is_only_scraped(*series.key.metric)) continue;
    if (is_counter(series)) {
      candidates.push_back(std::move(series));
    } else {
      SeriesKey key = series.key;
      known.emplace(std::move(key), std::move(series));
    }
  }
  GaugeRows rows(std::move(known));
  for (Gauge& gauge : gauges) rows.measured(std::move(gauge));
  rows.rest_is_gone();
  transaction.series().save(rows.changed);
  transaction.series().remove(rows.gone);

  for (auto* list : {&rows.changed, &rows.same})
    candidates.insert(candidates.end(), std::make_move_iterator(list->begin()),
                      std::make_move_iterator(list->end()));
  std::vector<DuePoint> due;
  for (const Series& series : candidates)
    if (is_due(series, options, end))
      due.push_back({series.id, series.key.metric, point_of(series), series.version});
  return due;
}

}  // namespace walpulse::monitor
