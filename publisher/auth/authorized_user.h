#pragma once

#include <string>
#include <string_view>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// A person's refresh token, as `gcloud auth application-default login` leaves it.
struct AuthorizedUser {
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  std::string token_uri = "https://oauth2.googleapis.com/token";
};
/// Rejected where a member is missing; never quotes the file.
Result<AuthorizedUser> parse_authorized_user(std::string_view json);

/// One refresh (RFC 6749, section 6). The scopes are those that the person agreed to.
FetchToken authorized_user_tokens(http::Client& http, AuthorizedUser user);

}  // namespace walpulse::auth
