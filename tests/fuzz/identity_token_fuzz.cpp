#include <string>

#include "decoder/base/base64.h"
#include "monitor/intake/push_authenticator.h"
#include "publisher/auth/jwt_token.h"
#include "tests/fuzz/fuzz.h"

// Input: what stands behind "Bearer". Since nearly no text is a token, it is read a second time as
// three lines, a token's header and claims as JSON and its signature, and a token made of them.

namespace walpulse {
namespace {

using fuzz::require;

constexpr const char* kAccount = "pusher@project.iam.gserviceaccount.com";

/// The token's parts up to the signature are whole, and its times bear arithmetic.
void check_parts(const auth::IdentityToken& token, std::string_view text) {
  require(std::string(token.signed_text) + '.' + std::string(token.signature_text) == text,
          "the signed text and the signature make up the token");
  for (const auto& seconds : {token.issued, token.expires}) {
    require(!seconds || (*seconds >= 0 && *seconds <= 1'000'000'000'000), "a time is plausible");
  }
  auth::decode_base64_url(token.signature_text);
}

/// Only Google's own token of the one account is beyond reproach.
void check_claims(const auth::IdentityToken& token) {
  const Timestamp now{std::chrono::seconds(1'795'224'228)};
  const auto problem = monitor::problem_of(
      token, {monitor::PushAuth::verify, "https://monitor.example", kAccount}, now);
  if (problem) return require(!problem->text.empty(), "who is refused is refused for a reason");
  require(token.email == kAccount && token.email_verified, "another account is refused");
  require(token.audience == "https://monitor.example", "a token for others is refused");
  require(token.issuer.ends_with("accounts.google.com"), "another issuer is refused");
  require(token.expires && token.issued, "a token without its times is refused");
}

void check(std::string_view text) {
  const auto token = auth::parse_identity_token(text);
  if (!token) {
    require(token.error().kind == ErrorKind::malformed, "no token is malformed");
    return require(token.error().message.size() < 200, "no message quotes the token");
  }
  check_parts(*token, text);
  check_claims(*token);
}

std::string token_of_lines(std::string_view lines) {
  const std::size_t header = lines.find('\n');
  if (header == std::string_view::npos) return {};
  const std::size_t claims = lines.find('\n', header + 1);
  if (claims == std::string_view::npos) return {};
  return base64_url(lines.substr(0, header)) + '.' +
         base64_url(lines.substr(header + 1, claims - header - 1)) + '.' +
         std::string(lines.substr(claims + 1));
}

}  // namespace
}  // namespace walpulse

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = walpulse::fuzz::text(data, size);
  walpulse::check(text);
  walpulse::check(walpulse::token_of_lines(text));
  return 0;
}
