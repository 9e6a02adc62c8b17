#include "monitor/ledger/counting/gauges.h"

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "decoder/schema/heartbeat.h"
#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/ledger/timeline/observe.h"
#include "publisher/telemetry/connector_metrics.h"

namespace walpulse::monitor {
namespace {

std::int64_t base_of(const telemetry::Number& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  return std::bit_cast<std::int64_t>(std::get<double>(value));
}

Gauge number(SeriesKey key, telemetry::Number value) {
  const std::int64_t base = base_of(value);
  return {std::move(key), std::move(value), base};
}

Gauge age(SeriesKey key, Timestamp instant, Timestamp now) {
  return {std::move(key), seconds_between(instant, now), instant.time_since_epoch().count()};
}

/// Tables of one source, and pipelines folded into one name, share a point.
struct Pipeline {
  std::optional<Timestamp> success;
  std::int64_t failures = 0;
  std::map<std::string, std::int64_t> active;  ///< By status.
  std::optional<Timestamp> oldest;
};
using Pipelines = std::map<std::pair<std::string, std::string>, Pipeline>;

bool forgotten(const PipelineRow& row, const LedgerOptions& options, Timestamp now) {
  return row.active.empty() && row.failures == 0 && row.success &&
         row.last_event < now - options.forget_after;
}

template <class T, class Compare>
void keep(std::optional<T>& known, const T& value, Compare better) {
  if (!known || better(value, *known)) known = value;
}

class PipelineReader {
 public:
  PipelineReader(Transaction& transaction, LabelLimits& limits)
      : transaction_(transaction), limits_(limits) {}

  void add(const PipelineRow& row, const std::string& source) {
    Pipeline& pipeline = pipelines_[{source, shown("pipeline", row.pipeline)}];
    if (row.success) keep(pipeline.success, row.success->time, std::greater<>());
    pipeline.failures += row.failures;
    for (const PipelineRow::Active& active : row.active) {
      pipeline.active[shown("status", active.status)] += active.runs;
      if (active.status != kOrphaned) keep(pipeline.oldest, active.oldest, std::less<>());
    }
  }
  const Pipelines& pipelines() const { return pipelines_; }

 private:
  std::string shown(const std::string& label, const std::string& value) {
    return limits_.knows(transaction_, label, value) ? value : std::string(kOther);
  }
  Transaction& transaction_;
  LabelLimits& limits_;
  Pipelines pipelines_;
};

void add_pipelines(const Pipelines& pipelines, Timestamp now, std::vector<Gauge>& gauges) {
  const MetricDescriptors& metrics = metric_descriptors();
  for (const auto& [name, pipeline] : pipelines) {
    const auto& source = name.first;
    const telemetry::Labels labels{{"pipeline", name.second}};
    for (const auto& [status, runs] : pipeline.active)
      gauges.push_back(
          number({&metrics.active, source, {{"pipeline", name.second}, {"status", status}}}, runs));
    if (pipeline.oldest)
      gauges.push_back(age({&metrics.oldest_active_age, source, labels}, *pipeline.oldest, now));
    if (pipeline.success)
      gauges.push_back(age({&metrics.last_success_age, source, labels}, *pipeline.success, now));
    gauges.push_back(number({&metrics.consecutive_failures, source, labels}, pipeline.failures));
  }
}

void add_sources(const Context& context, Timestamp now, std::vector<Gauge>& gauges) {
  std::map<std::string, std::optional<Timestamp>> created;
  for (const SourceRow& source : context.sources)
    if (source.last_created) keep(created[source.name], *source.last_created, std::greater<>());
  for (const auto& [name, instant] : created)
    gauges.push_back(age({&metric_descriptors().last_created_age, name, {}}, *instant, now));
}

/// What the connectors of one table say together.
struct Flow {
  Timestamp sent = kMinusInfinity;   ///< The last heartbeat of all, ...
  schema::Heartbeat last;            ///< ... and what it said.
  std::optional<Timestamp> current;  ///< The newest instant that any process knows of.
  Timestamp started = kInfinity;     ///< The oldest start.
  /// Where no process knows yet how far all is delivered, nothing is since the oldest start.
  Timestamp watermark() const { return current.value_or(started); }
};

/// By source, then table.
using Flows = std::map<std::string, std::map<std::string, Flow>>;

Flows read_flows(const std::vector<ConnectorRow>& rows) {
  Flows flows;
  for (const ConnectorRow& row : rows) {
    auto heartbeat = schema::parse_heartbeat(row.heartbeat);
    if (!heartbeat) continue;
    Flow& flow = flows[row.name][heartbeat->table];
    flow.started = std::min(flow.started, row.started_at);
    if (heartbeat->confirmed_at != Timestamp{})
      keep(flow.current, heartbeat->confirmed_at, std::greater<>());
    if (row.sent_at <= flow.sent) continue;
    flow.sent = row.sent_at;
    flow.last = *std::move(heartbeat);
  }
  return flows;
}

/// A source is as bad as its worst table: one that stands still must not hide behind another.
void add_connectors(const std::vector<ConnectorRow>& rows, Timestamp now,
                    std::vector<Gauge>& gauges) {
  for (const auto& [name, tables] : read_flows(rows)) {
    Timestamp sent = kInfinity;
    const Flow* worst = nullptr;
    for (const auto& [table, flow] : tables) {
      sent = std::min(sent, flow.sent);
      if (worst == nullptr || flow.watermark() < worst->watermark()) worst = &flow;
    }
    gauges.push_back(age({&metric_descriptors().heartbeat_age, name, {}}, sent, now));
    gauges.push_back(age({&metric_descriptors().watermark_age, name, {}}, worst->watermark(), now));
    for (telemetry::Metric& metric : telemetry::connector_metrics(worst->last)) {
      if (metric.descriptor->kind != telemetry::Descriptor::Kind::gauge) continue;
      for (telemetry::Point& point : metric.points)
        gauges.push_back(number({metric.descriptor, name, std::move(point.labels)}, point.value));
    }
  }
}

void add_deliveries(const std::vector<DeliveryCount>& counts, Timestamp now,
                    std::vector<Gauge>& gauges) {
  const MetricDescriptors& metrics = metric_descriptors();
  for (const DeliveryCount& each : counts) {
    if (each.state != Delivery::State::waiting) continue;
    const telemetry::Labels labels{{"channel", each.channel}};
    gauges.push_back(number({&metrics.deliveries_waiting, "", labels}, each.count));
    gauges.push_back(age({&metrics.oldest_delivery_age, "", labels}, each.oldest, now));
  }
}

/// None where nothing ever was set aside: there is nothing to see then, and a series costs money.
void add_rejected(const RejectedTotals& totals, std::vector<Gauge>& gauges) {
  if (totals.count == 0) return;
  const MetricDescriptors& metrics = metric_descriptors();
  gauges.push_back(number({&metrics.rejected_message_count, "", {}}, totals.count));
  gauges.push_back(number({&metrics.rejected_bytes, "", {}}, totals.bytes));
}

/// What needs a person, and since when Mage owes a run. A gauge says how many; which is logged.
class ProblemReader {
 public:
  ProblemReader(Transaction& transaction, LabelLimits& limits)
      : transaction_(transaction), limits_(limits) {}

