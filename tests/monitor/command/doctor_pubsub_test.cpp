#include "monitor/command/doctor_pubsub.h"
#include "publisher/doctor/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/monitor/fake_http.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kSubscription = "projects/demo-project/subscriptions/walpulse-monitor";
constexpr const char* kAccount = "push@demo-project.iam.gserviceaccount.com";
constexpr const char* kAudience = "https://walpulse.example.com/push";

/// As Terraform makes it.
pubsub::SubscriptionSettings good() {
  pubsub::SubscriptionSettings settings;
  settings.topic = "projects/demo-project/topics/runs";
  return settings;
}

pubsub::SubscriptionSettings good_push() {
  pubsub::SubscriptionSettings settings = good();
  settings.push_endpoint = "https://walpulse.example.com/push";
  settings.push_account = kAccount;
  settings.push_audience = kAudience;
  return settings;
}

ServeOptions verifying() {
  ServeOptions options;
  options.push_auth = PushAuth::verify;
  options.push_audience = kAudience;
  options.push_service_account = kAccount;
  options.push_subscription = kSubscription;
  return options;
}

struct Fault {
  const char* what;
  std::function<void(pubsub::SubscriptionSettings&)> make;
  const char* level;   ///< As printed.
  const char* remedy;  ///< Part of it.
};

TEST(DoctorPubsub, IsContentWithTheSubscriptionThatTerraformMakes) {
  EXPECT_THAT(doctor::text(check_subscription(kSubscription, good())),
              HasSubstr("0 failed, 0 warnings"));
  EXPECT_EQ(check_pulled(kSubscription, good()).level, Check::Level::ok);
  EXPECT_THAT(doctor::text(check_pushing(verifying(), good_push())),
              HasSubstr("0 failed, 0 warnings"));
}

TEST(DoctorPubsub, NamesEachSettingThatLosesOrHoldsUpMessages) {
  const Fault faults[] = {
      {"dead letters", [](auto& s) { s.dead_letter_topic = "projects/p/topics/d"; }, "FAIL",
       "gcloud pubsub subscriptions update walpulse-monitor --project demo-project "
       "--clear-dead-letter-policy"},
      {"ordered", [](auto& s) { s.ordered = true; }, "warn",
       "create walpulse-monitor-2 --project demo-project --topic "
       "projects/demo-project/topics/runs"},
      {"expiry", [](auto& s) { s.expires_after = "2678400s"; }, "warn",
       "--expiration-period=never"},
      {"filter", [](auto& s) { s.filter = "attributes.op = \"c\""; }, "warn",
       "create walpulse-monitor-2"},
      {"detached", [](auto& s) { s.detached = true; }, "FAIL", "create walpulse-monitor-2"},
      {"no topic", [](auto& s) { s.topic = "_deleted-topic_"; }, "FAIL", "--topic TOPIC"},
      {"archive", [](auto& s) { s.archives = true; }, "FAIL", "create walpulse-monitor-2"},
  };
  for (const Fault& fault : faults) {
    auto settings = good();
    fault.make(settings);
    EXPECT_THAT(doctor::text(check_subscription(kSubscription, settings)),
                AllOf(HasSubstr(fault.level), HasSubstr(fault.remedy)))
        << fault.what;
  }
}

TEST(DoctorPubsub, AFilterThatChoosesASourceIsWanted) {
  auto settings = good();
  settings.filter = "attributes.ce-source = \"walpulse://mage\"";
  EXPECT_THAT(doctor::text(check_subscription(kSubscription, settings)), HasSubstr("0 warnings"));
}

