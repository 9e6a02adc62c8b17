#pragma once

#include <map>
#include <string>
#include <string_view>

#include "decoder/base/result.h"
#include "publisher/auth/jwk_public_key.h"

namespace walpulse::auth {

/// Public keys by their `kid`, which check signatures of one algorithm and of nothing else: what a
/// token says about its algorithm never chooses how it is checked (RFC 8725, section 3.1).
/// Immutable; any number of threads.
class JwkSet {
 public:
  /// A JWK Set (RFC 7517). Keys for anything else than signatures of `algorithm`, RSA below 2048
  /// bits, and curves other than P-256 are left out; malformed where none is left.
  static Result<JwkSet> from_jwks(std::string_view json, Algorithm algorithm = Algorithm::rs256);

  bool has(const std::string& key_id) const { return keys_.contains(key_id); }
  std::size_t size() const { return keys_.size(); }
  /// Whether the key signed `text`; false where there is no such key. `signature` is bytes.
  bool verify(const std::string& key_id, std::string_view text, std::string_view signature) const;

 private:
  std::map<std::string, JwkPublicKey> keys_;
};

}  // namespace walpulse::auth
