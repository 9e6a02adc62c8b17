#include "publisher/auth/jwk_set.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {
namespace {

constexpr std::size_t kKeysMax = 64;

bool absent_or(const nlohmann::json& object, const char* name, std::string_view value) {
  return !object.contains(name) || http::text_at(object, name) == value;
}

std::optional<JwkPublicKey> key_of(const nlohmann::json& jwk, Algorithm algorithm) {
  const auto said = [&](const char* name) { return http::text_at(jwk, name); };
  if (!absent_or(jwk, "use", "sig") || !absent_or(jwk, "alg", name_of(algorithm)))
    return std::nullopt;
  if (algorithm == Algorithm::rs256)
    return said("kty") == "RSA" ? JwkPublicKey::rsa(said("n"), said("e")) : std::nullopt;
  if (said("kty") != "EC" || said("crv") != "P-256") return std::nullopt;
  return JwkPublicKey::p256(said("x"), said("y"));
}

}  // namespace

Result<JwkSet> JwkSet::from_jwks(std::string_view json, Algorithm algorithm) {
  const auto set = parse_json(json);
  if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array()) {
    return fail(ErrorKind::malformed, "not a JSON Web Key Set");
  }
  JwkSet keys;
  for (const auto& one : set["keys"]) {
    if (keys.keys_.size() == kKeysMax) break;
    const std::string id = one.is_object() ? http::text_at(one, "kid") : "";
    if (id.empty()) continue;
    if (auto key = key_of(one, algorithm)) keys.keys_.try_emplace(id, *std::move(key));
  }
  if (keys.keys_.empty()) {
    return fail(ErrorKind::malformed, algorithm == Algorithm::rs256
                                          ? "no RSA key of 2048 bits or more"
                                          : "no key of the curve P-256");
  }
  return keys;
}

bool JwkSet::verify(const std::string& key_id, std::string_view text,
                    std::string_view signature) const {
  const auto found = keys_.find(key_id);
  return found != keys_.end() && found->second.verify(text, signature);
}

}  // namespace walpulse::auth
