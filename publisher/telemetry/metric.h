#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "decoder/base/timestamp.h"

/// What both programs measure, as plain data: whoever measures makes a MetricFamilies, the writers
/// (Prometheus text, Cloud Monitoring) read it, and neither knows the other.
namespace walpulse::telemetry {

struct Descriptor {
  enum class Kind { gauge, cumulative };
  enum class ValueType { int64, double_, distribution };
  std::string_view name;  ///< "pipeline_run/finished_count"; writers add their prefix.
  std::string_view display_name;
  std::string_view help;
  std::string_view unit;  ///< UCUM: "1", "By", "s".
  Kind kind;
  ValueType type;
  std::vector<std::string_view> labels;  ///< Beside them, those taken from `variables`.
};

struct Distribution {
  std::vector<double> bounds;         ///< Ascending upper bounds (inclusive in Prometheus).
  std::vector<std::uint64_t> counts;  ///< bounds.size() + 1.
  double sum = 0;
  void add(double value);
  std::uint64_t count() const;
  bool operator==(const Distribution&) const = default;
};

using Labels = std::map<std::string, std::string>;
using Number = std::variant<std::int64_t, double, Distribution>;

struct Point {
  Labels labels;
  std::string
      source;       ///< Cloud Monitoring: the resource's `namespace`; Prometheus: label `source`.
  Timestamp start;  ///< Cumulative: when this series' count was zero.
  Number value;
};
struct Metric {
  const Descriptor* descriptor;  ///< From a static table.
  std::vector<Point> points;
};
struct MetricFamilies {
  Timestamp taken;
  std::vector<Metric> metrics;
};

/// The text exposition format 0.0.4: `walpulse_pipeline_run_finished_count` and so on, '/' as '_',
/// cumulative names end `_total`, distributions are histograms in their unit (`_seconds`).
std::string prometheus_text(const MetricFamilies& snapshot);

}  // namespace walpulse::telemetry
