#pragma once

#include <functional>
#include <string>

#include "monitor/options/options.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {

/// Prints what Cloud Monitoring is told of every metric, one body of metricDescriptors.create a
/// line, or with --create sends them. Returns the exit code.
int descriptors(const ServeOptions& options, const Environment& environment);

/// Sends every descriptor once and says to `say` which is made; what is there already is brought up
/// to date. All of them are tried: the Error names the first that was not taken.
Result<void> create_descriptors(http::Client& http, const ServeOptions& options,
                                const Environment& environment,
                                const std::function<void(const std::string&)>& say);

}  // namespace walpulse::monitor
