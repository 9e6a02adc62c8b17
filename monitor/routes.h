#pragma once

#include "monitor/intake/push_intake.h"
#include "monitor/status_board.h"
#include "publisher/gcp/http_server.h"

namespace walpulse::monitor {

/// Who answers what: POST / and /push take messages; GET / is the page; GET /liveness, /readiness,
/// /health and /metrics. Runs on server threads and never waits.
void route(PushIntake& push, StatusBoard& board, const gcp::ServerRequest& request,
           gcp::Respond respond);

}  // namespace walpulse::monitor
