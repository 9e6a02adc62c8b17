#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "decoder/base/result.h"

namespace walpulse::auth {

/// A private RSA key that signs JSON Web Tokens with RS256 (RFC 7515, RFC 7518 section 3.3).
class JwtKey {
 public:
  /// `pem`: PKCS#8 or PKCS#1, not encrypted. Rejected for anything else.
  static Result<JwtKey> from_pem(std::string_view pem);

  /// `header.claims.signature`, each in base64url; header and claims are JSON.
  Result<std::string> sign(std::string_view header, std::string_view claims) const;

 private:
  struct Key;
  explicit JwtKey(std::shared_ptr<const Key> key) : key_(std::move(key)) {}
  std::shared_ptr<const Key> key_;
};

}  // namespace walpulse::auth
