#include "publisher/auth/credentials_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "publisher/auth/jwt.h"
#include "tests/publisher/auth/rsa_test_key.h"
#include "tests/publisher/http/fake_client.h"

namespace walpulse::auth {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kAccount = "robot@p.iam.gserviceaccount.com";

const RsaTestKey& test_key() {
  static const RsaTestKey key;
  return key;
}

std::string id_token() {
  const Json claims = {{"exp", 4'000'000'000}, {"aud", "x"}};
  return *JwtKey::from_pem(test_key().private_pem())->sign("{\"alg\":\"RS256\"}", claims.dump());
}

Json user_file() {
  return {{"type", "authorized_user"},
          {"client_id", "id"},
          {"client_secret", "s&cret"},
          {"refresh_token", "1//r"}};
}
Json federation_file() {
  return {{"type", "external_account"},
          {"audience", "//iam.googleapis.com/projects/1/x"},
          {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
          {"token_url", "https://sts.googleapis.com/v1/token"},
          {"credential_source", {{"file", "/var/run/token"}}}};
}
std::string impersonation_url() {
  return std::string("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/") +
         kAccount + ":generateAccessToken";
}

class CredentialsFileTest : public testing::Test {
 protected:
  Result<Credentials> read(const Json& file) {
    return read_credentials(http_, file.dump(), [this](const std::string& path) {
      const auto found = files_.find(path);
      return found == files_.end() ? std::nullopt : std::optional(found->second);
    });
  }
  Result<AccessToken> token(const Json& file) {
    const auto made = read(file);
    if (!made) return tl::unexpected<Error>(made.error());
    return made->access({"scope-a", "scope-b"})();
  }
  http::SentRequest sent(std::size_t nth) { return http_.requests().at(nth); }
  std::string refusal(const Json& file) {
    const auto made = read(file);
    return made ? "accepted" : to_string(made.error());
  }

  std::map<std::string, std::string> files_ = {{"/var/run/token", "subject.jwt.text\n"}};
  std::map<std::string, http::Response> answers_ = {
      {"https://oauth2.googleapis.com/token",
       http::answer(200, R"({"access_token":"user-token","expires_in":3599})")},
      {"https://sts.googleapis.com/v1/token",
       http::answer(200, R"({"access_token":"federated","expires_in":3600})")},
      {impersonation_url(),
       http::answer(200, R"({"accessToken":"robot-token","expireTime":"2096-10-02T07:06:40Z"})")}};
  http::FakeClient http_{[this](const http::SentRequest& request) -> Result<http::Response> {
    const auto found = answers_.find(request.url);
    return found == answers_.end() ? http::answer(404) : found->second;
  }};
};

TEST_F(CredentialsFileTest, AGcloudUsersTokenIsRefreshed) {
  const auto got = token(user_file());
  ASSERT_TRUE(got) << to_string(got.error());
  EXPECT_EQ(got->text, "user-token");
  EXPECT_EQ(got->lifetime, std::chrono::seconds(3599));
  EXPECT_EQ(sent(0).body,
            "grant_type=refresh_token&client_id=id&client_secret=s%26cret&refresh_token=1%2F%2Fr");
}

TEST_F(CredentialsFileTest, ARevokedUserIsToldToLogInAgain) {
  answers_["https://oauth2.googleapis.com/token"] = http::answer(
      400, R"({"error":"invalid_grant","error_description":"Token has been revoked."})");
  const auto got = token(user_file());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::denied);
  EXPECT_THAT(to_string(got.error()), AllOf(HasSubstr("gcloud auth application-default login"),
                                            HasSubstr("revoked"), Not(HasSubstr("s&cret"))));
}

TEST_F(CredentialsFileTest, AUserHasNoIdentityTokens) {
  const auto identity = read(user_file())->identity("https://x");
  ASSERT_FALSE(identity);
  EXPECT_THAT(to_string(identity.error()), HasSubstr("--impersonate-service-account"));
}

TEST_F(CredentialsFileTest, AFilesTokenIsExchangedWithoutAuthorization) {
  const auto got = token(federation_file());
  ASSERT_TRUE(got) << to_string(got.error());
  EXPECT_EQ(got->text, "federated");
  const http::SentRequest request = sent(0);
  EXPECT_EQ(request.body,
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
            "&audience=%2F%2Fiam.googleapis.com%2Fprojects%2F1%2Fx&scope=scope-a%20scope-b"
            "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
            "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
            "&subject_token=subject.jwt.text");
  for (const std::string& header : request.headers) {
    EXPECT_THAT(header, Not(StartsWith("Authorization")));
  }
}

TEST_F(CredentialsFileTest, AFilesTokenIsReadAnewEachTime) {
  const auto fetch = read(federation_file())->access({});
  ASSERT_TRUE(fetch());
  files_["/var/run/token"] = "rotated";
  ASSERT_TRUE(fetch());
  EXPECT_THAT(sent(1).body, HasSubstr("subject_token=rotated"));
  files_.clear();
  const auto gone = fetch();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(to_string(gone.error()), HasSubstr("/var/run/token"));
}

TEST_F(CredentialsFileTest, AUrlsTokenIsReadOutOfItsJson) {
  auto file = federation_file();
  file["credential_source"] = {
      {"url", "http://127.0.0.1:9/token"},
      {"headers", {{"Metadata", "True"}}},
      {"format", {{"type", "json"}, {"subject_token_field_name", "access_token"}}}};
  answers_["http://127.0.0.1:9/token"] = http::answer(200, R"({"access_token":"from-url"})");
  ASSERT_TRUE(token(file));
  EXPECT_EQ(sent(0).method, http::Method::get);
  EXPECT_TRUE(sent(0).has_header("Metadata: True"));
  EXPECT_THAT(sent(1).body, HasSubstr("subject_token=from-url"));
  answers_["http://127.0.0.1:9/token"] = http::answer(200, "from-url");
  EXPECT_FALSE(token(file)) << "it is no JSON";
  file["credential_source"].erase("format");
  EXPECT_TRUE(token(file));
}

TEST_F(CredentialsFileTest, AFederatedIdentityActsAsAServiceAccount) {
  auto file = federation_file();
  file["service_account_impersonation_url"] = impersonation_url();
  const auto got = token(file);
  ASSERT_TRUE(got) << to_string(got.error());
  EXPECT_EQ(got->text, "robot-token");
  EXPECT_THAT(sent(0).body,
              HasSubstr("scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-plat"));
  EXPECT_TRUE(sent(1).has_header("Authorization: Bearer federated"));
  EXPECT_EQ(Json::parse(sent(1).body)["scope"], (Json{"scope-a", "scope-b"}));
  EXPECT_THAT(read(file)->who, HasSubstr(kAccount));
}

TEST_F(CredentialsFileTest, AnImpersonatedAccountHasAccessAndIdentityTokens) {
  const Json file = {{"type", "impersonated_service_account"},
                     {"service_account_impersonation_url", impersonation_url()},
                     {"delegates", {"projects/-/serviceAccounts/d@p.iam.gserviceaccount.com"}},
                     {"source_credentials", user_file()},
                     {"quota_project_id", "billed"}};
  const auto got = token(file);
  ASSERT_TRUE(got) << to_string(got.error());
  EXPECT_EQ(got->text, "robot-token");
  EXPECT_TRUE(sent(1).has_header("Authorization: Bearer user-token"));
  EXPECT_EQ(Json::parse(sent(1).body)["delegates"].size(), 1u);
  EXPECT_EQ(read(file)->quota_project, "billed");

  std::string url = impersonation_url();
  url.replace(url.rfind(':'), std::string::npos, ":generateIdToken");
  answers_[url] = http::answer(200, Json{{"token", id_token()}}.dump());
  const auto identity = (*read(file)->identity("https://m.example.com"))();
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_EQ(identity->text, id_token());
  const Json body = Json::parse(http_.requests().back().body);
  EXPECT_EQ(body["audience"], "https://m.example.com");
  EXPECT_EQ(body["includeEmail"], true);
}

TEST_F(CredentialsFileTest, ARefusedImpersonationNamesTheRole) {
  auto file = federation_file();
  file["service_account_impersonation_url"] = impersonation_url();
  answers_[impersonation_url()] = http::answer(403, R"({"error":{"code":403,"message":"no"}})");
  const auto got = token(file);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::denied);
  EXPECT_THAT(to_string(got.error()),
              AllOf(HasSubstr("roles/iam.serviceAccountTokenCreator"), HasSubstr(kAccount)));
}

TEST_F(CredentialsFileTest, AServiceAccountsKeyBuysIdentityTokens) {
  const Json file = {{"type", "service_account"},
                     {"client_email", kAccount},
                     {"private_key", test_key().private_pem()},
                     {"token_uri", "https://oauth2.googleapis.com/token"}};
  answers_["https://oauth2.googleapis.com/token"] =
      http::answer(200, Json{{"id_token", id_token()}}.dump());
  const auto identity = (*read(file)->identity("https://m.example.com"))();
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_EQ(identity->text, id_token());
  answers_["https://oauth2.googleapis.com/token"] = http::answer(200, R"({"id_token":"a\nb"})");
  EXPECT_FALSE((*read(file)->identity("https://m.example.com"))());
}

TEST_F(CredentialsFileTest, WhatIsNotSupportedIsSaid) {
  auto file = federation_file();
  file["credential_source"] = {{"environment_id", "aws1"}};
  EXPECT_THAT(refusal(file), AllOf(HasSubstr("AWS"), HasSubstr("--credential-source-file")));
  file["credential_source"] = {{"executable", {{"command", "x"}}}};
  EXPECT_THAT(refusal(file), HasSubstr("an executable"));
  file["credential_source"] = Json::object();
  EXPECT_THAT(refusal(file), HasSubstr("type external_account"));
  EXPECT_THAT(refusal({{"type", "gdch_service_account"}}),
              AllOf(HasSubstr("gdch_service_account"), HasSubstr("authorized_user")));
}

TEST_F(CredentialsFileTest, AMissingMemberIsNamed) {
  for (const char* member : {"audience", "subject_token_type", "token_url", "credential_source"}) {
    auto file = federation_file();
    file.erase(member);
    EXPECT_THAT(refusal(file), HasSubstr(std::string(member) + " is missing"));
  }
  for (const char* member : {"client_id", "client_secret", "refresh_token"}) {
    auto file = user_file();
    file.erase(member);
    EXPECT_THAT(refusal(file), HasSubstr(std::string(member) + " is missing"));
  }
  EXPECT_THAT(refusal({{"type", "impersonated_service_account"}}), HasSubstr("is missing"));
}

}  // namespace
}  // namespace walpulse::auth
