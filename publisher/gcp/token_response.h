#pragma once

#include <string>

#include "decoder/schema/result.h"
#include "publisher/gcp/caching_token_source.h"
#include "publisher/gcp/http_client.h"

namespace walpulse::gcp {

/// Reads {"access_token","expires_in"} (RFC 6749, section 5.1) out of an issuer's answer. Whatever
/// is wrong is `unavailable` or, where the issuer refuses, `denied` with `remedy`; the token itself
/// never stands in a message.
Result<AccessToken> read_token(const Result<HttpResponse>& response, const std::string& what,
                               const std::string& remedy);

}  // namespace walpulse::gcp
