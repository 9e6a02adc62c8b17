#include "publisher/gcp/identity_tokens.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/schema/json_dom.h"
#include "publisher/gcp/form.h"
#include "publisher/gcp/json_member.h"
#include "publisher/gcp/jwt_token.h"
#include "publisher/gcp/metadata_server.h"
#include "publisher/gcp/token_response.h"

namespace walpulse::gcp {
namespace {

constexpr std::chrono::seconds kTimeout{15};

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

FetchToken metadata_identity_tokens(HttpClient& http, const std::string& host,
                                    const std::string& audience) {
  return [&http, host, audience]() -> Result<AccessToken> {
    const std::string what = "identity token from the metadata server " + host;
    const auto text = ask_metadata_server(http, host,
                                          "instance/service-accounts/default/identity?audience=" +
                                              percent_encoded(audience) + "&format=full",
                                          what);
    if (!text) return tl::unexpected<Error>(text.error());
    return identity_token(*text, what);
  };
}

FetchToken service_account_identity_tokens(HttpClient& http, ServiceAccountKey account,
                                           std::string audience) {
  return [&http, account = std::move(account),
          audience = std::move(audience)]() -> Result<AccessToken> {
    const std::string what = "identity token for " + account.email;
    const auto assertion = identity_assertion(account, audience, std::chrono::system_clock::now());
    if (!assertion) return fail(ErrorKind::denied, what + ": " + assertion.error().message);
    const std::string form = form_of(
        {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", *assertion}});
    HttpRequest request;
    request.url = account.token_uri;
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body = form;
    request.timeout = kTimeout;
    const auto response = http.send(request);
    const auto fine = issued(response, what,
                             "make a new key for the service account, or check this machine's "
                             "clock");
    if (!fine) return tl::unexpected<Error>(fine.error());
    const auto json = schema::parse_json(response->body);
    return identity_token(json.is_object() ? text_at(json, "id_token") : std::string(), what);
  };
}

}  // namespace walpulse::gcp
