#pragma once

#include <memory>
#include <string_view>

#include "connector/capture/heartbeat_sender.h"
#include "publisher/http/server.h"

namespace walpulse::connector {

/// /liveness (always 200: the process runs), /readiness (200 or 503 and why), /health (JSON) and
/// /metrics (Prometheus text; without a stream no state and no lag, which would be made up). Pure.
http::ServerResponse answer_probe(std::string_view method, std::string_view path,
                                  const ConnectorStatus& status, Clock::time_point now,
                                  Timestamp wall_clock);

/// Serves the probes for as long as the result lives; `board` must outlive it.
Result<std::unique_ptr<http::Server>> serve_probes(const http::ServerOptions& options,
                                                   const SharedStatus& board);

}  // namespace walpulse::connector
