#pragma once

#include <functional>
#include <optional>
#include <string>

#include "decoder/base/timestamp.h"
#include "monitor/intake/process_metrics.h"
#include "monitor/options/options.h"
#include "publisher/auth/jwks_cache.h"
#include "publisher/auth/jwt_token.h"
#include "publisher/http/server.h"
#include "publisher/telemetry/log_limit.h"

namespace walpulse::monitor {

/// Whom pushes are taken from.
struct PushAuthenticatorOptions {
  PushAuth mode = PushAuth::refuse;
  std::string audience;         ///< Empty, with platform: Cloud Run has compared it already.
  std::string service_account;  ///< The e-mail address that tokens must carry.
};

/// What is wrong with the claims of a token whose signature is beyond doubt; empty where nothing
/// is. `forbidden`: it is a good token of somebody else, or for something else.
struct ClaimsProblem {
  std::string text;
  bool forbidden = false;
};
std::optional<ClaimsProblem> problem_of(const auth::IdentityToken& token,
                                        const PushAuthenticatorOptions& options, Timestamp now);

/// Lets pushes in by the identity token that Pub/Sub sends along
/// (https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions), before a byte of the
/// body is kept. Who may push may not read because of it: whatever is no push is not asked here.
/// Thread-safe, never waits.
class PushAuthenticator {
 public:
  /// `keys` is null but for PushAuth::verify. All must outlive the gate.
  PushAuthenticator(PushAuthenticatorOptions options, auth::JwksCache* keys,
                    ProcessMetrics& metrics, std::function<Timestamp()> now);

  /// A POST to where Pub/Sub may push. Reading /push has no other meaning than to ask whether
  /// pushes would be let in.
  static bool is_push(const http::RequestHead& head);
  /// Where Pub/Sub may push to: "/", "/push", "/push/".
  static bool is_push_path(std::string_view path);

  /// 401: no token, or none that can be trusted. 403: a good one, of somebody else. 503: there are
  /// no keys yet.
  std::optional<http::ServerResponse> admit(const http::RequestHead& head);

 private:
  std::optional<http::ServerResponse> judge(const http::RequestHead& head);
  std::optional<http::ServerResponse> judge_token(const auth::IdentityToken& token);
  http::ServerResponse refuse(int status, const std::string& reason);

  const PushAuthenticatorOptions options_;
  auth::JwksCache* const keys_;
  ProcessMetrics& metrics_;
  const std::function<Timestamp()> now_;
  telemetry::LogLimit log_{std::chrono::seconds(10)};
};

}  // namespace walpulse::monitor
