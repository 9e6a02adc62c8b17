#include "publisher/auth/service_account.h"

#include <nlohmann/json.hpp>

#include "decoder/base/error_context.h"
#include "decoder/base/json_dom.h"
#include "publisher/auth/token_response.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {
namespace {

constexpr std::chrono::seconds kAssertionLifetime{3600};

Result<std::string> assertion(const ServiceAccountKey& account, const char* claim,
                              const std::string& value, std::chrono::system_clock::time_point now) {
  const auto issued_at = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  nlohmann::json header = {{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account.key_id.empty()) header["kid"] = account.key_id;
  const nlohmann::json claims = {{"iss", account.email},
                                 {claim, value},
                                 {"aud", account.token_uri},
                                 {"iat", issued_at.count()},
                                 {"exp", (issued_at + kAssertionLifetime).count()}};
  return account.key.sign(dump_json(header), dump_json(claims));
}

}  // namespace

Result<ServiceAccountKey> parse_service_account_key(std::string_view json) {
  const auto file = parse_json(json);
  if (!file.is_object()) return fail(ErrorKind::rejected, "not a JSON object");
  const std::string email = http::text_at(file, "client_email");
  const std::string token_uri = http::text_at(file, "token_uri");
  if (email.empty()) return fail(ErrorKind::rejected, "client_email is missing");
  if (!http::is_http_url(token_uri))
    return fail(ErrorKind::rejected, "token_uri is missing or no URL");
  Result<JwtKey> key = JwtKey::from_pem(http::text_at(file, "private_key"));
  if (!key) return fail(of_kind(ErrorKind::rejected, in_context("private_key", key.error())));
  return ServiceAccountKey{email, http::text_at(file, "private_key_id"), token_uri,
                           std::move(*key)};
}

Result<std::string> token_assertion(const ServiceAccountKey& account,
                                    const std::vector<std::string>& scopes,
                                    std::chrono::system_clock::time_point now) {
  std::string scope;
  for (const std::string& one : scopes) scope += (scope.empty() ? "" : " ") + one;
  return assertion(account, "scope", scope, now);
}

Result<std::string> identity_assertion(const ServiceAccountKey& account,
                                       const std::string& audience,
                                       std::chrono::system_clock::time_point now) {
  return assertion(account, "target_audience", audience, now);
}

FetchToken service_account_tokens(http::Client& http, ServiceAccountKey account,
                                  std::vector<std::string> scopes) {
  return [&http, account = std::move(account),
          scopes = std::move(scopes)]() -> Result<AccessToken> {
    const std::string what = "token for " + account.email;
    const Result<std::string> assertion =
        token_assertion(account, scopes, std::chrono::system_clock::now());
    if (!assertion) return fail(of_kind(ErrorKind::denied, in_context(what, assertion.error())));
    const auto response = post_form(
        http, account.token_uri,
        {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", *assertion}});
    return read_token(response, what,
                      "make a new key for the service account, or check this machine's clock");
  };
}

}  // namespace walpulse::auth
