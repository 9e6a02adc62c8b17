#pragma once

#include <functional>
#include <optional>
#include <string>

#include "decoder/schema/timestamp.h"
#include "monitor/intake/process_metrics.h"
#include "monitor/options/options.h"
#include "publisher/gcp/http_server.h"
#include "publisher/gcp/jwt_token.h"
#include "publisher/gcp/key_ring.h"
#include "publisher/gcp/log_limit.h"

namespace walpulse::monitor {

/// Whom pushes are taken from.
struct PushGateOptions {
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
std::optional<ClaimsProblem> problem_of(const gcp::IdentityToken& token,
                                        const PushGateOptions& options, Timestamp now);

/// Lets pushes in by the identity token that Pub/Sub sends along
/// (https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions), before a byte of the
/// body is kept. Reading requests pass: who may make them is the network's business, or Cloud
/// Run's. Thread-safe, never waits.
class PushGate {
 public:
  /// `keys` is null but for PushAuth::verify. All must outlive the gate.
  PushGate(PushGateOptions options, gcp::KeyRing* keys, ProcessMetrics& metrics,
           std::function<Timestamp()> now);

  /// 401: no token, or none that can be trusted. 403: a good one, of somebody else. 503: there are
  /// no keys yet.
  std::optional<gcp::ServerResponse> admit(const gcp::RequestHead& head);

 private:
  std::optional<gcp::ServerResponse> judge(const gcp::RequestHead& head);
  std::optional<gcp::ServerResponse> judge_token(const gcp::IdentityToken& token);
  gcp::ServerResponse refuse(int status, const std::string& reason);

  const PushGateOptions options_;
  gcp::KeyRing* const keys_;
  ProcessMetrics& metrics_;
  const std::function<Timestamp()> now_;
  gcp::LogLimit log_{std::chrono::seconds(10)};
};

}  // namespace walpulse::monitor
