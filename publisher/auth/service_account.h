#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/auth/jwt.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// A service account's key file, as the Cloud console hands it out.
struct ServiceAccountKey {
  std::string email;
  std::string key_id;
  std::string token_uri;
  JwtKey key;
};
/// Rejected where a member is missing or the key is none; never quotes the file.
Result<ServiceAccountKey> parse_service_account_key(std::string_view json);

/// The signed assertion that buys an access token for one hour
/// (https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests).
Result<std::string> token_assertion(const ServiceAccountKey& account,
                                    const std::vector<std::string>& scopes,
                                    std::chrono::system_clock::time_point now);

/// Likewise for an identity token with this audience.
Result<std::string> identity_assertion(const ServiceAccountKey& account,
                                       const std::string& audience,
                                       std::chrono::system_clock::time_point now);

/// One exchange at the key's token_uri.
FetchToken service_account_tokens(http::Client& http, ServiceAccountKey account,
                                  std::vector<std::string> scopes);

}  // namespace walpulse::auth
