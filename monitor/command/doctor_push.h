#pragma once

#include <vector>

#include "monitor/command/doctor_checks.h"
#include "monitor/options/options.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {

/// What `doctor` says of push authentication: are the settings whole, can the keys be fetched.
std::vector<Check> check_push_door(http::Client& http, const ServeOptions& options,
                                   const Environment& environment);

}  // namespace walpulse::monitor
