#include "monitor/access/reader_authenticator.h"

#include <utility>

namespace walpulse::monitor {
namespace {

/// What Cloud Run puts in the place of a signature that it has checked
/// (https://cloud.google.com/run/docs/troubleshooting#signature-removed).
constexpr std::string_view kSignatureTaken = "SIGNATURE_REMOVED_BY_GOOGLE";
constexpr const char* kIapHeader = "x-goog-iap-jwt-assertion";
constexpr const char* kIapIssuer = "https://cloud.google.com/iap";

Identity bad(std::string problem) { return {Identity::Proof::bad, "", "", std::move(problem)}; }

/// The header's one value, or why there is none to be taken.
std::optional<Identity> missing(const std::vector<std::string_view>& values, const char* name) {
  if (values.empty()) return Identity{Identity::Proof::absent, "", "", std::string("no ") + name};
  if (values.size() > 1) return bad(std::string("two headers ") + name);
  return std::nullopt;
}

}  // namespace

std::string problem_of_reader(const auth::IdentityToken& token, Readers readers,
                              const std::string& audience, Timestamp now) {
  const bool iap = readers == Readers::iap;
  const bool issued =
      iap ? token.issuer == kIapIssuer
          : token.issuer == "https://accounts.google.com" || token.issuer == "accounts.google.com";
  if (!issued)
    return iap ? "the assertion's issuer is not IAP" : "the token's issuer is not Google";
  if (std::string problem = auth::lifetime_problem(token, now); !problem.empty()) return problem;
  if (!audience.empty() && token.audience != audience) {
    return "the token is for the audience '" + token.audience + "', " +
           (iap ? "--iap-audience" : "--reader-audience") + " says '" + audience + "'";
  }
  if (token.email.empty()) return "the token has no email";
  // IAP's assertions do not have it.
  if (!iap && !token.email_verified) return "the token's email is not verified";
  return {};
}

ReaderAuthenticator::ReaderAuthenticator(Readers readers, std::string audience,
                                         auth::JwksCache* keys, std::optional<ReaderTokens> tokens,
                                         std::function<Timestamp()> now)
    : readers_(readers),
      audience_(std::move(audience)),
      keys_(keys),
      tokens_(std::move(tokens)),
      now_(std::move(now)) {}

Identity ReaderAuthenticator::identify(const http::RequestHead& head) const {
  switch (readers_) {
    case Readers::loopback:
      return {Identity::Proof::given, "this machine", "", ""};
    case Readers::none:
      return {};
    case Readers::platform:
      return by_platform(head);
    case Readers::iap: {
      const auto given = head.values(kIapHeader);
      if (auto none = missing(given, kIapHeader)) return *std::move(none);
      return by_signature(given.front(), auth::Algorithm::es256);
    }
    case Readers::google:
    case Readers::token:
      break;
  }
  const auto given = head.values("Authorization");
  if (auto none = missing(given, "Authorization")) return *std::move(none);
  const std::string_view token = auth::bearer_token(given.front());
  if (token.empty()) return bad("the Authorization header holds no bearer token");
  return readers_ == Readers::token ? by_token(token) : by_signature(token, auth::Algorithm::rs256);
}

Identity ReaderAuthenticator::by_signature(std::string_view text, auth::Algorithm algorithm) const {
  const auto token = auth::parse_identity_token(text);
  if (!token) return bad(token.error().message);
  if (token->signature_text == kSignatureTaken)
    return bad("Cloud Run has checked and removed the signature: use --readers platform");
  if (token->algorithm != auth::name_of(algorithm))
    return bad("the token is not signed with " + std::string(auth::name_of(algorithm)));
  const auto signature = auth::decode_base64_url(token->signature_text);
  if (!signature) return bad("the token's signature is not base64url");
  switch (keys_->verify(token->key_id, token->signed_text, *signature)) {
    case auth::JwksCache::Verdict::valid:
      break;
    case auth::JwksCache::Verdict::forged:
      return bad("the token's signature is wrong");
    case auth::JwksCache::Verdict::unknown_key:
      return bad("the token is signed with a key that its issuer does not know");
    case auth::JwksCache::Verdict::undecided:
      return {Identity::Proof::undecided, "", "", "the key that signed the token is not known yet"};
  }
  return said_by(*token);
}

/// Where there are two Cloud Run checks X-Serverless-Authorization, and passes the other on as it
/// came (https://cloud.google.com/run/docs/authenticating/service-to-service).
Identity ReaderAuthenticator::by_platform(const http::RequestHead& head) const {
  auto given = head.values("X-Serverless-Authorization");
  if (given.empty()) given = head.values("Authorization");
  if (auto none = missing(given, "Authorization")) return *std::move(none);
  const auto token = auth::parse_identity_token(auth::bearer_token(given.front()));
  if (!token) return bad(token.error().message);
  if (token->signature_text != kSignatureTaken) {
    return bad(
        "the token's signature was not checked by Cloud Run: let the service require "
        "authentication (no allUsers in roles/run.invoker), or use --readers google");
  }
  return said_by(*token);
}

Identity ReaderAuthenticator::by_token(std::string_view token) const {
  auto name = tokens_ ? tokens_->name_of(token) : std::nullopt;
  if (!name) return bad("the token is in no line of --reader-token-file");
  return {Identity::Proof::given, *std::move(name), "", ""};
}

Identity ReaderAuthenticator::said_by(const auth::IdentityToken& token) const {
  std::string problem = problem_of_reader(token, readers_, audience_, now_());
  if (!problem.empty()) return bad(std::move(problem));
  return {Identity::Proof::given, token.email, token.hosted_domain, ""};
}

}  // namespace walpulse::monitor
