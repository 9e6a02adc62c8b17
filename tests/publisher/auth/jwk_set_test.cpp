#include "publisher/auth/jwk_set.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "publisher/auth/jwt.h"
#include "publisher/auth/jwt_token.h"
#include "tests/publisher/auth/rsa_test_key.h"

namespace walpulse::auth {
namespace {

const RsaTestKey& test_key() {
  static const RsaTestKey key;
  return key;
}

TEST(JwkSet, CheckWhatThePrivateKeySigned) {
  const auto keys = JwkSet::from_jwks(test_key().jwks("k1"));
  ASSERT_TRUE(keys) << keys.error().message;
  const auto token = *JwtKey::from_pem(test_key().private_pem())->sign("{}", "{}");
  const std::size_t dot = token.rfind('.');
  const auto signature = *decode_base64_url(token.substr(dot + 1));
  EXPECT_TRUE(keys->verify("k1", token.substr(0, dot), signature));
  EXPECT_FALSE(keys->verify("k2", token.substr(0, dot), signature));
  EXPECT_FALSE(keys->verify("k1", token.substr(1, dot - 1), signature));
  EXPECT_FALSE(keys->verify("k1", token.substr(0, dot), signature.substr(1)));
  EXPECT_FALSE(keys->verify("k1", token.substr(0, dot), ""));
  EXPECT_EQ(ERR_peek_error(), 0u) << "left for the next TLS connection to trip over";
}

TEST(JwkSet, LeaveOutWhatIsNoRsaKeyForSignatures) {
  const RsaTestKey small(1024);
  const std::string jwk = test_key().jwk("good");
  const auto with = [](std::string text, const char* from, const char* to) {
    return text.replace(text.find(from), std::string(from).size(), to);
  };
  const std::string set = "{\"keys\":[7,{},{\"kty\":\"EC\",\"kid\":\"ec\"}," + small.jwk("small") +
                          "," + with(test_key().jwk("enc"), "\"sig\"", "\"enc\"") + "," +
                          with(test_key().jwk("hs"), "RS256", "HS256") + "," +
                          with(test_key().jwk("e1"), "AQAB", "AQ") + "," +
                          with(test_key().jwk("e2"), "AQAB", "Ag") + "," + jwk + "]}";
  const auto keys = JwkSet::from_jwks(set);
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->size(), 1u);
  EXPECT_TRUE(keys->has("good"));
}

TEST(JwkSet, AreMoreThanNone) {
  for (const char* text : {"", "<html>", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})",
                           R"({"keys":[{"kty":"RSA","kid":"k","n":"!","e":"AQAB"}]})",
                           R"({"keys":[{"kty":"oct","kid":"k","k":"c2VjcmV0"}]})"}) {
    EXPECT_FALSE(JwkSet::from_jwks(text)) << text;
  }
}

}  // namespace
}  // namespace walpulse::auth
