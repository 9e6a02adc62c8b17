#pragma once

#include <vector>

#include "monitor/command/doctor_checks.h"
#include "monitor/options/options.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {

/// What `doctor` says of the credentials, their scopes and, as them, of Pub/Sub and Cloud
/// Monitoring; nothing of what the options do not use.
std::vector<Check> check_google(http::Client& http, const ServeOptions& options,
                                const Environment& environment);

/// Of a login to the ledger's database by token: as whom, or why not.
Check check_login(const Result<std::string>& identity);

}  // namespace walpulse::monitor
