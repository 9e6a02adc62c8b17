#include "publisher/auth/jwk_public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <utility>

#include "decoder/base/freed_by.h"
#include "publisher/auth/jwt_token.h"

namespace walpulse::auth {
namespace {

constexpr int kModulusBitsMin = 2048;
/// Checking takes longer with the square of it.
constexpr int kModulusBitsMax = 8192;
constexpr int kExponentBitsMax = 33;
/// Of P-256: a coordinate, R and S alike.
constexpr std::size_t kScalarBytes = 32;

using KeyHandle = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreedBy<EVP_PKEY_CTX_free>>;
using VerifyContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, FreedBy<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreedBy<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreedBy<OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, FreedBy<ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Number number_in(const std::string& base64url) {
  const Result<std::string> bytes = decode_base64_url(base64url);
  if (!bytes || bytes->empty() || bytes->size() > kModulusBitsMax / 8 + 1) return nullptr;
  return number_of(*bytes);
}

KeyHandle key_of(const char* kind, OSSL_PARAM_BLD* said) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(said));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return KeyHandle(key);
}

KeyHandle rsa_key(const std::string& modulus, const std::string& exponent) {
  const Number n = number_in(modulus);
  const Number e = number_in(exponent);
  if (!n || !e || BN_num_bits(n.get()) < kModulusBitsMin || BN_num_bits(n.get()) > kModulusBitsMax)
    return nullptr;
  if (BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0 || BN_num_bits(e.get()) > kExponentBitsMax)
    return nullptr;
  const Builder said(OSSL_PARAM_BLD_new());
  if (!said || OSSL_PARAM_BLD_push_BN(said.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(said.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return key_of("RSA", said.get());
}

/// OpenSSL refuses a point that is not on the curve.
KeyHandle p256_key(const std::string& x, const std::string& y) {
  const Result<std::string> first = decode_base64_url(x);
  const Result<std::string> second = decode_base64_url(y);
  if (!first || !second || first->size() != kScalarBytes || second->size() != kScalarBytes)
    return nullptr;
  const std::string point = '\4' + *first + *second;  // uncompressed (SEC 1, section 2.3.3)
  const Builder said(OSSL_PARAM_BLD_new());
  if (!said ||
      OSSL_PARAM_BLD_push_utf8_string(said.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(said.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return nullptr;
  return key_of("EC", said.get());
}

/// OpenSSL takes R and S in DER only. Empty where they are not 64 bytes: another form of the same
/// signature would be another token with the same meaning.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kScalarBytes) return {};
  const Signature pair(ECDSA_SIG_new());
  Number r = number_of(signature.substr(0, kScalarBytes));
  Number s = number_of(signature.substr(kScalarBytes));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // The pair's from here on.
  static_cast<void>(s.release());
  const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  return i2d_ECDSA_SIG(pair.get(), &out) == size ? der : std::string();
}

}  // namespace

struct JwkPublicKey::Key {
  KeyHandle handle;
  Algorithm algorithm;
};

std::string_view name_of(Algorithm algorithm) {
  return algorithm == Algorithm::es256 ? "ES256" : "RS256";
}

std::optional<JwkPublicKey> JwkPublicKey::rsa(const std::string& modulus,
                                              const std::string& exponent) {
  KeyHandle handle = rsa_key(modulus, exponent);
  ERR_clear_error();  // Left on the thread's queue, it would be read as a TLS failure later.
  if (!handle) return std::nullopt;
  return JwkPublicKey(std::make_shared<const Key>(Key{std::move(handle), Algorithm::rs256}));
}

std::optional<JwkPublicKey> JwkPublicKey::p256(const std::string& x, const std::string& y) {
  KeyHandle handle = p256_key(x, y);
  ERR_clear_error();
  if (!handle) return std::nullopt;
  return JwkPublicKey(std::make_shared<const Key>(Key{std::move(handle), Algorithm::es256}));
}

bool JwkPublicKey::verify(std::string_view text, std::string_view signature) const {
  const std::string der = key_->algorithm == Algorithm::es256 ? der_of(signature) : std::string();
  const std::string_view taken = key_->algorithm == Algorithm::es256 ? der : signature;
  const VerifyContext context(taken.empty() ? nullptr : EVP_MD_CTX_new());
  const bool valid = context &&
                     EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                          key_->handle.get()) == 1 &&
                     EVP_DigestVerify(context.get(), bytes_of(taken), taken.size(), bytes_of(text),
                                      text.size()) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace walpulse::auth
