#pragma once

#include "monitor/api/status_handler.h"
#include "monitor/intake/push_intake.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// Who answers what: POST / and /push take messages; GET / is the page; GET /liveness, /readiness,
/// /health and /metrics. Runs on server threads and never waits.
void route(PushIntake& push, StatusHandler& board, const http::ServerRequest& request,
           http::Respond respond);

}  // namespace walpulse::monitor
