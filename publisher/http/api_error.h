#pragma once

#include <string>

#include "decoder/base/result.h"
#include "publisher/http/client.h"

namespace walpulse::http {

/// What a Google API's answer means: nothing for 2xx; unavailable for 408, 409, 429, 499 and 5xx as
/// Google's own clients classify them (pubsub_grpc_service_config.json); denied for 401, 403, 404;
/// rejected for the rest. The message holds the service's own, cut, and `what` was tried. The code
/// is the reason that the answer gives (google.api.ErrorReason,
/// https://cloud.google.com/apis/design/errors#error_info), else its status ("NOT_FOUND") or OAuth
/// error ("invalid_grant"), else the HTTP status ("404"). The remedy is what mends a 401, and those
/// 403s that no role would mend: the token lacks an OAuth scope, or the API is off.
Result<void> check(const Response& response, const std::string& what);

/// The code of an error where a token lacks a scope, and what mends it.
inline constexpr const char* kScopeInsufficient = "ACCESS_TOKEN_SCOPE_INSUFFICIENT";
inline constexpr const char* kScopeRemedy =
    "stop the machine, then: gcloud compute instances set-service-account INSTANCE "
    "--scopes=cloud-platform (GKE: --scopes of a new node pool, a user: gcloud auth "
    "application-default login)";

/// Whether a role would have these credentials let in, as far as the error of check() says.
bool lacks_role(const Error& error);

}  // namespace walpulse::http
