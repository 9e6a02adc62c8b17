#include "publisher/auth/jwk_set.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <nlohmann/json.hpp>

#include "decoder/base/freed_by.h"
#include "decoder/base/json_dom.h"
#include "publisher/auth/jwt_token.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {
namespace {

constexpr std::size_t kKeysMax = 64;
constexpr int kModulusBitsMin = 2048;
/// Checking takes longer with the square of it.
constexpr int kModulusBitsMax = 8192;
constexpr int kExponentBitsMax = 33;

using KeyHandle = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreedBy<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, FreedBy<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreedBy<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreedBy<OSSL_PARAM_free>>;

bool absent_or(const nlohmann::json& object, const char* name, const char* value) {
  return !object.contains(name) || http::text_at(object, name) == value;
}

Number number_of(const std::string& base64url) {
  const Result<std::string> bytes = decode_base64_url(base64url);
  if (!bytes || bytes->empty() || bytes->size() > kModulusBitsMax / 8 + 1) return nullptr;
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()),
                          static_cast<int>(bytes->size()), nullptr));
}

KeyHandle rsa_key(const std::string& modulus, const std::string& exponent) {
  const Number n = number_of(modulus);
  const Number e = number_of(exponent);
  if (!n || !e || BN_num_bits(n.get()) < kModulusBitsMin || BN_num_bits(n.get()) > kModulusBitsMax)
    return nullptr;
  if (BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0 || BN_num_bits(e.get()) > kExponentBitsMax)
    return nullptr;
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return KeyHandle(key);
}

}  // namespace

struct JwkSet::Key {
  KeyHandle handle;
};

Result<JwkSet> JwkSet::from_jwks(std::string_view json) {
  const auto set = parse_json(json);
  if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array()) {
    return fail(ErrorKind::malformed, "not a JSON Web Key Set");
  }
  JwkSet keys;
  for (const auto& one : set["keys"]) {
    if (keys.keys_.size() == kKeysMax) break;
    if (!one.is_object() || http::text_at(one, "kty") != "RSA" || !absent_or(one, "use", "sig") ||
        !absent_or(one, "alg", "RS256"))
      continue;
    const std::string id = http::text_at(one, "kid");
    KeyHandle handle =
        id.empty() ? nullptr : rsa_key(http::text_at(one, "n"), http::text_at(one, "e"));
    if (handle) keys.keys_.try_emplace(id, std::make_shared<const Key>(Key{std::move(handle)}));
  }
  ERR_clear_error();  // Left on the thread's queue, it would be read as a TLS failure later.
  if (keys.keys_.empty()) return fail(ErrorKind::malformed, "no RSA key of 2048 bits or more");
  return keys;
}

bool JwkSet::verify_rs256(const std::string& key_id, std::string_view text,
                          std::string_view signature) const {
  const auto found = keys_.find(key_id);
  if (found == keys_.end()) return false;
  const DigestContext context(EVP_MD_CTX_new());
  const auto bytes = [](std::string_view view) {
    return reinterpret_cast<const unsigned char*>(view.data());
  };
  const bool valid = context &&
                     EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                          found->second->handle.get()) == 1 &&
                     EVP_DigestVerify(context.get(), bytes(signature), signature.size(),
                                      bytes(text), text.size()) == 1;
  if (!valid) ERR_clear_error();
  return valid;
}

}  // namespace walpulse::auth
