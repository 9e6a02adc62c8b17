#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/environment.h"
#include "decoder/base/result.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  /// A bearer token good for at least a minute, or empty where none is needed (the emulator).
  /// Thread-safe; one refresh at a time, early, and while it fails the old token serves on.
  virtual Result<std::string> token() = 0;
  /// Forget `rejected`, which a service answered with 401, unless it was replaced meanwhile.
  virtual void invalidate(const std::string& rejected) = 0;
  /// The project whose quota is used, and which is billed; empty: the credentials' own.
  virtual std::string quota_project() const { return {}; }
  /// Whose tokens these are, and where that is written, for messages; empty where nobody's.
  virtual std::string identity() const { return {}; }
};

/// For the emulator and plain HTTP sinks: always the empty token.
std::unique_ptr<TokenSource> make_anonymous_token_source();

struct CredentialOptions {
  std::vector<std::string> scopes = {"https://www.googleapis.com/auth/cloud-platform"};
  Environment environment;
};

/// Application Default Credentials (https://google.aip.dev/auth/4110): the file that
/// GOOGLE_APPLICATION_CREDENTIALS names, then gcloud's, then the metadata server
/// (GCE_METADATA_HOST). Files hold a service account's key, a gcloud user, workload identity
/// federation (subject token in a file or at a URL) or an impersonated service account. The quota
/// project is GOOGLE_CLOUD_QUOTA_PROJECT's, else the file's. Reads files but opens no connection:
/// the first token() does. Rejected, naming file, type and remedy, for what is not supported.
Result<std::unique_ptr<TokenSource>> make_default_token_source(http::Client& http,
                                                               const CredentialOptions& options);

/// Whether requests to it carry tokens: they must not travel in the clear, and plain HTTP is the
/// Pub/Sub emulator's or a test's.
bool takes_tokens(std::string_view endpoint);
/// make_default_token_source() where the endpoint takes tokens; else the anonymous one, and no
/// credentials are looked for.
Result<std::unique_ptr<TokenSource>> make_token_source_for(std::string_view endpoint,
                                                           http::Client& http,
                                                           const CredentialOptions& options);

/// As make_default_token_source() identity tokens, which say who we are to `audience` (a Cloud Run
/// service's URL, or what the receiver wants). Rejected for gcloud users and for federation without
/// impersonation: Google issues none to them.
Result<std::unique_ptr<TokenSource>> make_identity_token_source(http::Client& http,
                                                                const std::string& audience,
                                                                const CredentialOptions& options);

/// Whether tokens of these credentials can have the scopes: a virtual machine's have the machine's
/// access scopes, whatever is asked for
/// (https://cloud.google.com/compute/docs/access/service-accounts#accesscopesiam). Denied, naming
/// what is missing and the remedy; fine where nobody says. For `doctor`.
Result<void> check_scopes(http::Client& http, const CredentialOptions& options);

/// Sends with authorization, and X-Goog-User-Project where there is a quota project; a 401 forgets
/// the token and tries once more with a new one.
Result<http::Response> send_authorized(http::Client& http, TokenSource& tokens,
                                       http::Request request);

}  // namespace walpulse::auth
