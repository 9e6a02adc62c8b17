#pragma once

#include <string_view>
#include <vector>

#include "decoder/schema/heartbeat.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::telemetry {

/// The `connector/*` metrics, in one place for the connector's own /metrics and for the monitor,
/// which derives them from heartbeats.
const std::vector<Descriptor>& connector_descriptors();

/// What `heartbeat` says, as metrics: counters count from the instance's start.
std::vector<Metric> connector_metrics(const schema::Heartbeat& heartbeat);

}  // namespace walpulse::telemetry
