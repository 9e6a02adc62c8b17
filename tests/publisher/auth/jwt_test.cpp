#include "publisher/auth/jwt.h"

#include <gtest/gtest.h>

#include "decoder/base/base64.h"
#include "tests/publisher/auth/rsa_test_key.h"

namespace walpulse::auth {
namespace {

TEST(JwtKey, SignsSoThatThePublicKeyVerifies) {
  const RsaTestKey pair;
  const auto key = JwtKey::from_pem(pair.private_pem());
  ASSERT_TRUE(key) << key.error().message;
  const auto token = key->sign(R"({"alg":"RS256"})", R"({"iss":"me"})");
  ASSERT_TRUE(token);
  const std::size_t dot = token->rfind('.');
  EXPECT_EQ(token->substr(0, dot),
            base64_url(R"({"alg":"RS256"})") + "." + base64_url(R"({"iss":"me"})"));
  const std::string signature = *decode_base64(token->substr(dot + 1));
  EXPECT_TRUE(pair.verifies(token->substr(0, dot), signature));
  EXPECT_FALSE(pair.verifies(token->substr(0, dot) + "x", signature));
}

TEST(JwtKey, RefusesWhatIsNoRsaKey) {
  const std::string whole = RsaTestKey().private_pem();
  for (const std::string& pem :
       {std::string(), std::string("-----BEGIN PRIVATE KEY-----\nnonsense\n"),
        whole.substr(0, whole.size() / 2)}) {
    const auto key = JwtKey::from_pem(pem);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::rejected);
  }
}

}  // namespace
}  // namespace walpulse::auth
