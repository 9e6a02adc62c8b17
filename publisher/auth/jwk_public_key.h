#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace walpulse::auth {

/// How an issuer signs (RFC 7518, section 3.1). Whoever checks says which: never the token.
enum class Algorithm : std::uint8_t {
  rs256,  ///< RSA, PKCS #1 v1.5, with SHA-256: Google's identity tokens.
  es256,  ///< ECDSA on the curve P-256 with SHA-256: Identity-Aware Proxy's assertions.
};

/// "RS256", as a token's header has it.
std::string_view name_of(Algorithm algorithm);

/// A public key for signatures of one algorithm. Immutable; any number of threads.
class JwkPublicKey {
 public:
  /// Modulus and exponent in base64url (RFC 7518, section 6.3.1); nothing for less than 2048 bits,
  /// more than 8192, or an exponent that is none.
  static std::optional<JwkPublicKey> rsa(const std::string& modulus, const std::string& exponent);
  /// The coordinates in base64url, 32 bytes each (RFC 7518, section 6.2.1); nothing for a point
  /// that is not on P-256.
  static std::optional<JwkPublicKey> p256(const std::string& x, const std::string& y);

  /// Whether this key signed `text`. `signature` is bytes: of RS256 as long as the modulus, of
  /// ES256 R and S, 32 bytes each (RFC 7518, section 3.4).
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  struct Key;
  explicit JwkPublicKey(std::shared_ptr<const Key> key) : key_(std::move(key)) {}
  std::shared_ptr<const Key> key_;
};

}  // namespace walpulse::auth
