#include "publisher/auth/authorized_user.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "publisher/auth/token_response.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {

Result<AuthorizedUser> parse_authorized_user(std::string_view json) {
  const auto file = parse_json(json);
  if (!file.is_object()) return fail(ErrorKind::rejected, "not a JSON object");
  AuthorizedUser user{http::text_at(file, "client_id"), http::text_at(file, "client_secret"),
                      http::text_at(file, "refresh_token")};
  if (file.contains("token_uri")) user.token_uri = http::text_at(file, "token_uri");
  for (const auto& [name, value] : {std::pair("client_id", &user.client_id),
                                    {"client_secret", &user.client_secret},
                                    {"refresh_token", &user.refresh_token}}) {
    if (value->empty()) return fail(ErrorKind::rejected, std::string(name) + " is missing");
  }
  if (!http::is_http_url(user.token_uri)) return fail(ErrorKind::rejected, "token_uri is no URL");
  return user;
}

FetchToken authorized_user_tokens(http::Client& http, AuthorizedUser user) {
  return [&http, user = std::move(user)]() -> Result<AccessToken> {
    const auto response = post_form(http, user.token_uri,
                                    {{"grant_type", "refresh_token"},
                                     {"client_id", user.client_id},
                                     {"client_secret", user.client_secret},
                                     {"refresh_token", user.refresh_token}});
    return read_token(response, "token of the gcloud user",
                      "log in again: gcloud auth application-default login");
  };
}

}  // namespace walpulse::auth
