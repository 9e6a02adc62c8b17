#include "publisher/auth/jwt_token.h"

#include <strings.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "decoder/base/base64.h"
#include "decoder/base/error_context.h"
#include "decoder/base/json_dom.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {
namespace {

std::optional<std::int64_t> seconds_at(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  // Beyond the year 30000 it is no time, and arithmetic on it might overflow.
  constexpr std::int64_t kMax = 1'000'000'000'000;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > kMax) return std::nullopt;
  const auto seconds = found->get<std::int64_t>();
  return seconds < 0 ? std::nullopt : std::optional(seconds);
}

Result<nlohmann::json> object_of(std::string_view part, const char* what) {
  const Result<std::string> text = decode_base64_url(part);
  if (!text) return fail(of_kind(ErrorKind::malformed, in_context(what, text.error())));
  auto json = parse_json(*text);
  if (!json.is_object())
    return fail(ErrorKind::malformed, std::string(what) + " is no JSON object");
  return json;
}

/// How far the issuer's clock and ours may be apart.
constexpr std::int64_t kSkewSeconds = 60;

}  // namespace

std::string lifetime_problem(const IdentityToken& token, Timestamp now) {
  const std::int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (!token.expires || !token.issued) return "the token has no exp or no iat";
  if (seconds >= *token.expires + kSkewSeconds) return "the token has expired";
  if (*token.issued > seconds + kSkewSeconds)
    return "the token is from the future: check this machine's clock";
  return {};
}

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() ||
      ::strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) {
    return {};
  }
  return authorization.substr(kScheme.size());
}

Result<std::string> decode_base64_url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) {
    return fail(ErrorKind::malformed, "not base64url");
  }
  return decode_base64(text);
}

Result<IdentityToken> parse_identity_token(std::string_view token) {
  if (token.size() > kTokenBytesMax) return fail(ErrorKind::malformed, "the token is too long");
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return fail(ErrorKind::malformed, "the token is no JWT of three parts");
  }
  const auto header = object_of(token.substr(0, first), "the token's header");
  if (!header) return forward(header);
  // What must be understood is not (RFC 7515, section 4.1.11).
  if (header->contains("crit"))
    return fail(ErrorKind::malformed, "the token's header has \"crit\"");
  const auto claims = object_of(token.substr(first + 1, second - first - 1), "the token's claims");
  if (!claims) return forward(claims);
  IdentityToken parsed;
  parsed.algorithm = http::text_at(*header, "alg");
  parsed.key_id = http::text_at(*header, "kid");
  parsed.issuer = http::text_at(*claims, "iss");
  parsed.audience = http::text_at(*claims, "aud");
  parsed.email = http::text_at(*claims, "email");
  const auto verified = claims->find("email_verified");
  parsed.email_verified =
      verified != claims->end() && verified->is_boolean() && verified->get<bool>();
  parsed.hosted_domain = http::text_at(*claims, "hd");
  parsed.issued = seconds_at(*claims, "iat");
  parsed.expires = seconds_at(*claims, "exp");
  parsed.signed_text = token.substr(0, second);
  parsed.signature_text = token.substr(second + 1);
  return parsed;
}

}  // namespace walpulse::auth
