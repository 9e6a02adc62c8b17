#include "connector/capture/heartbeat_sender.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

const Timestamp kNow{std::chrono::hours{24 * 365 * 55}};

ConnectorStatus caught_up() {
  ConnectorStatus status;
  status.instance = {"mage", "public.pipeline_run", 7, "host-1", kNow - 1h};
  status.stream.state = StreamStatus::State::streaming;
  status.stream.received = status.stream.confirmed = status.stream.server_end = Lsn{1'000};
  status.stream.confirmed_at = kNow - 3s;
  return status;
}

TEST(Heartbeat, ACaughtUpStreamHasNoLag) {
  const auto beat = heartbeat_of(caught_up(), kNow);
  EXPECT_EQ(beat.state, schema::Heartbeat::State::streaming);
  EXPECT_EQ(beat.lag_bytes, 0u);
  EXPECT_EQ(beat.lag_seconds, 0);
  EXPECT_EQ(beat.confirmed_at, kNow - 3s);
}

TEST(Heartbeat, LagIsCountedFromTheConfirmedPositionAndItsTime) {
  auto status = caught_up();
  status.slot.server_end = Lsn{2'000};
  const auto beat = heartbeat_of(status, kNow);
  EXPECT_EQ(beat.server, Lsn{2'000});
  EXPECT_EQ(beat.lag_bytes, 1'000u);
  EXPECT_DOUBLE_EQ(beat.lag_seconds, 3.0);
}

TEST(Heartbeat, FarBehindIsCatchingUp) {
  auto status = caught_up();
  status.slot.server_end = Lsn{1'000 + (17u << 20)};
  EXPECT_EQ(heartbeat_of(status, kNow).state, schema::Heartbeat::State::catching_up);
}

TEST(Heartbeat, S24AWalsenderThatAnswersWithoutGettingOnIsCatchingUp) {
  auto status = caught_up();
  status.stream.silent = true;
  EXPECT_EQ(heartbeat_of(status, kNow).state, schema::Heartbeat::State::catching_up);
}

TEST(Heartbeat, SaysThatTheStreamIsParkedOrStopping) {
  auto status = caught_up();
  status.slot.server_end = Lsn{1'000 + (17u << 20)};
  status.stream.state = StreamStatus::State::parked;
  EXPECT_EQ(heartbeat_of(status, kNow).state, schema::Heartbeat::State::parked);
  status.stream.state = StreamStatus::State::stopping;
  EXPECT_EQ(heartbeat_of(status, kNow).state, schema::Heartbeat::State::stopping);
}

TEST(Heartbeat, AnUnknownTimeStaysUnknownAndItsLagNoOlderThanTheProcess) {
  auto status = caught_up();
  status.stream.confirmed_at = Timestamp{};
  status.slot.server_end = Lsn{2'000};
  const auto beat = heartbeat_of(status, kNow);
  EXPECT_EQ(beat.confirmed_at, Timestamp{}) << "a restart makes nothing current";
  EXPECT_DOUBLE_EQ(beat.lag_seconds, 3'600.0);
}

TEST(Heartbeat, SaysWhichHistoryItBelongsToAndHowFarTheStayWent) {
  auto status = caught_up();
  status.instance.system_identifier = 77;
  status.instance.database = "mage-db";
  status.instance.publication = "walpulse";
  status.instance.follows = {5, 6};
  status.stream.held_from = Lsn{900};
  status.stream.published = Lsn{990};
  status.stream.session = 3;
  const auto beat = heartbeat_of(status, kNow);
  EXPECT_EQ(beat.system_identifier, 77u);
  EXPECT_EQ(beat.database, "mage-db");
  EXPECT_EQ(beat.publication, "walpulse");
  EXPECT_EQ(beat.follows, (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(beat.held_from, Lsn{900});
  EXPECT_EQ(beat.published, Lsn{990});
  EXPECT_EQ(beat.session, 3u);
}

TEST(HeartbeatSender, IsDueAtOnceThenEveryIntervalAndSoonerWhereRefused) {
  HeartbeatSender sender(10s);
  const Clock::time_point start{1h};
  EXPECT_LE(sender.next_due(), start);
  sender.sent(start);
  EXPECT_EQ(sender.next_due(), start + 10s);
  sender.refused(start + 10s);
  EXPECT_EQ(sender.next_due(), start + 11s);
}

}  // namespace
}  // namespace walpulse::connector
