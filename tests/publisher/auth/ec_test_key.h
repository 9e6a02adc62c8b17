#pragma once

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <string>
#include <string_view>

#include "decoder/base/base64.h"

namespace walpulse::auth {

/// A key pair on an elliptic curve, made for one test run, which signs as Identity-Aware Proxy
/// does.
class EcTestKey {
 public:
  explicit EcTestKey(const char* curve = "P-256") : curve_(curve), key_(EVP_EC_gen(curve)) {}
  ~EcTestKey() { EVP_PKEY_free(key_); }
  EcTestKey(const EcTestKey&) = delete;
  EcTestKey& operator=(const EcTestKey&) = delete;

  /// As OpenSSL writes it.
  std::string der_signature(std::string_view text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::size_t size = 512;
    std::string der(size, '\0');
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_);
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(der.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    return der.substr(0, size);
  }

  /// R and S, as a JWS has it.
  std::string signature(std::string_view text) const {
    const std::string der = der_signature(text);
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
    std::string raw(2 * size_of_scalar(), '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, static_cast<int>(size_of_scalar()));
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + size_of_scalar(),
                 static_cast<int>(size_of_scalar()));
    ECDSA_SIG_free(pair);
    return raw;
  }

  /// `header.claims.signature`.
  std::string token(std::string_view header, std::string_view claims) const {
    const std::string text = base64_url(header) + '.' + base64_url(claims);
    return text + '.' + base64_url(signature(text));
  }

  /// The public half as a member of a JWK Set.
  std::string jwk(const std::string& kid) const {
    return R"({"kty":"EC","use":"sig","alg":"ES256","crv":")" + curve_ + R"(","kid":")" + kid +
           R"(","x":")" + base64_url(coordinate(OSSL_PKEY_PARAM_EC_PUB_X)) + R"(","y":")" +
           base64_url(coordinate(OSSL_PKEY_PARAM_EC_PUB_Y)) + "\"}";
  }
  std::string jwks(const std::string& kid) const { return "{\"keys\":[" + jwk(kid) + "]}"; }

  std::string coordinate(const char* name) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_, name, &value);
    std::string bytes(size_of_scalar(), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size()));
    BN_free(value);
    return bytes;
  }

 private:
  std::size_t size_of_scalar() const { return curve_ == "P-384" ? 48 : 32; }

  const std::string curve_;
  EVP_PKEY* key_;
};

}  // namespace walpulse::auth
