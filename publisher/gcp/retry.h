#pragma once

#include <chrono>
#include <random>
#include <string>

#include "decoder/schema/result.h"
#include "publisher/gcp/http_client.h"

namespace walpulse::gcp {

struct BackoffOptions {
  std::chrono::milliseconds initial{100};
  double multiplier = 2;
  std::chrono::milliseconds max{30'000};
};

/// Full-jitter exponential backoff: uniform between zero and a ceiling that doubles up to `max`.
/// Pure: it says how long, the caller waits. One thread.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options = {}, std::uint64_t seed = std::random_device{}());
  std::chrono::milliseconds next();
  void reset();

 private:
  BackoffOptions options_;
  std::mt19937_64 random_;
  double ceiling_ms_;
};

/// What a Google API's answer means: nothing for 2xx; unavailable for 408, 409, 429, 499 and 5xx as
/// Google's own clients classify them (pubsub_grpc_service_config.json); denied for 401, 403, 404;
/// rejected for the rest. The text holds the service's own message, cut, and `what` was tried.
Result<void> check(const HttpResponse& response, const std::string& what);

/// Where a token lacks a scope.
inline constexpr const char* kScopeRemedy =
    "stop the machine, then: gcloud compute instances set-service-account INSTANCE "
    "--scopes=cloud-platform (GKE: --scopes of a new node pool, a user: gcloud auth "
    "application-default login)";

/// What mends a 403 that no role would: the token lacks an OAuth scope, or the API is off
/// (google.api.ErrorReason, https://cloud.google.com/apis/design/errors#error_info). Empty for
/// every other answer. check() says it too.
std::string remedy_beyond_roles(const HttpResponse& response);

}  // namespace walpulse::gcp
