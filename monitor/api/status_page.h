#pragma once

#include <string>
#include <vector>

#include "monitor/ledger/leader_election.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// The page at `/`: pipelines with their counts, last success and failures in a row, and how fresh
/// the flow is. Self-contained: no scripts, nothing fetched from elsewhere. `troubles` stand on
/// top.
std::string status_page(const telemetry::MetricFamilies& snapshot, const Leadership& leadership,
                        const std::vector<std::string>& troubles);

}  // namespace walpulse::monitor
