#pragma once

#include <vector>

#include "monitor/doctor_checks.h"
#include "monitor/options/options.h"
#include "publisher/gcp/http_client.h"

namespace walpulse::monitor {

/// What `doctor` says of push authentication: are the settings whole, can the keys be fetched.
std::vector<Check> check_push_door(gcp::HttpClient& http, const ServeOptions& options,
                                   const Environment& environment);

}  // namespace walpulse::monitor
