#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "decoder/schema/result.h"
#include "publisher/gcp/http_client.h"

namespace walpulse::gcp {

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  /// A bearer token good for at least a minute, or empty where none is needed (the emulator).
  /// Thread-safe; one refresh at a time, early, and while it fails the old token serves on.
  virtual Result<std::string> token() = 0;
  /// Forget `rejected`, which a service answered with 401, unless it was replaced meanwhile.
  virtual void invalidate(const std::string& rejected) = 0;
};

/// For the emulator and plain HTTP sinks: always the empty token.
std::unique_ptr<TokenSource> make_anonymous_token_source();

struct CredentialOptions {
  std::vector<std::string> scopes = {"https://www.googleapis.com/auth/cloud-platform"};
  /// getenv by default; a parameter so that tests choose their own environment.
  std::function<const char*(const char*)> environment;
};

/// Application Default Credentials: GOOGLE_APPLICATION_CREDENTIALS (a service-account key), then
/// gcloud's file, then the metadata server (GCE_METADATA_HOST). Reads files but opens no
/// connection: the first token() does. Rejected, naming the remedy, for credential types not
/// supported yet.
Result<std::unique_ptr<TokenSource>> make_default_token_source(HttpClient& http,
                                                               const CredentialOptions& options);

/// Sends with authorization; a 401 forgets the token and tries once more with a new one.
Result<HttpResponse> send_authorized(HttpClient& http, TokenSource& tokens, HttpRequest request);

}  // namespace walpulse::gcp