TEST(DoctorPubsub, SaysWhereAMessageMayBeLaterThanTheLedgerWaits) {
  pubsub::SubscriptionSettings settings = good();
  settings.ack_deadline = 60s;
  EXPECT_TRUE(check_lateness(kSubscription, settings, 3min).empty());
  settings.backoff_max = 60s;
  EXPECT_TRUE(check_lateness(kSubscription, settings, 3min).empty());
  settings.backoff_max = 600s;
  const auto text = doctor::text(check_lateness(kSubscription, settings, 3min));
  EXPECT_THAT(text, HasSubstr("--settle waits 180 s"));
  EXPECT_THAT(
      text, HasSubstr("--max-retry-delay=60s\n      or: walpulse-monitor doctor --settle 720s\n"));
}

TEST(DoctorPubsub, WhatPushesCannotBePulled) {
  const Check check = check_pulled(kSubscription, good_push());
  EXPECT_EQ(check.level, Check::Level::fail);
  EXPECT_THAT(check.remedy, HasSubstr("modify-push-config walpulse-monitor --project "
                                      "demo-project --push-endpoint="));
}

TEST(DoctorPubsub, NamesEachWayInWhichPushesWouldBeRefused) {
  const Fault faults[] = {
      {"pulled", [](auto& s) { s.push_endpoint = ""; }, "FAIL", "--subscription projects/"},
      {"no token", [](auto& s) { s.push_account = ""; }, "FAIL",
       "--push-auth-service-account=push@"},
      {"another account", [](auto& s) { s.push_account = "other@x"; }, "FAIL",
       "--push-service-account other@x"},
      {"another audience", [](auto& s) { s.push_audience = "https://other"; }, "FAIL",
       "--push-auth-token-audience=https://walpulse.example.com/push"},
      {"no audience, another endpoint",
       [](auto& s) {
         s.push_audience = "";
         s.push_endpoint = "https://other.example.com/push";
       },
       "FAIL", "--push-audience https://other.example.com/push"},
      {"another path", [](auto& s) { s.push_endpoint = "https://walpulse.example.com/hook?a=b"; },
       "FAIL", "--push-endpoint=https://walpulse.example.com/push"},
      {"unwrapped", [](auto& s) { s.push_unwrapped = true; }, "FAIL",
       "--clear-push-no-wrapper-config"},
  };
  for (const Fault& fault : faults) {
    auto settings = good_push();
    fault.make(settings);
    EXPECT_THAT(doctor::text(check_pushing(verifying(), settings)),
                AllOf(HasSubstr(fault.level), HasSubstr(fault.remedy)))
        << fault.what;
  }
}

TEST(DoctorPubsub, AMonitorThatRefusesPushesIsNotPushedTo) {
  ServeOptions options = verifying();
  options.push_auth = PushAuth::refuse;
  EXPECT_THAT(doctor::text(check_pushing(options, good_push())), HasSubstr("1 failed"));
}

TEST(DoctorPubsub, BehindCloudRunTheAudienceMayBeLeftToIt) {
  ServeOptions options = verifying();
  options.push_auth = PushAuth::platform;
  options.push_audience = "";
  EXPECT_THAT(doctor::text(check_pushing(options, good_push())), HasSubstr("0 failed"));
}

TEST(DoctorPubsub, SettingsThatTheAccountMayNotReadAreAWarning) {
  FakeHttp http([](const SentRequest& sent, std::stop_token) -> Result<http::Response> {
    if (sent.url.ends_with(":testIamPermissions"))
      return http::Response{200, R"({"permissions":["pubsub.subscriptions.consume"]})", {}};
    return http::Response{403, R"({"error":{"status":"PERMISSION_DENIED"}})", {}};
  });
  const auto tokens = auth::make_anonymous_token_source();
  pubsub::Client pubsub(http, *tokens, "http://pubsub");
  ServeOptions options;
  options.subscription = kSubscription;
  std::vector<Check> checks;
  check_pubsub(pubsub, options, checks);
  EXPECT_THAT(doctor::text(checks), AllOf(HasSubstr("ok    pull"), HasSubstr("roles/pubsub.viewer"),
                                          HasSubstr("0 failed, 1 warning,")));
}

}  // namespace
}  // namespace walpulse::monitor
