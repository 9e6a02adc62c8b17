#pragma once

#include <string>
#include <string_view>

#include "monitor/problems/problem.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor::reading {

/// The labels that a problem is told apart by.
telemetry::Labels labels_of(const Finding& finding);
/// Empty where the evidence does not say it.
const std::string& evidence_of(const Finding& finding, std::string_view name);

}  // namespace walpulse::monitor::reading
