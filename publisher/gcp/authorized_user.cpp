#include "publisher/gcp/authorized_user.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/schema/json_dom.h"
#include "publisher/gcp/form.h"
#include "publisher/gcp/json_member.h"
#include "publisher/gcp/token_response.h"

namespace walpulse::gcp {
namespace {

constexpr std::chrono::seconds kTimeout{15};

}  // namespace

Result<AuthorizedUser> parse_authorized_user(std::string_view json) {
  const auto file = schema::parse_json(json);
  if (!file.is_object()) return fail(ErrorKind::rejected, "not a JSON object");
  AuthorizedUser user{text_at(file, "client_id"), text_at(file, "client_secret"),
                      text_at(file, "refresh_token")};
  if (file.contains("token_uri")) user.token_uri = text_at(file, "token_uri");
  for (const auto& [name, value] : {std::pair("client_id", &user.client_id),
                                    {"client_secret", &user.client_secret},
                                    {"refresh_token", &user.refresh_token}}) {
    if (value->empty()) return fail(ErrorKind::rejected, std::string(name) + " is missing");
  }
  if (!is_http_url(user.token_uri)) return fail(ErrorKind::rejected, "token_uri is no URL");
  return user;
}

FetchToken authorized_user_tokens(HttpClient& http, AuthorizedUser user) {
  return [&http, user = std::move(user)]() -> Result<AccessToken> {
    const std::string form = form_of({{"grant_type", "refresh_token"},
                                      {"client_id", user.client_id},
                                      {"client_secret", user.client_secret},
                                      {"refresh_token", user.refresh_token}});
    HttpRequest request;
    request.url = user.token_uri;
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body = form;
    request.timeout = kTimeout;
    return read_token(http.send(request), "token of the gcloud user",
                      "log in again: gcloud auth application-default login");
  };
}

}  // namespace walpulse::gcp
