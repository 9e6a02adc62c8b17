#include "publisher/auth/jwt_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decoder/base/base64.h"

namespace walpulse::auth {
namespace {

std::string token_of(const std::string& header, const std::string& claims,
                     const std::string& signature = "c2ln") {
  return base64_url(header) + '.' + base64_url(claims) + '.' + signature;
}

TEST(IdentityToken, IsTakenApart) {
  const std::string text =
      token_of(R"({"alg":"RS256","kid":"k1","typ":"JWT"})",
               R"({"iss":"i","aud":"a","email":"e@x","email_verified":true,"iat":1,"exp":2})");
  const auto token = parse_identity_token(text);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->algorithm, "RS256");
  EXPECT_EQ(token->key_id, "k1");
  EXPECT_EQ(token->issuer, "i");
  EXPECT_EQ(token->audience, "a");
  EXPECT_EQ(token->email, "e@x");
  EXPECT_TRUE(token->email_verified);
  EXPECT_EQ(token->issued, 1);
  EXPECT_EQ(token->expires, 2);
  EXPECT_EQ(token->signature_text, "c2ln");
  EXPECT_EQ(token->signed_text, text.substr(0, text.rfind('.')));
}

TEST(IdentityToken, LeavesOutWhatHasAnotherType) {
  const auto token = parse_identity_token(
      token_of(R"({"alg":5,"kid":null})",
               R"({"iss":[],"aud":["a"],"email":7,"email_verified":1,"iat":1.5,"exp":"2"})"));
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->algorithm + token->key_id + token->issuer + token->audience + token->email, "");
  EXPECT_FALSE(token->email_verified);
  EXPECT_FALSE(token->issued);
  EXPECT_FALSE(token->expires);
}

TEST(IdentityToken, IsNoOtherText) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("a.b"), std::string("a.b.c"),
        std::string("a.b.c.d"), token_of("[]", "{}"), token_of("{}", "7"), token_of("{", "{}"),
        token_of("{}", "{}") + ".", token_of(R"({"alg":"RS256","crit":["exp"]})", "{}"),
        "=" + token_of("{}", "{}"), std::string(kTokenBytesMax + 1, 'a')}) {
    EXPECT_FALSE(parse_identity_token(text)) << text.substr(0, 40);
  }
}

TEST(IdentityToken, TakesOneAlphabet) {
  EXPECT_TRUE(decode_base64_url("-_8"));
  for (const char* text : {"+/8", "YQ==", "a b", "\n", "a"}) {
    EXPECT_FALSE(decode_base64_url(text)) << text;
  }
}

}  // namespace
}  // namespace walpulse::auth
