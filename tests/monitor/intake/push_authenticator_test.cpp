#include "monitor/intake/push_authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <strings.h>

#include <nlohmann/json.hpp>

#include "publisher/auth/jwt.h"
#include "tests/publisher/auth/rsa_test_key.h"
#include "tests/publisher/http/fake_client.h"

namespace walpulse::monitor {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'763'676'000;
constexpr const char* kAudience = "https://walpulse.example.com/push";
constexpr const char* kAccount = "push@p.iam.gserviceaccount.com";
using Headers = std::vector<std::pair<std::string, std::string>>;

const auth::RsaTestKey& google() {
  static const auth::RsaTestKey key;
  return key;
}

nlohmann::json claims(std::int64_t now = kNow) {
  return {{"aud", kAudience},
          {"azp", "1"},
          {"email", kAccount},
          {"email_verified", true},
          {"exp", now + 3600},
          {"iat", now},
          {"iss", "https://accounts.google.com"},
          {"sub", "1"}};
}

std::string token(const nlohmann::json& says = claims(), const auth::RsaTestKey& key = google(),
                  const nlohmann::json& header = {{"alg", "RS256"}, {"kid", "k1"}}) {
  return *auth::JwtKey::from_pem(key.private_pem())->sign(header.dump(), says.dump());
}

class PushAuthenticatorTest : public testing::Test {
 protected:
  PushAuthenticatorTest() { EXPECT_TRUE(keys_.refresh()); }

  /// 0 where the request is let in.
  int admit(PushAuth mode, const Headers& headers, const char* method = "POST",
            const char* path = "/push") {
    PushAuthenticator gate({mode, kAudience, kAccount}, &keys_, metrics_,
                           [] { return Timestamp(std::chrono::seconds(kNow)); });
    const http::RequestHead head{method, path, [&](const char* name) {
                                   std::vector<std::string_view> found;
                                   for (const auto& [key, value] : headers) {
                                     if (::strcasecmp(key.c_str(), name) == 0)
                                       found.push_back(value);
                                   }
                                   return found;
                                 }};
    const auto answer = gate.admit(head);
    return answer ? answer->status : 0;
  }
  int verify(const std::string& given) {
    return admit(PushAuth::verify, {{"Authorization", "Bearer " + given}});
  }
  int platform(const nlohmann::json& says, const std::string& signature) {
    const std::string whole = token(says);
    return admit(
        PushAuth::platform,
        {{"authorization", "Bearer " + whole.substr(0, whole.rfind('.') + 1) + signature}});
  }
  std::string metrics() { return telemetry::prometheus_text({{}, metrics_.collect(0, true)}); }

