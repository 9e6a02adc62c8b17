#include "connector/capture/readiness.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using State = StreamStatus::State;

const Clock::time_point kNow{1h};

ConnectorStatus streaming() {
  ConnectorStatus status;
  status.stream.state = State::streaming;
  status.stream.progress_at = kNow - 5s;
  return status;
}

TEST(Readiness, AStreamWithProgressIsReady) { EXPECT_TRUE(readiness(streaming(), kNow).ready); }

TEST(Readiness, AStandbyIsReady) {
  ConnectorStatus status;
  status.stream.state = State::standby;
  EXPECT_TRUE(readiness(status, kNow).ready);
  EXPECT_EQ(readiness(status, kNow).reason, "standby");
}

TEST(Readiness, S24AServerThatNeitherSendsNorAnswersFor30SecondsIsStalled) {
  auto status = streaming();
  status.stream.progress_at = kNow - 30s;
  EXPECT_TRUE(readiness(status, kNow).ready);
  status.stream.progress_at = kNow - 31s;
  EXPECT_FALSE(readiness(status, kNow).ready);
  EXPECT_NE(readiness(status, kNow).reason.find("stalled"), std::string::npos);
}

TEST(Readiness, ASinkInTroubleForLongIsNotReadyAndSaysWhy) {
  auto status = streaming();
  status.publisher.trouble = "HTTP 403";
  status.publisher.trouble_since = kNow - 29s;
  EXPECT_TRUE(readiness(status, kNow).ready);
  status.publisher.trouble_since = kNow - 31s;
  EXPECT_FALSE(readiness(status, kNow).ready);
  EXPECT_NE(readiness(status, kNow).reason.find("HTTP 403"), std::string::npos);
}

TEST(Readiness, ASinkThatAnswersNothingForLongIsNotReadyThoughNoRequestFailed) {
  auto status = streaming();
  status.publisher.waiting_since = kNow - 30s;
  EXPECT_TRUE(readiness(status, kNow).ready);
  status.publisher.waiting_since = kNow - 31s;
  EXPECT_FALSE(readiness(status, kNow).ready);
  EXPECT_EQ(readiness(status, kNow).reason, "the sink takes nothing for 31 s");
}

TEST(Readiness, OneOrderingKeyInTroubleIsToldFromASinkThatTakesNothing) {
  auto status = streaming();
  status.publisher.trouble = "HTTP 409";
  status.publisher.trouble_since = kNow - 31s;
  status.publisher.waiting_since = kNow - 1s;
  EXPECT_FALSE(readiness(status, kNow).ready);
  EXPECT_EQ(readiness(status, kNow).reason, "the sink refuses an ordering key for 31 s: HTTP 409");
}

TEST(Readiness, AParkedStreamIsNotReadyAndSaysWhy) {
  ConnectorStatus status;
  status.stream.state = State::parked;
  status.stream.problem = "the sink took nothing for 30 s: HTTP 403";
  EXPECT_FALSE(readiness(status, kNow).ready);
  EXPECT_EQ(readiness(status, kNow).reason, "parked: the sink took nothing for 30 s: HTTP 403");
}

TEST(Readiness, S24AWalsenderThatAnswersButDoesNotGetOnIsCatchingUpAndReady) {
  auto status = streaming();
  status.stream.silent = true;
  EXPECT_TRUE(readiness(status, kNow).ready);
  EXPECT_EQ(readiness(status, kNow).reason, "catching_up");
}

TEST(Readiness, AStreamThatComesToAnEndIsNotReadyAndSaysWhy) {
  auto status = streaming();
  status.stream.problem = "the publication was dropped";
  EXPECT_FALSE(readiness(status, kNow).ready);
  EXPECT_EQ(readiness(status, kNow).reason, "the publication was dropped");
}

TEST(Readiness, WithoutAStreamItSaysWhy) {
  ConnectorStatus status;
  EXPECT_FALSE(readiness(status, kNow).ready);
  status.stream.state = State::connecting;
  status.stream.problem = "connection refused";
  EXPECT_EQ(readiness(status, kNow).reason, "connecting: connection refused");
  status.stream.state = State::stopping;
  EXPECT_FALSE(readiness(status, kNow).ready);
}

TEST(Health, ShowsPositionsAsPostgresPrintsThem) {
  auto status = streaming();
  status.stream.confirmed = Lsn{0x16'B374'D848};
  const auto json = health_json(status, kNow);
  EXPECT_NE(json.find("\"confirmed_lsn\":\"16/B374D848\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"ready\":true"), std::string::npos) << json;
}

}  // namespace
}  // namespace walpulse::connector
