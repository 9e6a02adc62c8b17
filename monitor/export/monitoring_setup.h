#pragma once

#include <memory>

#include "decoder/schema/result.h"
#include "monitor/export/cloud_monitoring_writer.h"
#include "monitor/ledger/ledger.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// A CloudMonitoringWriter and the credentials that it stands on.
struct CloudMonitoring {
  std::unique_ptr<gcp::TokenSource> tokens;
  std::unique_ptr<CloudMonitoringWriter> writer;
};

/// Finds out project and location where the options leave them open; the ledger remembers both, so
/// that every instance continues the same series. Rejected, naming the remedy, where there is no
/// project or no credentials; an Error of the ledger's.
Result<CloudMonitoring> make_cloud_monitoring(gcp::HttpClient& http, const ServeOptions& options,
                                              const Environment& environment, Ledger& ledger);

}  // namespace walpulse::monitor