  std::string jwks_ = google().jwks("k1");
  http::FakeClient http_{[this](const http::SentRequest&) { return http::answer(200, jwks_); }};
  auth::JwksCache keys_{http_, "https://keys.example.com"};
  ProcessMetrics metrics_{Timestamp()};
};

TEST_F(PushAuthenticatorTest, LetsInTheServiceAccountsToken) {
  EXPECT_EQ(verify(token()), 0);
  auto other_form = claims();
  other_form["iss"] = "accounts.google.com";
  EXPECT_EQ(verify(token(other_form)), 0);
  EXPECT_EQ(admit(PushAuth::verify, {{"AUTHORIZATION", "bearer " + token()}}), 0);
}

TEST_F(PushAuthenticatorTest, RefusesWhoShowsNoToken) {
  EXPECT_EQ(admit(PushAuth::verify, {}), 401);
  for (const char* given : {"", "Bearer", "Bearer ", "Basic dTpw", "Bearer garbage", "Bearer a.b.c",
                            "Bearer ....", "Bearer e30.e30.e30"}) {
    EXPECT_EQ(admit(PushAuth::verify, {{"Authorization", given}}), 401) << given;
  }
  EXPECT_THAT(metrics(), HasSubstr("reason=\"unauthenticated\"} 9"));
}

TEST_F(PushAuthenticatorTest, RefusesTwoTokens) {
  const std::string one = "Bearer " + token();
  EXPECT_EQ(admit(PushAuth::verify, {{"Authorization", one}, {"authorization", one}}), 401);
}

TEST_F(PushAuthenticatorTest, RefusesAnotherAlgorithmWhateverItSigned) {
  const auto says = claims();
  EXPECT_EQ(verify(token(says, google(), {{"alg", "none"}, {"kid", "k1"}})), 401);
  EXPECT_EQ(verify(token(says, google(), {{"alg", "RS512"}, {"kid", "k1"}})), 401);
  EXPECT_EQ(verify(token(says, google(), {{"alg", "rs256"}, {"kid", "k1"}})), 401);
  EXPECT_EQ(verify(token(says, google(), {{"kid", "k1"}})), 401);
  const std::string unsigned_token = token(says, google(), {{"alg", "none"}, {"kid", "k1"}});
  EXPECT_EQ(verify(unsigned_token.substr(0, unsigned_token.rfind('.') + 1)), 401);
}

TEST_F(PushAuthenticatorTest, RefusesASignatureThatIsNotGoogles) {
  static const auth::RsaTestKey other;
  EXPECT_EQ(verify(token(claims(), other)), 401);
  std::string changed = token();
  const std::size_t dot = changed.find('.');
  changed.replace(dot + 1, 4, changed.substr(dot + 1, 4) == "eyJh" ? "eyJi" : "eyJh");
  EXPECT_EQ(verify(changed), 401);
  EXPECT_EQ(verify(token() + "A"), 401);
  const std::string whole = token();
  EXPECT_EQ(verify(whole.substr(0, whole.rfind('.') + 1)), 401);
}

TEST_F(PushAuthenticatorTest, RefusesWhatIsTooLong) {
  auto long_claims = claims();
  long_claims["pad"] = std::string(auth::kTokenBytesMax, 'x');
  EXPECT_EQ(verify(token(long_claims)), 401);
}

TEST_F(PushAuthenticatorTest, RefusesAKeyThatGoogleDoesNotKnow) {
  EXPECT_EQ(verify(token(claims(), google(), {{"alg", "RS256"}, {"kid", "k2"}})), 401);
  EXPECT_EQ(verify(token(claims(), google(), {{"alg", "RS256"}})), 401);
  EXPECT_EQ(http_.requests().size(), 1u);
}

TEST_F(PushAuthenticatorTest, KeepsTimeWithinAMinute) {
  const auto with = [](const char* name, nlohmann::json value) {
    auto says = claims();
    says[name] = std::move(value);
    return token(says);
  };
  EXPECT_EQ(verify(with("exp", kNow - 59)), 0);
  EXPECT_EQ(verify(with("exp", kNow - 60)), 401);
  EXPECT_EQ(verify(with("iat", kNow + 60)), 0);
  EXPECT_EQ(verify(with("iat", kNow + 61)), 401);
  EXPECT_EQ(verify(with("exp", nullptr)), 401);
  EXPECT_EQ(verify(with("iat", "now")), 401);
  EXPECT_EQ(verify(with("exp", 1e300)), 401);
  EXPECT_EQ(verify(with("exp", UINT64_MAX)), 401);
}

TEST_F(PushAuthenticatorTest, RefusesSomebodyElsesToken) {
  const auto with = [](const char* name, nlohmann::json value) {
    auto says = claims();
    says[name] = std::move(value);
    return token(says);
  };
  EXPECT_EQ(verify(with("aud", "https://other.example.com/push")), 403);
  EXPECT_EQ(verify(with("aud", std::string(kAudience) + "/")), 403);
  EXPECT_EQ(verify(with("aud", nlohmann::json::array({kAudience, "x"}))), 403);
  EXPECT_EQ(verify(with("email", "other@p.iam.gserviceaccount.com")), 403);
  EXPECT_EQ(verify(with("email_verified", false)), 403);
  EXPECT_EQ(verify(with("email_verified", "true")), 403);
  EXPECT_EQ(verify(with("iss", "https://accounts.google.com.example.com")), 401);
  EXPECT_THAT(metrics(), HasSubstr("reason=\"forbidden\"} 6"));
}

TEST_F(PushAuthenticatorTest, AsksAgainLaterWhileThereAreNoKeys) {
  http::FakeClient down{[](const http::SentRequest&) { return http::answer(500); }};
  auth::JwksCache none(down, "https://keys.example.com");
  EXPECT_FALSE(none.refresh());
  PushAuthenticator gate({PushAuth::verify, kAudience, kAccount}, &none, metrics_,
                         [] { return Timestamp(std::chrono::seconds(kNow)); });
  const std::string given = "Bearer " + token();
  const auto answer = gate.admit({"POST", "/", [&](const char* name) {
                                    return std::string_view(name) == "Authorization"
                                               ? std::vector<std::string_view>{given}
                                               : std::vector<std::string_view>{};
                                  }});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_THAT(metrics(), HasSubstr("reason=\"keys_unavailable\"} 1"));
}

TEST_F(PushAuthenticatorTest, TrustsCloudRunsMarkAndNothingElseOnThePlatform) {
  EXPECT_EQ(platform(claims(), "SIGNATURE_REMOVED_BY_GOOGLE"), 0);
  EXPECT_EQ(platform(claims(), ""), 401);
  EXPECT_EQ(platform(claims(), "SIGNATURE_REMOVED_BY_GOOGLE_"), 401);
  EXPECT_EQ(admit(PushAuth::platform, {{"Authorization", "Bearer " + token()}}), 401);
  auto other = claims();
  other["email"] = "reader@example.com";
  EXPECT_EQ(platform(other, "SIGNATURE_REMOVED_BY_GOOGLE"), 403);
  EXPECT_EQ(platform(claims(kNow - 7200), "SIGNATURE_REMOVED_BY_GOOGLE"), 401);
}

TEST_F(PushAuthenticatorTest, RefusesATokenThatCloudRunDidNotLookAt) {
  const std::string whole = token();
  const std::string forged =
      "Bearer " + whole.substr(0, whole.rfind('.') + 1) + "SIGNATURE_REMOVED_BY_GOOGLE";
  EXPECT_EQ(admit(PushAuth::platform, {{"Authorization", forged},
                                       {"X-Serverless-Authorization", "Bearer of.a.reader"}}),
            401);
}

TEST_F(PushAuthenticatorTest, DoesNotTakeTheMarkForASignature) {
  const std::string whole = token();
  EXPECT_EQ(verify(whole.substr(0, whole.rfind('.') + 1) + "SIGNATURE_REMOVED_BY_GOOGLE"), 401);
}

TEST_F(PushAuthenticatorTest, TakesNoPushesWhereNoneAreWanted) {
  EXPECT_EQ(admit(PushAuth::refuse, {{"Authorization", "Bearer " + token()}}), 403);
  EXPECT_EQ(admit(PushAuth::none, {}), 0);
}

TEST_F(PushAuthenticatorTest, TakesNoneFromAWebPage) {
  for (const char* page : {"https://evil.example.com", "null", "http://localhost:8080"})
    EXPECT_EQ(admit(PushAuth::none, {{"Origin", page}}), 403) << page;
}

TEST_F(PushAuthenticatorTest, IsAskedOfPushesAlone) {
  const auto is_push = [](const char* method, const char* path) {
    return PushAuthenticator::is_push(
        {method, path, [](const char*) { return std::vector<std::string_view>{}; }});
  };
  for (const char* path : {"/", "/push", "/push/"}) EXPECT_TRUE(is_push("POST", path)) << path;
  for (const char* path : {"/push", "/push/"}) EXPECT_TRUE(is_push("GET", path)) << path;
  EXPECT_FALSE(is_push("GET", "/"));
  EXPECT_FALSE(is_push("PUT", "/push"));
  EXPECT_FALSE(is_push("POST", "/api/v1/mutes"));
  for (const char* path : {"//", "/push//", "/pushed", "push", ""})
    EXPECT_FALSE(is_push("POST", path)) << path;
  EXPECT_FALSE(is_push("HEAD", "/metrics"));
}

}  // namespace
}  // namespace walpulse::monitor
