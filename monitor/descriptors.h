#pragma once

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// Prints what Cloud Monitoring is told of every metric: one body of metricDescriptors.create a
/// line. Returns the exit code.
int descriptors(const ServeOptions& options);

}  // namespace walpulse::monitor
