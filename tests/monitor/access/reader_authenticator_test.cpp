#include "monitor/access/reader_authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "publisher/auth/jwt.h"
#include "tests/monitor/access/head_of.h"
#include "tests/publisher/auth/ec_test_key.h"
#include "tests/publisher/auth/rsa_test_key.h"
#include "tests/publisher/http/fake_client.h"

namespace walpulse::monitor {
namespace {

using testing::HasSubstr;
using Proof = Identity::Proof;

constexpr std::int64_t kNow = 1'763'676'000;
constexpr const char* kIapAudience = "/projects/1/locations/europe-west1/services/walpulse-page";
constexpr const char* kAudience = "https://walpulse.example.com";
constexpr const char* kMark = "SIGNATURE_REMOVED_BY_GOOGLE";

const auth::EcTestKey& iap_key() {
  static const auth::EcTestKey key;
  return key;
}

const auth::RsaTestKey& google_key() {
  static const auth::RsaTestKey key;
  return key;
}

/// As IAP writes them (https://cloud.google.com/iap/docs/signed-headers-howto).
nlohmann::json assertion() {
  return {{"aud", kIapAudience},
          {"email", "ana@example.com"},
          {"exp", kNow + 600},
          {"google", {{"access_levels", nlohmann::json::array()}}},
          {"hd", "example.com"},
          {"iat", kNow},
          {"iss", "https://cloud.google.com/iap"},
          {"sub", "accounts.google.com:1"}};
}

nlohmann::json identity() {
  return {{"aud", kAudience},
          {"email", "ana@example.com"},
          {"email_verified", true},
          {"exp", kNow + 3600},
          {"hd", "example.com"},
          {"iat", kNow},
          {"iss", "https://accounts.google.com"},
          {"sub", "1"}};
}

nlohmann::json with(nlohmann::json says, const char* name, nlohmann::json value) {
  says[name] = std::move(value);
  return says;
}

std::string iap_token(const nlohmann::json& says = assertion(),
                      const nlohmann::json& header = {{"alg", "ES256"}, {"kid", "k1"}},
                      const auth::EcTestKey& key = iap_key()) {
  return key.token(header.dump(), says.dump());
}

std::string google_token(const nlohmann::json& says = identity(),
                         const nlohmann::json& header = {{"alg", "RS256"}, {"kid", "k1"}}) {
  return *auth::JwtKey::from_pem(google_key().private_pem())->sign(header.dump(), says.dump());
}

/// The token's text, with something else in the place of its signature.
std::string with_signature(const std::string& token, const std::string& signature) {
  return token.substr(0, token.rfind('.') + 1) + signature;
}

class ReaderAuthenticatorTest : public testing::Test {
 protected:
  ReaderAuthenticatorTest() {
    EXPECT_TRUE(iap_keys_.refresh());
    EXPECT_TRUE(google_keys_.refresh());
  }
  Identity identify(Readers readers, const Headers& headers) {
    const bool iap = readers == Readers::iap;
    const ReaderAuthenticator authenticator(readers,
                                            iap                          ? kIapAudience
                                            : readers == Readers::google ? kAudience
                                                                         : "",
                                            iap ? &iap_keys_ : &google_keys_,
                                            ReaderTokens::read("ana sixteen-letters-1\n").value(),
                                            [] { return Timestamp(std::chrono::seconds(kNow)); });
    return authenticator.identify(head_of(headers));
  }
  Identity iap(const std::string& token) {
    return identify(Readers::iap, {{"X-Goog-IAP-JWT-Assertion", token}});
  }
  Identity google(const std::string& token) {
    return identify(Readers::google, {{"Authorization", "Bearer " + token}});
  }

