#include "monitor/export/monitoring_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/monitor/fake_http.h"
#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using testing::HasSubstr;

class MonitoringSetupTest : public testing::Test {
 protected:
  MonitoringSetupTest() {
    options_.project = "demo-project";
    options_.monitoring_endpoint = "http://monitoring";
  }
  Result<CloudMonitoring> make(FakeHttp& http) {
    return make_cloud_monitoring(
        http, options_, [](const char*) -> const char* { return nullptr; }, ledger_);
  }
  ServeOptions options_;
  FakeLedger ledger_;
};

TEST_F(MonitoringSetupTest, AsksASlowMetadataServerAgain) {
  int calls = 0;
  FakeHttp http([&](const SentRequest&, std::stop_token) -> Result<http::Response> {
    if (++calls < 4) return fail(ErrorKind::timed_out, "slow");
    return http::Response{200, "projects/1/regions/europe-west1", {{"metadata-flavor", "Google"}}};
  });
  EXPECT_TRUE(make(http));
  EXPECT_EQ(calls, 4);
}

TEST_F(MonitoringSetupTest, DoesNotGuessTheLocation) {
  FakeHttp http([](const SentRequest&, std::stop_token) -> Result<http::Response> {
    return fail(ErrorKind::timed_out, "slow");
  });
  const auto made = make(http);
  ASSERT_FALSE(made);
  EXPECT_THAT(to_string(made.error()), HasSubstr("--location"));
}

TEST_F(MonitoringSetupTest, WithoutAMetadataServerTheLocationIsGlobal) {
  int calls = 0;
  FakeHttp http([&](const SentRequest&, std::stop_token) -> Result<http::Response> {
    ++calls;
    return fail(ErrorKind::unavailable, "no such host");
  });
  EXPECT_TRUE(make(http));
  EXPECT_EQ(calls, 1);
}

TEST_F(MonitoringSetupTest, AnotherInstanceContinuesWhatTheLedgerRemembers) {
  FakeHttp europe([](const SentRequest&, std::stop_token) -> Result<http::Response> {
    return http::Response{200, "projects/1/regions/europe-west1", {{"metadata-flavor", "Google"}}};
  });
  EXPECT_TRUE(make(europe));
  EXPECT_EQ(ledger_.names["monitoring location"], "europe-west1");
  FakeHttp elsewhere([](const SentRequest&, std::stop_token) -> Result<http::Response> {
    return fail(ErrorKind::unavailable, "no such host");
  });
  options_.project.clear();
  EXPECT_TRUE(make(elsewhere));
  EXPECT_TRUE(elsewhere.sent().empty());
  EXPECT_EQ(ledger_.names["monitoring location"], "europe-west1");
  EXPECT_EQ(ledger_.names["monitoring project"], "demo-project");
}

TEST_F(MonitoringSetupTest, WhatIsGivenReplacesWhatIsRemembered) {
  ledger_.names["monitoring location"] = "europe-west1";
  options_.location = "us-east1";
  FakeHttp http([](const SentRequest&, std::stop_token) -> Result<http::Response> {
    return fail(ErrorKind::unavailable, "no such host");
  });
  EXPECT_TRUE(make(http));
  EXPECT_EQ(ledger_.names["monitoring location"], "us-east1");
}

}  // namespace
}  // namespace walpulse::monitor
