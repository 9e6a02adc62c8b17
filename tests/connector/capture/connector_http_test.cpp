#include "connector/capture/connector_http.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kNow{1h};

http::ServerResponse get(std::string_view path, const ConnectorStatus& status) {
  return answer_probe("GET", path, status, kNow, Timestamp{std::chrono::hours{24 * 365 * 55}});
}

TEST(Probes, LivenessIgnoresTheStream) { EXPECT_EQ(get("/liveness", {}).status, 200); }

TEST(Probes, ReadinessIs503WithTheReason) {
  ConnectorStatus status;
  status.stream.state = StreamStatus::State::connecting;
  status.stream.problem = "connection refused";
  EXPECT_EQ(get("/readiness", status).status, 503);
  EXPECT_EQ(get("/readiness", status).body, "connecting: connection refused\n");
  status.stream.state = StreamStatus::State::standby;
  EXPECT_EQ(get("/readiness", status).status, 200);
}

TEST(Probes, MetricsAreThoseOfTheHeartbeat) {
  ConnectorStatus status;
  status.instance.name = "mage";
  status.publisher.pending_bytes = 4'711;
  const auto answer = get("/metrics", status);
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("walpulse_connector_in_flight_bytes"), std::string::npos);
  EXPECT_NE(answer.body.find(" 4711"), std::string::npos) << answer.body;
}

TEST(Probes, MetricsCountTheLabelsThatCannotBeRead) {
  ConnectorStatus status;
  status.instance.name = "mage";
  status.stream.label_fault_count = 4'712;
  const auto body = get("/metrics", status).body;
  EXPECT_NE(body.find("walpulse_connector_unreadable_label_count"), std::string::npos) << body;
  EXPECT_NE(body.find(" 4712"), std::string::npos) << body;
}

TEST(Probes, MetricsCountTheValuesThatStayHomeForTheirTypesAreGone) {
  ConnectorStatus status;
  status.instance.name = "mage";
  status.stream.withheld_count = 4'713;
  const auto body = get("/metrics", status).body;
  EXPECT_NE(body.find("walpulse_connector_withheld_value_count"), std::string::npos) << body;
  EXPECT_NE(body.find(" 4713"), std::string::npos) << body;
}

TEST(Probes, MetricsClaimNoStateAndNoLagWithoutAStream) {
  using State = StreamStatus::State;
  ConnectorStatus status;
  for (const auto& [state, streams] :
       {std::pair{State::starting, false}, std::pair{State::connecting, false},
        std::pair{State::standby, false}, std::pair{State::streaming, true},
        std::pair{State::parked, true}, std::pair{State::stopping, true}}) {
    status.stream.state = state;
    const auto body = get("/metrics", status).body;
    for (const char* name : {"walpulse_connector_state", "walpulse_connector_lag_"}) {
      EXPECT_EQ(body.find(name) != std::string::npos, streams) << name << to_string(state);
    }
    EXPECT_NE(body.find("walpulse_connector_in_flight_bytes"), std::string::npos);
  }
}

TEST(Probes, RefusesOtherPathsAndMethods) {
  EXPECT_EQ(get("/", {}).status, 404);
  EXPECT_EQ(answer_probe("POST", "/readiness", {}, kNow, {}).status, 405);
}

}  // namespace
}  // namespace walpulse::connector
