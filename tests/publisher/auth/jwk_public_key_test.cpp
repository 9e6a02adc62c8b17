#include "publisher/auth/jwk_public_key.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "publisher/auth/jwk_set.h"
#include "publisher/auth/jwt_token.h"
#include "tests/publisher/auth/ec_test_key.h"
#include "tests/publisher/auth/rsa_test_key.h"

namespace walpulse::auth {
namespace {

const EcTestKey& test_key() {
  static const EcTestKey key;
  return key;
}

JwkPublicKey public_half(const EcTestKey& key) {
  return *JwkPublicKey::p256(base64_url(key.coordinate(OSSL_PKEY_PARAM_EC_PUB_X)),
                             base64_url(key.coordinate(OSSL_PKEY_PARAM_EC_PUB_Y)));
}

TEST(JwkPublicKey, OfACurveChecksWhatItsPrivateHalfSigned) {
  const JwkPublicKey key = public_half(test_key());
  const std::string signature = test_key().signature("header.claims");
  EXPECT_TRUE(key.verify("header.claims", signature));
  EXPECT_FALSE(key.verify("header.claims.", signature));
  EXPECT_FALSE(key.verify("header.claims", test_key().signature("other")));
  EXPECT_FALSE(key.verify("header.claims", EcTestKey().signature("header.claims")));
  EXPECT_EQ(ERR_peek_error(), 0u) << "left for the next TLS connection to trip over";
}

TEST(JwkPublicKey, OfACurveTakesRAndSAndNoOtherForm) {
  const JwkPublicKey key = public_half(test_key());
  const std::string signature = test_key().signature("text");
  EXPECT_FALSE(key.verify("text", test_key().der_signature("text"))) << "DER";
  EXPECT_FALSE(key.verify("text", ""));
  EXPECT_FALSE(key.verify("text", signature.substr(1)));
  EXPECT_FALSE(key.verify("text", signature + '\0'));
  EXPECT_FALSE(key.verify("text", '\0' + signature));
  EXPECT_FALSE(key.verify("text", std::string(64, '\0'))) << "R and S of zero (CVE-2022-21449)";
  EXPECT_FALSE(key.verify("text", std::string(64, '\xFF'))) << "beyond the curve's order";
}

TEST(JwkPublicKey, OfACurveIsAPointOnIt) {
  const std::string x = test_key().coordinate(OSSL_PKEY_PARAM_EC_PUB_X);
  const std::string y = test_key().coordinate(OSSL_PKEY_PARAM_EC_PUB_Y);
  std::string beside = y;
  beside.back() = static_cast<char>(beside.back() ^ 1);
  EXPECT_TRUE(JwkPublicKey::p256(base64_url(x), base64_url(y)));
  EXPECT_FALSE(JwkPublicKey::p256(base64_url(x), base64_url(beside)));
  EXPECT_FALSE(
      JwkPublicKey::p256(base64_url(std::string(32, '\0')), base64_url(std::string(32, '\0'))));
  EXPECT_FALSE(JwkPublicKey::p256(base64_url('\0' + x), base64_url(y)));
  EXPECT_FALSE(JwkPublicKey::p256("", ""));
  EXPECT_FALSE(JwkPublicKey::p256("!", base64_url(y)));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(JwkSet, OfOneAlgorithmLeavesOutTheKeysOfTheOther) {
  static const RsaTestKey rsa;
  const std::string both = "{\"keys\":[" + rsa.jwk("rsa") + "," + test_key().jwk("ec") + "]}";
  const auto es256 = JwkSet::from_jwks(both, Algorithm::es256);
  ASSERT_TRUE(es256);
  EXPECT_TRUE(es256->has("ec"));
  EXPECT_FALSE(es256->has("rsa"));
  const auto rs256 = JwkSet::from_jwks(both, Algorithm::rs256);
  ASSERT_TRUE(rs256);
  EXPECT_TRUE(rs256->has("rsa"));
  EXPECT_FALSE(rs256->has("ec"));
  EXPECT_FALSE(JwkSet::from_jwks(rsa.jwks("rsa"), Algorithm::es256));
  EXPECT_FALSE(JwkSet::from_jwks(test_key().jwks("ec"), Algorithm::rs256));
}

TEST(JwkSet, OfIapLeavesOutOtherCurvesAndUses) {
  const EcTestKey larger("P-384");
  const auto with = [](std::string text, const char* from, const char* to) {
    return text.replace(text.find(from), std::string(from).size(), to);
  };
  const std::string good = test_key().jwk("good");
  const std::string set =
      "{\"keys\":[" + larger.jwk("384") + "," + with(larger.jwk("lies"), "P-384", "P-256") + "," +
      with(good, "\"sig\"", "\"enc\"") + "," + with(test_key().jwk("alg"), "ES256", "ES384") + "," +
      with(test_key().jwk("crv"), "P-256", "secp256k1") + "," + good + "]}";
  const auto keys = JwkSet::from_jwks(set, Algorithm::es256);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->size(), 1u);
  EXPECT_TRUE(keys->verify("good", "text", test_key().signature("text")));
  EXPECT_FALSE(keys->verify("other", "text", test_key().signature("text")));
}

}  // namespace
}  // namespace walpulse::auth
