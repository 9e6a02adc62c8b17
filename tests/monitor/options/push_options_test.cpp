#include "monitor/options/push_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace walpulse::monitor {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class PushOptionsTest : public testing::Test {
 protected:
  /// The settled options and what stands against them.
  std::pair<ServeOptions, std::string> settle(ServeOptions options) {
    const Environment environment = [this](const char* name) -> const char* {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
    settle_push(options, environment);
    std::string problems;
    for (const auto& problem : check_push(options, environment)) {
      problems += "--" + problem.key + ": " + problem.message + "; " + problem.remedy + "\n";
    }
    return {options, problems};
  }
  static ServeOptions checked(PushAuth auth) {
    ServeOptions options;
    options.push_auth = auth;
    options.push_audience = "https://walpulse.example.com/push";
    options.push_service_account = "push@p.iam.gserviceaccount.com";
    return options;
  }

  std::map<std::string, std::string> environment_;
};

TEST_F(PushOptionsTest, AreLoopbackAloneWhereNothingIsSaid) {
  const auto [options, problems] = settle({});
  EXPECT_EQ(options.push_auth, PushAuth::none);
  EXPECT_EQ(options.http_address, "127.0.0.1");
  EXPECT_THAT(problems, IsEmpty());
}

TEST_F(PushOptionsTest, RefuseAnOpenAddressUntilItIsSaidWhoMayPush) {
  for (const char* address : {"0.0.0.0", "10.0.0.5", "::"}) {
    ServeOptions options;
    options.http_address = address;
    EXPECT_THAT(settle(options).second,
                AllOf(HasSubstr("--http-address: "), HasSubstr("--push-auth verify"),
                      HasSubstr("--push-auth refuse"), HasSubstr("--allow-unauthenticated")));
    options.allow_unauthenticated = true;
    EXPECT_THAT(settle(options).second, IsEmpty());
  }
  for (const char* address : {"127.0.0.1", "127.8.8.8", "::1"}) {
    ServeOptions options;
    options.http_address = address;
    EXPECT_THAT(settle(options).second, IsEmpty()) << address;
  }
}

TEST_F(PushOptionsTest, ListenOnEveryAddressWherePushesAreCheckedOrRefused) {
  EXPECT_EQ(settle(checked(PushAuth::verify)).first.http_address, "0.0.0.0");
  ServeOptions options;
  options.push_auth = PushAuth::refuse;
  EXPECT_EQ(settle(options).first.http_address, "0.0.0.0");
}

TEST_F(PushOptionsTest, TrustThePlatformOnCloudRunAlone) {
  EXPECT_THAT(settle(checked(PushAuth::platform)).second, HasSubstr("K_SERVICE"));
  environment_ = {{"K_SERVICE", "monitor"}};
  EXPECT_THAT(settle(checked(PushAuth::platform)).second, IsEmpty());
  const auto [options, problems] = settle({});
  EXPECT_EQ(options.push_auth, PushAuth::platform);
  EXPECT_EQ(options.http_address, "0.0.0.0");
  EXPECT_THAT(problems, HasSubstr("--push-service-account"));
}

TEST_F(PushOptionsTest, TakeNoPushesOnCloudRunWhereMessagesArePulled) {
  environment_ = {{"K_SERVICE", "monitor"}};
  ServeOptions pulls;
  pulls.subscription = "projects/p/subscriptions/s";
  EXPECT_EQ(settle(pulls).first.push_auth, PushAuth::refuse);
  environment_ = {{"CLOUD_RUN_WORKER_POOL", "monitor"}};
  const auto [options, problems] = settle(pulls);
  EXPECT_EQ(options.push_auth, PushAuth::refuse);
  EXPECT_EQ(options.http_address, "0.0.0.0");
  EXPECT_THAT(problems, IsEmpty());
}

TEST_F(PushOptionsTest, SayWhatVerifyNeeds) {
  ServeOptions options;
  options.push_auth = PushAuth::verify;
  EXPECT_THAT(settle(options).second,
              AllOf(HasSubstr("--push-audience"), HasSubstr("--push-service-account")));
  options = checked(PushAuth::verify);
  EXPECT_THAT(settle(options).second, IsEmpty());
  options.push_service_account = "walpulse-push";
  EXPECT_THAT(settle(options).second, HasSubstr("not an e-mail address"));
}

TEST_F(PushOptionsTest, RefuseAnAudienceThatNobodyCompares) {
  ServeOptions options;
  options.push_audience = "https://walpulse.example.com/push";
  EXPECT_THAT(settle(options).second,
              AllOf(HasSubstr("--push-audience: "), HasSubstr("--push-auth verify")));
}

TEST_F(PushOptionsTest, TakeKeysOverTlsOrFromThisMachine) {
  for (const char* url : {"https://www.googleapis.com/oauth2/v3/certs", "http://127.0.0.1:81/k",
                          "http://localhost:81/k", "http://[::1]:81"}) {
    auto options = checked(PushAuth::verify);
    options.push_keys_url = url;
    EXPECT_THAT(settle(options).second, IsEmpty()) << url;
  }
  for (const char* url : {"http://www.googleapis.com/oauth2/v3/certs", "keys.json", "file:///k",
                          "https://user@h/k", "http://127.0.0.1.example.com/k"}) {
    auto options = checked(PushAuth::verify);
    options.push_keys_url = url;
    EXPECT_THAT(settle(options).second, HasSubstr("--push-keys-url: ")) << url;
  }
}

}  // namespace
}  // namespace walpulse::monitor
