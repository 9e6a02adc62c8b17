#pragma once

#include <string>
#include <vector>

#include "monitor/command/doctor_checks.h"
#include "monitor/options/options.h"
#include "publisher/auth/token_source.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {

/// The metrics in Cloud Monitoring that are of another kind than ours, from the answer to
/// metricDescriptors.list: every point of theirs would be refused. Pure.
Check check_descriptors(const std::string& answer, const ServeOptions& options,
                        const std::string& project);

/// Asks Cloud Monitoring whether points would be taken, without writing one: it lists our
/// descriptors, and sends a timeSeries.create without any series, which whoever may write is
/// answered 400 (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/create:
/// one to 200 are wanted).
void check_monitoring(http::Client& http, auth::TokenSource& tokens, const ServeOptions& options,
                      const std::string& project, std::vector<Check>& checks);

}  // namespace walpulse::monitor
