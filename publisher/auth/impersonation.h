#pragma once

#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// Whom to be (https://cloud.google.com/iam/docs/create-short-lived-credentials-direct).
struct Impersonation {
  /// ".../projects/-/serviceAccounts/EMAIL:generateAccessToken".
  std::string url;
  std::vector<std::string> delegates;
  std::string lifetime = "3600s";
};

/// The service account's e-mail address out of the URL; empty where it has another form.
std::string account_of(const std::string& impersonation_url);

/// A token of the service account, bought with one of `source`, which needs
/// roles/iam.serviceAccountTokenCreator on it.
FetchToken impersonated_tokens(http::Client& http, FetchToken source, Impersonation impersonation,
                               std::vector<std::string> scopes);

/// Likewise an identity token for `audience` (generateIdToken), the e-mail address in it.
FetchToken impersonated_identity_tokens(http::Client& http, FetchToken source,
                                        Impersonation impersonation, std::string audience);

}  // namespace walpulse::auth
