#include "monitor/export/cloud_monitoring_request.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "decoder/base/json_dom.h"
#include "decoder/schema/label_name.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::monitor {
namespace {

using Json = nlohmann::ordered_json;
using Kind = telemetry::Descriptor::Kind;
using ValueType = telemetry::Descriptor::ValueType;

/// https://cloud.google.com/monitoring/quotas#custom_metrics_quotas
constexpr std::size_t kLabelValueBytesMax = 1024;

std::string metric_type(const telemetry::Descriptor& descriptor, const MonitoringTarget& target) {
  return target.metric_prefix + "/" + std::string(descriptor.name);
}

const char* kind_name(Kind kind) { return kind == Kind::gauge ? "GAUGE" : "CUMULATIVE"; }

const char* type_name(ValueType type) {
  switch (type) {
    case ValueType::int64:
      return "INT64";
    case ValueType::double_:
      return "DOUBLE";
    case ValueType::distribution:
      return "DISTRIBUTION";
  }
  return "";
}

Json labels_json(const telemetry::Labels& labels) {
  Json out = Json::object();
  for (const auto& [name, value] : labels) {
    out[schema::label_name_of(name)] = schema::cut_utf8(value, kLabelValueBytesMax);
  }
  return out;
}

/// proto3 JSON: 64-bit integers are strings.
Json distribution_json(const telemetry::Distribution& distribution) {
  const std::uint64_t count = distribution.count();
  Json counts = Json::array();
  for (const std::uint64_t each : distribution.counts) counts.push_back(std::to_string(each));
  const double mean = count == 0 ? 0 : distribution.sum / static_cast<double>(count);
  return {{"count", std::to_string(count)},
          {"mean", mean},
          {"bucketOptions", {{"explicitBuckets", {{"bounds", distribution.bounds}}}}},
          {"bucketCounts", std::move(counts)}};
}

Json typed_value_json(const telemetry::Number& value, ValueType type) {
  if (const auto* distribution = std::get_if<telemetry::Distribution>(&value)) {
    return {{"distributionValue", distribution_json(*distribution)}};
  }
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (type == ValueType::int64) {
    const auto number =
        whole != nullptr ? *whole : static_cast<std::int64_t>(std::get<double>(value));
    return {{"int64Value", std::to_string(number)}};
  }
  return {
      {"doubleValue", whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value)}};
}

/// A gauge has an instant. A cumulative point must span time: the service refuses start == end.
Json interval_json(const telemetry::Descriptor& descriptor, Timestamp start, Timestamp end) {
  if (descriptor.kind == Kind::gauge) return {{"endTime", to_rfc3339(end)}};
  const auto before_end = end - std::chrono::milliseconds(1);
  return {{"startTime", to_rfc3339(std::min(start, before_end))}, {"endTime", to_rfc3339(end)}};
}

Json series_json(const DuePoint& due, Timestamp end, const MonitoringTarget& target) {
  const telemetry::Descriptor& descriptor = *due.descriptor;
  Json point = {{"interval", interval_json(descriptor, due.point.start, end)},
                {"value", typed_value_json(due.point.value, descriptor.type)}};
  return {{"metric",
           {{"type", metric_type(descriptor, target)}, {"labels", labels_json(due.point.labels)}}},
          {"resource",
           {{"type", "generic_task"},
            {"labels",
             {{"project_id", target.project},
              {"location", target.location},
              {"namespace", schema::cut_utf8(due.point.source, kLabelValueBytesMax)},
              {"job", "walpulse"},
              {"task_id", "ledger"}}}}},
          {"metricKind", kind_name(descriptor.kind)},
          {"valueType", type_name(descriptor.type)},
          {"unit", descriptor.unit},
          {"points", Json::array({std::move(point)})}};
}

std::string label_description(std::string_view name) {
  static const std::map<std::string_view, const char*> descriptions = {
      {"pipeline", "The pipeline's uuid in Mage."},
      {"trigger", "What created the run: backfill, manual or trigger."},
      {"status", "The run's status in Mage."},
      {"cause", "Why the run failed: block, block_timeout, run_timeout, initialisation, unknown."},
      {"op", "What the message was: a row operation (c, u, d, t, r), heartbeat or unknown."},
      {"outcome", "What the message meant: applied, unchanged, pruned, invalid or conflict."},
      {"reason", "Why."},
      {"label", "The label whose values are too many."},
      {"state", "streaming, catching_up, parked or stopping."},
      {"kind",
       "What is wrong: failing, not_started, waiting, too_long, not_done, stale, not_running, "
       "abandoned, scheduler, check_failed, blind or undelivered."},
      {"severity", "What the rules make of it: page, notify or record."},
      {"channel", "The channel of the rules that it is for."},
  };
  const auto found = descriptions.find(name);
  return found == descriptions.end() ? "A label." : found->second;
}

/// Text from the database may hold any bytes.
}  // namespace

std::vector<std::vector<std::size_t>> time_series_calls(const Export& exported) {
  std::vector<std::vector<std::size_t>> calls;
  for (std::size_t first = 0; first < exported.points.size(); first += kTimeSeriesPerCallMax) {
    auto& call =
        calls.emplace_back(std::min(kTimeSeriesPerCallMax, exported.points.size() - first));
    std::iota(call.begin(), call.end(), first);
  }
  return calls;
}

std::string time_series_body(const Export& exported, std::span<const std::size_t> which,
                             const MonitoringTarget& target) {
  Json series = Json::array();
  for (const std::size_t index : which) {
    series.push_back(series_json(exported.points[index], exported.end, target));
  }
  return dump_json(Json{{"timeSeries", std::move(series)}});
}

std::string descriptor_body(const telemetry::Descriptor& descriptor,
                            const MonitoringTarget& target) {
  Json labels = Json::array();
  for (const std::string_view label : descriptor.labels) {
    labels.push_back({{"key", schema::label_name_of(label)},
                      {"valueType", "STRING"},
                      {"description", label_description(label)}});
  }
  return dump_json(Json{{"type", metric_type(descriptor, target)},
                        {"metricKind", kind_name(descriptor.kind)},
                        {"valueType", type_name(descriptor.type)},
                        {"unit", descriptor.unit},
                        {"displayName", descriptor.display_name},
                        {"description", descriptor.help},
                        {"labels", std::move(labels)}});
}

}  // namespace walpulse::monitor
