#include "publisher/auth/impersonation.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "decoder/base/timestamp.h"
#include "publisher/auth/identity_tokens.h"
#include "publisher/auth/token_response.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {
namespace {

constexpr std::chrono::seconds kImpersonationTimeout{15};
constexpr std::string_view kAccounts = "/serviceAccounts/";

std::string remedy_for(const std::string& account) {
  return "allow it: gcloud iam service-accounts add-iam-policy-binding " + account +
         " --member PRINCIPAL --role roles/iam.serviceAccountTokenCreator, and enable "
         "iamcredentials.googleapis.com";
}

/// Posts with a token of `source`; the body of the answer, once it is one.
Result<std::string> call(http::Client& http, const FetchToken& source, const std::string& url,
                         const std::string& body, const std::string& what,
                         const std::string& account) {
  const Result<AccessToken> own = source();
  if (!own) return forward(own);
  http::Request request;
  request.url = url;
  request.headers = {"Content-Type: application/json", "Authorization: Bearer " + own->text};
  request.body = body;
  request.timeout = kImpersonationTimeout;
  Result<http::Response> response = http.send(request);
  if (const auto fine = issued(response, what, remedy_for(account)); !fine) {
    return forward(fine);
  }
  return std::move(response->body);
}

std::chrono::seconds until(const std::string& expire_time) {
  const auto expires = parse_timestamp(expire_time);
  if (!expires) return std::chrono::seconds(0);
  return std::chrono::duration_cast<std::chrono::seconds>(*expires -
                                                          std::chrono::system_clock::now());
}

}  // namespace

std::string account_of(const std::string& impersonation_url) {
  const std::size_t found = impersonation_url.rfind(kAccounts);
  if (found == std::string::npos) return {};
  const std::size_t begin = found + kAccounts.size();
  const std::size_t colon = impersonation_url.rfind(':');
  return colon == std::string::npos || colon < begin
             ? std::string()
             : impersonation_url.substr(begin, colon - begin);
}

FetchToken impersonated_tokens(http::Client& http, FetchToken source, Impersonation impersonation,
                               std::vector<std::string> scopes) {
  return [&http, source = std::move(source), impersonation = std::move(impersonation),
          scopes = std::move(scopes)]() -> Result<AccessToken> {
    const std::string account = account_of(impersonation.url);
    const std::string what = "token for " + account;
    const std::string body = dump_json(nlohmann::json{{"scope", scopes},
                                                      {"lifetime", impersonation.lifetime},
                                                      {"delegates", impersonation.delegates}});
    const auto answer = call(http, source, impersonation.url, body, what, account);
    if (!answer) return forward(answer);
    const auto json = parse_json(*answer);
    if (!json.is_object()) return fail(ErrorKind::unavailable, what + ": the answer is no JSON");
    return usable_token(http::text_at(json, "accessToken"),
                        until(http::text_at(json, "expireTime")), what);
  };
}

FetchToken impersonated_identity_tokens(http::Client& http, FetchToken source,
                                        Impersonation impersonation, std::string audience) {
  return [&http, source = std::move(source), impersonation = std::move(impersonation),
          audience = std::move(audience)]() -> Result<AccessToken> {
    const std::string account = account_of(impersonation.url);
    const std::string what = "identity token for " + account;
    const std::string url =
        impersonation.url.substr(0, impersonation.url.rfind(':')) + ":generateIdToken";
    const std::string body = dump_json(nlohmann::json{
        {"audience", audience}, {"includeEmail", true}, {"delegates", impersonation.delegates}});
    const auto answer = call(http, source, url, body, what, account);
    if (!answer) return forward(answer);
    const auto json = parse_json(*answer);
    return identity_token(json.is_object() ? http::text_at(json, "token") : std::string(), what);
  };
}

}  // namespace walpulse::auth
