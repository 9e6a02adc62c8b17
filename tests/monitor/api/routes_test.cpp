#include "monitor/api/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "publisher/pubsub/client.h"
#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const telemetry::Descriptor kActive{"pipeline_run/active",
                                    "Active",
                                    "Active.",
                                    "1",
                                    telemetry::Descriptor::Kind::gauge,
                                    telemetry::Descriptor::ValueType::int64,
                                    {"pipeline", "status"}};
class RoutesTest : public testing::Test {
 protected:
  http::ServerResponse ask(const char* method, const char* path, std::string body = "") {
    auto answered = std::make_shared<std::promise<http::ServerResponse>>();
    auto response = answered->get_future();
    const http::ServerRequest request{method, path, "", "", body};
    route(push_, board_, api_, request,
          [answered](http::ServerResponse given) { answered->set_value(std::move(given)); });
    return response.get();
  }
  http::ServerResponse get(const char* path) { return ask("GET", path); }
  StatusProbes probes() {
    return {[this] {
              return Health{{not_ready_, std::string()}, {warning_}};
            },
            [] { return std::size_t{5}; },
            [] { return Timestamp(std::chrono::seconds(1'763'676'000)); }};
  }

  std::string not_ready_;
  std::string warning_;
  FakeLedger ledger_;
  ProcessMetrics process_{Timestamp(std::chrono::seconds(1'763'675'990))};
  Intake intake_{ledger_, {}, [] { return Timestamp(); }, [](const SourceAlert&) {}};
  PushIntake push_{intake_, process_};
  StatusHandler board_{ledger_, process_, probes(), "memory"};
  rules::RuleBook book_;
  api::ApiHandler api_{
      ledger_, book_, {[] { return api::MonitorFacts{}; }, [] { return Timestamp{}; }}, {}};
};

TEST_F(RoutesTest, TakeMessagesAtBothPaths) {
  const std::string envelope =
      pubsub::push_envelope("x", {}, "", "1", "projects/p/subscriptions/s");
  EXPECT_EQ(ask("POST", "/", envelope).status, 204);
  EXPECT_EQ(ask("POST", "/push", envelope).status, 204);
  EXPECT_EQ(ask("POST", "/push", "garbage").status, 400);
}

TEST_F(RoutesTest, RefuseOtherPathsAndMethods) {
  EXPECT_EQ(get("/nowhere").status, 404);
  EXPECT_EQ(ask("POST", "/nowhere").status, 404);
  EXPECT_EQ(get("").status, 404);
  EXPECT_EQ(get("/push").status, 405);
  EXPECT_EQ(ask("PUT", "/").status, 405);
  EXPECT_EQ(ask("POST", "/metrics").status, 405);
  EXPECT_EQ(ask("DELETE", "/liveness").status, 405);
}

TEST_F(RoutesTest, LeadTheApisPathsToTheApi) {
  EXPECT_EQ(get("/openapi.json").content_type, "application/json");
  EXPECT_THAT(get("/openapi.json").body, HasSubstr("\"openapi\": \"3.1.0\""));
  EXPECT_EQ(get("/api/v1/nowhere").content_type, "application/problem+json");
  EXPECT_EQ(ask("POST", "/api/v1/runs").status, 405);
}

TEST_F(RoutesTest, LeadFromWherePeopleLookElsewhere) {
  const auto answer = get("/healthz");
  EXPECT_EQ(answer.status, 308);
  EXPECT_THAT(answer.headers, testing::ElementsAre(testing::Pair("Location", "/health")));
}

TEST_F(RoutesTest, AreAliveWhateverHappens) {
  ledger_.trouble("disk full");
  EXPECT_EQ(get("/liveness").status, 200);
}

TEST_F(RoutesTest, AreReadyOnlyWhileTheLedgerAnswers) {
  ledger_.trouble("disk full");
  const auto response = get("/readiness");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("disk full"));
}

TEST_F(RoutesTest, SayWhyTheyAreNotReady) {
  not_ready_ = "pulling fails";
  EXPECT_EQ(get("/readiness").status, 503);
  EXPECT_EQ(get("/readiness").body, "pulling fails\n");
  EXPECT_THAT(get("/health").body,
              AllOf(HasSubstr("\"status\": \"not ready\""), HasSubstr("\"pulling fails\"")));
}

TEST_F(RoutesTest, StayReadyWhileExportsFail) {
  warning_ = "export fails";
  EXPECT_EQ(get("/readiness").status, 200);
  EXPECT_THAT(get("/health").body,
              AllOf(HasSubstr("\"status\": \"ready\""), HasSubstr("\"export fails\""),
                    HasSubstr("\"ledger\": \"memory\""), HasSubstr("\"uptime_s\": 10")));
}

TEST_F(RoutesTest, ServeLedgerAndProcessMetrics) {
  ledger_.next_snapshot.metrics = {
      {&kActive, {{{{"pipeline", "daily"}, {"status", "RUNNING"}}, "mage", {}, std::int64_t{3}}}}};
  const auto response = get("/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body,
              AllOf(HasSubstr("walpulse_pipeline_run_active{source=\"mage\",pipeline=\"daily\","
                              "status=\"RUNNING\"} 3\n"),
                    HasSubstr("walpulse_monitor_queue_bytes 5\n"),
                    HasSubstr("walpulse_monitor_leader 1\n")));
}

TEST_F(RoutesTest, ShowTheLedgersSeriesOnTheLeaderAlone) {
  ledger_.next_leadership = {false, "host/7"};
  ledger_.next_snapshot.metrics = {
      {&kActive, {{{{"pipeline", "daily"}, {"status", "RUNNING"}}, "mage", {}, std::int64_t{3}}}}};
  EXPECT_THAT(get("/metrics").body,
              AllOf(Not(HasSubstr("pipeline_run")), HasSubstr("walpulse_monitor_leader 0\n")));
  EXPECT_THAT(get("/health").body,
              AllOf(HasSubstr("\"leads\": false"), HasSubstr("\"leader\": \"host/7\"")));
}

TEST_F(RoutesTest, ReadTheLedgerOnceForManyScrapes) {
  for (int i = 0; i < 20; ++i) get("/metrics");
  EXPECT_LT(ledger_.snapshot_count(), 20);
}

TEST_F(RoutesTest, GiveThePageToEveryView) {
  for (const char* path :
       {"/", "/pipelines", "/pipelines/mage:daily_sales", "/runs/mage:812", "/pipe", "/docs"}) {
    EXPECT_EQ(get(path).content_type, "text/html; charset=utf-8") << path;
    EXPECT_EQ(ask("HEAD", path).status, 200) << path;
    EXPECT_EQ(ask("PUT", path).status, 405) << path;
  }
  EXPECT_EQ(get("/assets/app.js").status, 404) << "without its digest";
}

TEST_F(RoutesTest, GiveThePageThoughTheLedgerIsAway) {
  ledger_.trouble("disk full");
  EXPECT_EQ(get("/").status, 200);
}

}  // namespace
}  // namespace walpulse::monitor
