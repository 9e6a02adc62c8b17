#include "monitor/export/snapshot_json.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"

namespace walpulse::monitor {
namespace {

using Json = nlohmann::ordered_json;

Json value_json(const telemetry::Number& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  const auto& distribution = std::get<telemetry::Distribution>(value);
  return {{"count", distribution.count()},
          {"sum", distribution.sum},
          {"bounds", distribution.bounds},
          {"counts", distribution.counts}};
}

}  // namespace

std::string snapshot_json(const telemetry::MetricFamilies& snapshot) {
  Json metrics = Json::array();
  for (const telemetry::Metric& metric : snapshot.metrics) {
    for (const telemetry::Point& point : metric.points) {
      metrics.push_back({{"name", metric.descriptor->name},
                         {"source", point.source},
                         {"labels", point.labels},
                         {"value", value_json(point.value)}});
    }
  }
  const Json line = {{"time", to_rfc3339(snapshot.taken)}, {"metrics", std::move(metrics)}};
  return dump_json(line);
}

}  // namespace walpulse::monitor
