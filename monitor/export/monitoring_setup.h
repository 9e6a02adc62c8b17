#pragma once

#include <memory>

#include "decoder/base/result.h"
#include "monitor/export/cloud_monitoring_writer.h"
#include "monitor/ledger/pinned_settings.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// A CloudMonitoringWriter and the credentials that it stands on.
struct CloudMonitoring {
  std::unique_ptr<auth::TokenSource> tokens;
  std::unique_ptr<CloudMonitoringWriter> writer;
};

/// Where the metrics belong: --project, GOOGLE_CLOUD_PROJECT, the metadata server. Rejected, naming
/// the remedy, where none says.
Result<std::string> monitoring_project(http::Client& http, const ServeOptions& options,
                                       const Environment& environment);

/// Credentials for the endpoint: none for a plain one, which is a test's.
Result<std::unique_ptr<auth::TokenSource>> monitoring_tokens(http::Client& http,
                                                             const ServeOptions& options,
                                                             const Environment& environment);

/// Finds out project and location where the options leave them open; both are pinned in the ledger,
/// so that every instance continues the same series. Rejected, naming the remedy, where there is no
/// project or no credentials; an Error of the ledger's.
Result<CloudMonitoring> make_cloud_monitoring(http::Client& http, const ServeOptions& options,
                                              const Environment& environment, PinnedSettings& pins);

}  // namespace walpulse::monitor
