#pragma once

#include <functional>
#include <string>

#include "decoder/base/timestamp.h"
#include "monitor/access/identity.h"
#include "monitor/access/reader_tokens.h"
#include "monitor/options/options.h"
#include "publisher/auth/jwks_cache.h"
#include "publisher/auth/jwt_token.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// What is wrong with what a token says, once its signature is beyond doubt; empty where nothing
/// is. `audience` empty: whoever checked the signature has compared it. Pure.
std::string problem_of_reader(const auth::IdentityToken& token, Readers readers,
                              const std::string& audience, Timestamp now);

/// Finds out who asks, in the one way that `--readers` says; whatever else is shown counts for
/// nothing. Thread-safe, never waits.
class ReaderAuthenticator {
 public:
  /// `audience` as in the tokens, but for Readers::platform: Cloud Run has compared it. `keys` are
  /// those of Google (RS256) or of IAP (ES256), null for other ways; `tokens` are for
  /// Readers::token. `keys` must outlive it.
  ReaderAuthenticator(Readers readers, std::string audience, auth::JwksCache* keys,
                      std::optional<ReaderTokens> tokens, std::function<Timestamp()> now);

  Identity identify(const http::RequestHead& head) const;

 private:
  Identity by_signature(std::string_view token, auth::Algorithm algorithm) const;
  Identity by_platform(const http::RequestHead& head) const;
  Identity by_token(std::string_view token) const;
  Identity said_by(const auth::IdentityToken& token) const;

  const Readers readers_;
  const std::string audience_;
  auth::JwksCache* const keys_;
  const std::optional<ReaderTokens> tokens_;
  const std::function<Timestamp()> now_;
};

}  // namespace walpulse::monitor
