#include "publisher/auth/identity_tokens.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/error_context.h"
#include "decoder/base/json_dom.h"
#include "publisher/auth/jwt_token.h"
#include "publisher/auth/token_response.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {
namespace {

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Result<AccessToken> identity_token(const std::string& text, const std::string& what) {
  const auto token = parse_identity_token(text);
  if (!token || !token->expires) {
    return fail(ErrorKind::unavailable, what + ": the answer holds no identity token");
  }
  return usable_token(text, std::chrono::seconds(*token->expires - seconds_now()), what);
}

FetchToken service_account_identity_tokens(http::Client& http, ServiceAccountKey account,
                                           std::string audience) {
  return [&http, account = std::move(account),
          audience = std::move(audience)]() -> Result<AccessToken> {
    const std::string what = "identity token for " + account.email;
    const auto assertion = identity_assertion(account, audience, std::chrono::system_clock::now());
    if (!assertion) return fail(of_kind(ErrorKind::denied, in_context(what, assertion.error())));
    const auto response = post_form(
        http, account.token_uri,
        {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", *assertion}});
    const auto fine = issued(response, what,
                             "make a new key for the service account, or check this machine's "
                             "clock");
    if (!fine) return forward(fine);
    const auto json = parse_json(response->body);
    return identity_token(json.is_object() ? http::text_at(json, "id_token") : std::string(), what);
  };
}

}  // namespace walpulse::auth
