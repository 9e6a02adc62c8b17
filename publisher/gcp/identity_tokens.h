#pragma once

#include <memory>
#include <string>

#include "decoder/schema/result.h"
#include "publisher/gcp/caching_token_source.h"
#include "publisher/gcp/service_account.h"

namespace walpulse::gcp {

/// Identity tokens of the attached service account, for `audience`
/// (https://cloud.google.com/compute/docs/instances/verifying-instance-identity).
FetchToken metadata_identity_tokens(HttpClient& http, const std::string& host,
                                    const std::string& audience);

/// Identity tokens bought with the key: an assertion that names the audience.
FetchToken service_account_identity_tokens(HttpClient& http, ServiceAccountKey account,
                                           std::string audience);

/// `text` with what is left of its life; unavailable where it is no token.
Result<AccessToken> identity_token(const std::string& text, const std::string& what);

}  // namespace walpulse::gcp
