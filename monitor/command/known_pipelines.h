#pragma once

#include <span>
#include <vector>

#include "monitor/ledger/ledger_reader.h"
#include "monitor/rules/known_pipeline.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// What the ledger's series and triggers say of each pipeline, by source and name. Pure.
///
/// Known are pipelines that have gauges, which quiet ones lose after a while, and those that a
/// trigger names. Not known are those beyond the most that the ledger tells apart: see
/// tells_all_pipelines().
std::vector<rules::KnownPipeline> known_pipelines(const telemetry::MetricFamilies& ledger,
                                                  std::span<const KnownTrigger> triggers,
                                                  Timestamp now);

/// Whether the ledger shows each pipeline under its own name.
bool tells_all_pipelines(const telemetry::MetricFamilies& ledger);

}  // namespace walpulse::monitor
