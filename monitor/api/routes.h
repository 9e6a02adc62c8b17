#pragma once

#include "monitor/api/api_handler.h"
#include "monitor/api/status_handler.h"
#include "monitor/intake/push_intake.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// Who answers what: POST / and /push take messages; GET / and what find_asset() knows is the page;
/// GET /liveness, /readiness, /health and /metrics; /api/v1 and /openapi.json are the API's. Runs
/// on server threads and never waits.
void route(PushIntake& push, StatusHandler& board, api::ApiHandler& api,
           const http::ServerRequest& request, http::Respond respond);

/// What a server that takes no messages answers: the API and the page.
void route_page(api::ApiHandler& api, const http::ServerRequest& request, http::Respond respond);

/// What a second server answers, which nobody has to show anything to: GET /liveness, /readiness,
/// /health and /metrics.
void route_figures(StatusHandler& board, const http::ServerRequest& request, http::Respond respond);

}  // namespace walpulse::monitor
