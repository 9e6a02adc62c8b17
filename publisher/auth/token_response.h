#pragma once

#include <chrono>
#include <string>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// Whether an issuer answered with 2xx. Whatever is wrong is `unavailable` or, where the issuer
/// refuses, `denied` with `remedy`; a token never stands in a message, here and below.
Result<void> issued(const Result<http::Response>& response, const std::string& what,
                    const std::string& remedy);

/// `text`, once it is fit for a header line and lives on; unavailable else.
Result<AccessToken> usable_token(std::string text, std::chrono::seconds lifetime,
                                 const std::string& what);

/// Both, for {"access_token","expires_in"} (RFC 6749, section 5.1).
Result<AccessToken> read_token(const Result<http::Response>& response, const std::string& what,
                               const std::string& remedy);

}  // namespace walpulse::auth
