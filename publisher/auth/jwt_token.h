#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"

namespace walpulse::auth {

/// What an OpenID Connect identity token says
/// (https://openid.net/specs/openid-connect-core-1_0.html, section 2). Nothing of it is true before
/// the signature is checked. What is missing, or has another type than Google's tokens give it, is
/// empty.
struct IdentityToken {
  std::string algorithm;  ///< "RS256".
  std::string key_id;
  std::string issuer;
  std::string audience;  ///< Empty where it is a list: Google's is one text.
  std::string email;
  bool email_verified = false;
  std::string hosted_domain;            ///< `hd`, the organization's; empty for accounts of none.
  std::optional<std::int64_t> issued;   ///< Seconds since 1970.
  std::optional<std::int64_t> expires;  ///< Seconds since 1970.
  std::string_view signed_text;         ///< `header.claims`, a view of what was parsed.
  std::string_view signature_text;      ///< As it came: base64url, or what stands in its place.
};

/// Longer ones are refused unread; Google's have a thousand bytes.
inline constexpr std::size_t kTokenBytesMax = 8192;

/// Takes a compact JWS (RFC 7515, section 3.1) apart. Malformed for anything else; no message
/// quotes the token.
Result<IdentityToken> parse_identity_token(std::string_view token);

/// What is wrong with when the token is from and until when it holds; empty where nothing is. The
/// issuer's clock and ours may be a minute apart.
std::string lifetime_problem(const IdentityToken& token, Timestamp now);

/// The token of `Bearer TOKEN` (RFC 6750, section 2.1); empty for another scheme.
std::string_view bearer_token(std::string_view authorization);

/// The bytes of a part in base64url without padding (RFC 7515, section 2); malformed for another
/// alphabet.
Result<std::string> decode_base64_url(std::string_view text);

}  // namespace walpulse::auth
