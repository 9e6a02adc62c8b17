#pragma once

#include "monitor/access/decision.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// What a refused request is answered: application/problem+json (RFC 9457), or a plain page where a
/// person looks at it. No cache keeps it.
http::ServerResponse refusal(const Decision& decision, const AccessRequest& request);

}  // namespace walpulse::monitor
