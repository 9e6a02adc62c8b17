#include "publisher/auth/service_account.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "decoder/base/base64.h"
#include "tests/publisher/auth/rsa_test_key.h"
#include "tests/publisher/http/fake_client.h"

namespace walpulse::auth {
namespace {

using Json = nlohmann::json;

const RsaTestKey& test_key() {
  static const RsaTestKey key;
  return key;
}

Json key_file() {
  return {{"type", "service_account"},
          {"client_email", "pulse@demo.iam.gserviceaccount.com"},
          {"private_key_id", "kid-1"},
          {"private_key", test_key().private_pem()},
          {"token_uri", "https://oauth2.googleapis.com/token"}};
}

Json part(const std::string& token, int index) {
  std::string rest = token;
  for (int i = 0; i < index; ++i) rest = rest.substr(rest.find('.') + 1);
  return Json::parse(*decode_base64(rest.substr(0, rest.find('.'))));
}

TEST(ServiceAccountKey, IsReadFromTheConsolesFile) {
  const auto account = parse_service_account_key(key_file().dump());
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->email, "pulse@demo.iam.gserviceaccount.com");
  EXPECT_EQ(account->key_id, "kid-1");
}

TEST(ServiceAccountKey, AMissingMemberIsRejectedByName) {
  for (const char* member : {"client_email", "private_key", "token_uri"}) {
    Json file = key_file();
    file.erase(member);
    const auto account = parse_service_account_key(file.dump());
    ASSERT_FALSE(account) << member;
    EXPECT_NE(account.error().message.find(member), std::string::npos);
    file[member] = 7;
    EXPECT_FALSE(parse_service_account_key(file.dump())) << member;
  }
  EXPECT_FALSE(parse_service_account_key("not json"));
}

TEST(TokenAssertion, CarriesTheClaimsThatGoogleAsksFor) {
  const auto account = parse_service_account_key(key_file().dump());
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1'763'676'332)};
  const auto token = token_assertion(*account, {"scope-a", "scope-b"}, now);
  ASSERT_TRUE(token);
  EXPECT_EQ(part(*token, 0), (Json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "kid-1"}}));
  EXPECT_EQ(part(*token, 1), (Json{{"iss", "pulse@demo.iam.gserviceaccount.com"},
                                   {"scope", "scope-a scope-b"},
                                   {"aud", "https://oauth2.googleapis.com/token"},
                                   {"iat", 1'763'676'332},
                                   {"exp", 1'763'676'332 + 3600}}));
  const std::size_t dot = token->rfind('.');
  EXPECT_TRUE(test_key().verifies(token->substr(0, dot), *decode_base64(token->substr(dot + 1))));
}

Result<AccessToken> fetch_with(http::FakeClient& http) {
  return service_account_tokens(http, *parse_service_account_key(key_file().dump()), {"s"})();
}

TEST(ServiceAccountTokens, AreExchangedAtTheTokenUri) {
  http::FakeClient http([](const http::SentRequest&) {
    return http::answer(200,
                        R"({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})");
  });
  const auto token = fetch_with(http);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->text, "ya29.x");
  EXPECT_EQ(token->lifetime, std::chrono::seconds(3599));
  const http::SentRequest sent = http.requests().at(0);
  EXPECT_EQ(sent.url, "https://oauth2.googleapis.com/token");
  EXPECT_TRUE(sent.has_header("Content-Type: application/x-www-form-urlencoded"));
  EXPECT_EQ(sent.body.rfind(
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey", 0),
            0u);
}

TEST(ServiceAccountTokens, ARefusedKeyIsDeniedAndNeverFinal) {
  http::FakeClient http([](const http::SentRequest&) {
    return http::answer(
        400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})");
  });
  const auto token = fetch_with(http);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::denied);
  EXPECT_NE(token.error().message.find("Invalid JWT Signature."), std::string::npos);
}

TEST(ServiceAccountTokens, AnAnswerWithoutAUsableTokenIsUnavailable) {
  for (const char* body :
       {"", "{}", "[]", R"({"access_token":7,"expires_in":1})", R"({"access_token":"x"})",
        R"({"access_token":"","expires_in":3600})", R"({"access_token":"x","expires_in":"1"})",
        R"({"access_token":"x","expires_in":0})", R"({"access_token":"x","expires_in":-5})",
        R"({"access_token":"x\r\nX-Injected: 1","expires_in":3600})"}) {
    http::FakeClient http([body](const http::SentRequest&) { return http::answer(200, body); });
    const auto token = fetch_with(http);
    ASSERT_FALSE(token) << body;
    EXPECT_EQ(token.error().kind, ErrorKind::unavailable) << body;
    EXPECT_EQ(token.error().message.find("X-Injected"), std::string::npos);
  }
}

TEST(ServiceAccountTokens, AnOutageIsUnavailable) {
  http::FakeClient down([](const http::SentRequest&) { return http::answer(503); });
  EXPECT_EQ(fetch_with(down).error().kind, ErrorKind::unavailable);
  http::FakeClient silent([](const http::SentRequest&) -> Result<http::Response> {
    return fail(ErrorKind::timed_out, "no answer");
  });
  EXPECT_EQ(fetch_with(silent).error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace walpulse::auth
