#pragma once

#include <vector>

#include "monitor/doctor_checks.h"
#include "monitor/options/options.h"
#include "publisher/gcp/http_client.h"

namespace walpulse::monitor {

/// What `doctor` says of push authentication (are the settings whole, can the keys be fetched) and,
/// where Google's services are used, of the credentials (whose they are, and that a token is to be
/// had).
std::vector<Check> check_identity(gcp::HttpClient& http, const ServeOptions& options,
                                  const Environment& environment);

}  // namespace walpulse::monitor
