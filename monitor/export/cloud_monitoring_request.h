#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "monitor/ledger/export_queue.h"
#include "publisher/telemetry/metric.h"

/// Bodies of Cloud Monitoring's REST calls, version 3
/// (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/create).
namespace walpulse::monitor {

/// At most so many series a call, one point each.
inline constexpr std::size_t kTimeSeriesPerCallMax = 200;

/// Where points are written to. The resource is `generic_task` and depends on nothing that differs
/// between instances or restarts: whoever writes next continues the same series.
struct MonitoringTarget {
  std::string project;
  std::string location = "global";
  std::string metric_prefix = "custom.googleapis.com/walpulse";
};

/// The points of `exported` in calls of at most kTimeSeriesPerCallMax, by their indices.
std::vector<std::vector<std::size_t>> time_series_calls(const Export& exported);
/// One call's body: the points with these indices, each ending at exported.end.
std::string time_series_body(const Export& exported, std::span<const std::size_t> which,
                             const MonitoringTarget& target);
/// The body of metricDescriptors.create.
std::string descriptor_body(const telemetry::Descriptor& descriptor,
                            const MonitoringTarget& target);

}  // namespace walpulse::monitor
