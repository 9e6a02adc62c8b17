#pragma once

#include <string>

#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// A snapshot as one line of JSON, for `--export stdout`:
/// {"time":"...","metrics":[{"name":"...","source":"...","labels":{...},"value":7}]}. Distributions
/// are {"count":..,"sum":..,"bounds":[..],"counts":[..]}.
std::string snapshot_json(const telemetry::MetricFamilies& snapshot);

}  // namespace walpulse::monitor
