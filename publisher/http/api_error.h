#pragma once

#include <string>

#include "decoder/base/result.h"
#include "publisher/http/client.h"

namespace walpulse::http {

/// What a Google API's answer means: nothing for 2xx; unavailable for 408, 409, 429, 499 and 5xx as
/// Google's own clients classify them (pubsub_grpc_service_config.json); denied for 401, 403, 404;
/// rejected for the rest. The text holds the service's own message, cut, and `what` was tried.
Result<void> check(const Response& response, const std::string& what);

/// Where a token lacks a scope.
inline constexpr const char* kScopeRemedy =
    "stop the machine, then: gcloud compute instances set-service-account INSTANCE "
    "--scopes=cloud-platform (GKE: --scopes of a new node pool, a user: gcloud auth "
    "application-default login)";

/// What mends a 403 that no role would: the token lacks an OAuth scope, or the API is off
/// (google.api.ErrorReason, https://cloud.google.com/apis/design/errors#error_info). Empty for
/// every other answer. check() says it too.
std::string remedy_beyond_roles(const Response& response);

}  // namespace walpulse::http
