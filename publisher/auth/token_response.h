#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// Asks an issuer with a form (RFC 6749, section 4; form_of()), for 15 s at the most.
Result<http::Response> post_form(
    http::Client& http, const std::string& url,
    const std::vector<std::pair<std::string_view, std::string_view>>& fields);

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