  http::FakeClient iap_http_{
      [](const http::SentRequest&) { return http::answer(200, iap_key().jwks("k1")); }};
  http::FakeClient google_http_{
      [](const http::SentRequest&) { return http::answer(200, google_key().jwks("k1")); }};
  auth::JwksCache iap_keys_{iap_http_, "https://iap.example.com", {}, auth::Algorithm::es256};
  auth::JwksCache google_keys_{google_http_, "https://google.example.com"};
};

TEST_F(ReaderAuthenticatorTest, KnowsWhomIapLetThrough) {
  const Identity who = iap(iap_token());
  EXPECT_EQ(who.proof, Proof::given) << who.problem;
  EXPECT_EQ(who.name, "ana@example.com");
  EXPECT_EQ(who.domain, "example.com");
}

TEST_F(ReaderAuthenticatorTest, KnowsNobodyByTheHeadersThatAnybodyCanSend) {
  EXPECT_EQ(identify(Readers::iap,
                     {{"X-Goog-Authenticated-User-Email", "accounts.google.com:ana@example.com"}})
                .proof,
            Proof::absent);
  EXPECT_EQ(identify(Readers::iap, {{"Authorization", "Bearer " + iap_token()}}).proof,
            Proof::absent);
  EXPECT_EQ(identify(Readers::google, {{"X-Goog-IAP-JWT-Assertion", iap_token()}}).proof,
            Proof::absent);
  const std::string token = iap_token();
  EXPECT_EQ(identify(Readers::iap,
                     {{"X-Goog-IAP-JWT-Assertion", token}, {"x-goog-iap-jwt-assertion", token}})
                .proof,
            Proof::bad);
}

TEST_F(ReaderAuthenticatorTest, TakesOneAlgorithmWhateverATokenSays) {
  static const auth::EcTestKey other;
  const auto as = [](const char* algorithm) {
    return nlohmann::json{{"alg", algorithm}, {"kid", "k1"}};
  };
  for (const char* algorithm : {"none", "HS256", "RS256", "ES384", "es256", ""})
    EXPECT_EQ(iap(iap_token(assertion(), as(algorithm))).proof, Proof::bad) << algorithm;
  EXPECT_EQ(iap(with_signature(iap_token(assertion(), as("none")), "")).proof, Proof::bad);
  EXPECT_EQ(iap(iap_token(assertion(), as("ES256"), other)).proof, Proof::bad);
  EXPECT_EQ(iap(google_token(assertion(), as("ES256"))).proof, Proof::bad) << "signed by RSA";
  EXPECT_EQ(google(iap_token(identity(), as("RS256"))).proof, Proof::bad) << "signed on a curve";
  EXPECT_EQ(google(iap_token(identity())).proof, Proof::bad);
  for (const char* algorithm : {"none", "HS256", "ES256", "RS512"})
    EXPECT_EQ(google(google_token(identity(), as(algorithm))).proof, Proof::bad) << algorithm;
}

TEST_F(ReaderAuthenticatorTest, TakesASignatureInTheFormOfAJwsAlone) {
  const std::string token = iap_token();
  const std::string text = token.substr(0, token.rfind('.'));
  EXPECT_EQ(iap(with_signature(token, base64_url(iap_key().der_signature(text)))).proof,
            Proof::bad);
  EXPECT_EQ(iap(with_signature(token, base64_url(std::string(64, '\0')))).proof, Proof::bad);
  EXPECT_EQ(iap(with_signature(token, "!!!")).proof, Proof::bad);
  EXPECT_EQ(iap(with_signature(token, kMark)).proof, Proof::bad);
  EXPECT_EQ(iap(text).proof, Proof::bad);
  EXPECT_EQ(iap("").proof, Proof::bad);
}

TEST_F(ReaderAuthenticatorTest, ReadsWhatATokenSays) {
  struct Row {
    const char* name;
    nlohmann::json value;
    bool good;
  };
  for (const Row& row :
       {Row{"aud", "/projects/1/locations/europe-west1/services/other", false},
        Row{"aud", nlohmann::json::array({kIapAudience}), false},
        Row{"iss", "https://accounts.google.com", false},
        Row{"iss", "https://cloud.google.com/iap/", false}, Row{"exp", kNow - 59, true},
        Row{"exp", kNow - 60, false}, Row{"iat", kNow + 60, true}, Row{"iat", kNow + 61, false},
        Row{"exp", nullptr, false}, Row{"email", nullptr, false}, Row{"email", "", false},
        Row{"hd", nullptr, true}}) {
    EXPECT_EQ(iap(iap_token(with(assertion(), row.name, row.value))).proof == Proof::given,
              row.good)
        << row.name << ' ' << row.value;
  }
  for (const Row& row :
       {Row{"aud", "https://other.example.com", false},
        Row{"iss", "https://cloud.google.com/iap", false}, Row{"iss", "accounts.google.com", true},
        Row{"email_verified", false, false}, Row{"email_verified", "true", false},
        Row{"exp", kNow - 60, false}}) {
    EXPECT_EQ(google(google_token(with(identity(), row.name, row.value))).proof == Proof::given,
              row.good)
        << row.name << ' ' << row.value;
  }
  EXPECT_EQ(iap(iap_token(with(assertion(), "hd", 7))).domain, "");
}

TEST_F(ReaderAuthenticatorTest, AsksForTheKeysOfATokenThatIsSignedWithANewOne) {
  EXPECT_EQ(iap(iap_token(assertion(), {{"alg", "ES256"}, {"kid", "k2"}})).proof, Proof::bad);
  EXPECT_EQ(iap_http_.requests().size(), 1u) << "fetched just now";
  http::FakeClient down{[](const http::SentRequest&) { return http::answer(500); }};
  auth::JwksCache none(down, "https://iap.example.com", {}, auth::Algorithm::es256);
  EXPECT_FALSE(none.refresh());
  const ReaderAuthenticator authenticator(Readers::iap, kIapAudience, &none, std::nullopt,
                                          [] { return Timestamp(std::chrono::seconds(kNow)); });
  const Headers headers = {{"X-Goog-IAP-JWT-Assertion", iap_token()}};
  EXPECT_EQ(authenticator.identify(head_of(headers)).proof, Proof::undecided);
}

TEST_F(ReaderAuthenticatorTest, TrustsCloudRunsMarkOnThePlatformAlone) {
  const std::string checked = "Bearer " + with_signature(google_token(), kMark);
  const std::string forged =
      "Bearer " + with_signature(google_token(with(identity(), "email", "eve@example.com")), kMark);
  EXPECT_EQ(identify(Readers::platform, {{"Authorization", checked}}).name, "ana@example.com");
  EXPECT_EQ(identify(Readers::platform, {{"Authorization", "Bearer " + google_token()}}).proof,
            Proof::bad)
      << "nobody has checked it";
  EXPECT_EQ(google(with_signature(google_token(), kMark)).proof, Proof::bad);
  // Where both are there Cloud Run checks this one, and leaves the other as it came.
  EXPECT_EQ(identify(Readers::platform,
                     {{"Authorization", forged}, {"X-Serverless-Authorization", checked}})
                .name,
            "ana@example.com");
  EXPECT_EQ(identify(Readers::platform, {{"Authorization", forged},
                                         {"X-Serverless-Authorization", "Bearer of.a.reader"}})
                .proof,
            Proof::bad);
  EXPECT_EQ(identify(Readers::platform, {}).proof, Proof::absent);
}

TEST_F(ReaderAuthenticatorTest, KnowsTheTokensOfTheFile) {
  const auto shown = [&](const std::string& authorization) {
    return identify(Readers::token, {{"Authorization", authorization}});
  };
  EXPECT_EQ(shown("Bearer sixteen-letters-1").name, "ana");
  for (const char* wrong : {"Bearer sixteen-letters-2", "Bearer sixteen-letters-", "Bearer ",
                            "sixteen-letters-1", "Basic sixteen-letters-1", "Bearer ana"})
    EXPECT_EQ(shown(wrong).proof, Proof::bad) << wrong;
  EXPECT_THAT(shown("Bearer sixteen-letters-2").problem,
              testing::Not(HasSubstr("sixteen-letters-2")));
}

TEST_F(ReaderAuthenticatorTest, OnLoopbackIsTheMachineAndElsewhereNobody) {
  EXPECT_EQ(identify(Readers::loopback, {}).name, "this machine");
  EXPECT_EQ(identify(Readers::none, {{"Authorization", "Bearer " + google_token()}}).proof,
            Proof::absent);
}

}  // namespace
}  // namespace walpulse::monitor
