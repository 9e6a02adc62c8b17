#pragma once

#include <memory>
#include <string>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/auth/service_account.h"

namespace walpulse::auth {

/// Identity tokens bought with the key: an assertion that names the audience.
FetchToken service_account_identity_tokens(http::Client& http, ServiceAccountKey account,
                                           std::string audience);

/// `text` with what is left of its life; unavailable where it is no token.
Result<AccessToken> identity_token(const std::string& text, const std::string& what);

}  // namespace walpulse::auth