  void add(const Problem& problem) {
    const ProblemKey& key = problem.finding.key;
    // What another explains is left out until it outlives it.
    if (!problem.finding.cause) ++open_[{key.source, key.kind, problem.finding.severity}];
    if (key.kind != ProblemKind::not_started) return;
    const bool shown = limits_.knows(transaction_, "pipeline", key.subject);
    keep(overdue_[{key.source, shown ? key.subject : std::string(kOther)}], problem.finding.since,
         std::less<>());
  }
  void append(Timestamp now, std::vector<Gauge>& gauges) const {
    const MetricDescriptors& metrics = metric_descriptors();
    for (const auto& [of, count] : open_) {
      const auto& [source, kind, severity] = of;
      gauges.push_back(number(
          {&metrics.open_problems,
           source,
           {{"kind", std::string(name_of(kind))}, {"severity", std::string(name_of(severity))}}},
          count));
    }
    for (const auto& [of, since] : overdue_)
      gauges.push_back(
          age({&metrics.trigger_overdue, of.first, {{"pipeline", of.second}}}, *since, now));
  }

 private:
  Transaction& transaction_;
  LabelLimits& limits_;
  std::map<std::tuple<std::string, ProblemKind, Severity>, std::int64_t> open_;
  std::map<std::pair<std::string, std::string>, std::optional<Timestamp>> overdue_;
};

}  // namespace

std::vector<Gauge> read_gauges(Transaction& transaction, LabelLimits& limits,
                               const Context& context, const LedgerOptions& options,
                               Timestamp now) {
  std::map<std::int64_t, std::string> names;
  for (const SourceRow& source : context.sources) names.emplace(source.id, source.name);
  PipelineReader reader(transaction, limits);
  for (const PipelineRow& row : transaction.runs().pipelines())
    if (!forgotten(row, options, now)) reader.add(row, names[row.source]);
  std::vector<Gauge> gauges;
  add_pipelines(reader.pipelines(), now, gauges);
  add_sources(context, now, gauges);
  add_connectors(transaction.connectors().all(), now, gauges);
  ProblemReader problems(transaction, limits);
  for (const Problem& problem : transaction.problems().open()) problems.add(problem);
  problems.append(now, gauges);
  add_deliveries(transaction.deliveries().counts(), now, gauges);
  add_rejected(transaction.rejected().totals(), gauges);
  return gauges;
}

bool ends_with_zero(const telemetry::Descriptor& metric) {
  const MetricDescriptors& metrics = metric_descriptors();
  return &metric == &metrics.active || &metric == &metrics.oldest_active_age ||
         &metric == &metrics.consecutive_failures || &metric == &metrics.open_problems ||
         &metric == &metrics.trigger_overdue || &metric == &metrics.deliveries_waiting ||
         &metric == &metrics.oldest_delivery_age || &metric == &metrics.rejected_message_count ||
         &metric == &metrics.rejected_bytes;
}

}  // namespace walpulse::monitor
