#include "monitor/intake/push_authenticator.h"

#include <utility>

#include "decoder/base/logging.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
namespace {

using Refusal = ProcessMetrics::Refusal;

/// What Cloud Run puts in the place of a signature that it has checked
/// (https://cloud.google.com/run/docs/troubleshooting#signature-removed).
constexpr std::string_view kChecked = "SIGNATURE_REMOVED_BY_GOOGLE";

}  // namespace

std::optional<ClaimsProblem> problem_of(const auth::IdentityToken& token,
                                        const PushAuthenticatorOptions& options, Timestamp now) {
  if (token.issuer != "https://accounts.google.com" && token.issuer != "accounts.google.com") {
    return ClaimsProblem{"the token's issuer is not Google"};
  }
  if (std::string problem = auth::lifetime_problem(token, now); !problem.empty())
    return ClaimsProblem{std::move(problem)};
  if (!options.audience.empty() && token.audience != options.audience) {
    return ClaimsProblem{"the token is for the audience '" + token.audience +
                             "', --push-audience says '" + options.audience + "'",
                         true};
  }
  if (token.email != options.service_account) {
    return ClaimsProblem{"the token is of '" + token.email + "', --push-service-account says '" +
                             options.service_account + "'",
                         true};
  }
  if (!token.email_verified) return ClaimsProblem{"the token's email is not verified", true};
  return std::nullopt;
}

PushAuthenticator::PushAuthenticator(PushAuthenticatorOptions options, auth::JwksCache* keys,
                                     ProcessMetrics& metrics, std::function<Timestamp()> now)
    : options_(std::move(options)), keys_(keys), metrics_(metrics), now_(std::move(now)) {}

bool PushAuthenticator::is_push(const http::RequestHead& head) {
  if (head.method == "GET" || head.method == "HEAD")
    return head.path != "/" && is_push_path(head.path);
  return head.method == "POST" && is_push_path(head.path);
}

bool PushAuthenticator::is_push_path(std::string_view path) {
  return path == "/" || path == "/push" || path == "/push/";
}

std::optional<http::ServerResponse> PushAuthenticator::admit(const http::RequestHead& head) {
  // Any page that its user looks at could have a browser on this machine post to localhost.
  if (!head.values("Origin").empty()) return refuse(403, "a web page pushes, not Pub/Sub");
  if (options_.mode == PushAuth::none) return std::nullopt;
  const auto traceparent = head.values("traceparent");
  const telemetry::TraceScope trace(traceparent.empty() ? std::string_view() : traceparent.front());
  return judge(head);
}

std::optional<http::ServerResponse> PushAuthenticator::judge(const http::RequestHead& head) {
  if (options_.mode == PushAuth::refuse) return refuse(403, "this monitor takes no pushes");
  // Cloud Run checks this one instead, if it is there, and passes the other on as it came: whoever
  // may call the service at all could then say to be anybody. Pub/Sub never sends it.
  if (!head.values("X-Serverless-Authorization").empty()) {
    return refuse(401, "X-Serverless-Authorization is not taken for pushes");
  }
  const auto given = head.values("Authorization");
  if (given.size() != 1) {
    return refuse(401, given.empty() ? "there is no Authorization header: does the subscription "
                                       "push with an OIDC token?"
                                     : "there are two Authorization headers");
  }
  const std::string_view token = auth::bearer_token(given.front());
  if (token.empty()) return refuse(401, "the Authorization header holds no bearer token");
  const auto parsed = auth::parse_identity_token(token);
  if (!parsed) return refuse(401, parsed.error().message);
  return judge_token(*parsed);
}

std::optional<http::ServerResponse> PushAuthenticator::judge_token(
    const auth::IdentityToken& token) {
  const bool checked = token.signature_text == kChecked;
  if (options_.mode == PushAuth::platform && !checked) {
    return refuse(401,
                  "the token's signature was not checked by Cloud Run: let the service require "
                  "authentication (no allUsers in roles/run.invoker), or use --push-auth verify");
  }
  if (options_.mode == PushAuth::verify) {
    if (checked) {
      return refuse(401,
                    "Cloud Run has checked and removed the signature: use --push-auth platform");
    }
    if (token.algorithm != "RS256") return refuse(401, "the token is not signed with RS256");
    const auto signature = auth::decode_base64_url(token.signature_text);
    if (!signature) return refuse(401, "the token's signature is not base64url");
    switch (keys_->verify(token.key_id, token.signed_text, *signature)) {
      case auth::JwksCache::Verdict::valid:
        break;
      case auth::JwksCache::Verdict::forged:
        return refuse(401, "the token's signature is wrong");
      case auth::JwksCache::Verdict::unknown_key:
        return refuse(401, "the token is signed with a key that Google does not know");
      case auth::JwksCache::Verdict::undecided:
        return refuse(503, "the key that signed the token is not known yet");
    }
  }
  const auto problem = problem_of(token, options_, now_());
  if (!problem) return std::nullopt;
  return refuse(problem->forbidden ? 403 : 401, problem->text);
}

http::ServerResponse PushAuthenticator::refuse(int status, const std::string& reason) {
  metrics_.count(status == 401   ? Refusal::unauthenticated
                 : status == 403 ? Refusal::forbidden
                                 : Refusal::keys_unavailable);
  if (const auto held_back = log_.pass()) {
    SPDLOG_WARN("push rejected status={} reason=\"{}\" more_like_it={}", status, reason,
                *held_back);
  }
  // The reason is the operator's, not the sender's.
  if (status == 503)
    return http::text_response(503, "no keys to check the token with: try again later\n");
  return status == 401 ? http::text_response(401, "unauthenticated\n")
                       : http::text_response(403, "forbidden\n");
}

}  // namespace walpulse::monitor
