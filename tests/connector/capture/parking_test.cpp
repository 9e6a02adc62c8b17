#include "connector/capture/parking.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/publisher/recording_sink.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using publisher::RecordingSink;

const Clock::time_point kNow{1h};

publisher::PublisherStatus troubled(Clock::duration waiting) {
  publisher::PublisherStatus sink;
  sink.trouble = "HTTP 403: grant roles/pubsub.publisher";
  sink.trouble_since = kNow - 2h;
  sink.waiting_since = kNow - waiting;
  return sink;
}

TEST(ParkReason, S12ASinkThatFailsAndTakesNothingForSoLong) {
  EXPECT_FALSE(park_reason(troubled(29s), kNow, 30s));
  const auto reason = park_reason(troubled(30s), kNow, 30s);
  ASSERT_TRUE(reason);
  EXPECT_EQ(*reason, "the sink took nothing for 30 s: HTTP 403: grant roles/pubsub.publisher");
}

TEST(ParkReason, S13OneOrderingKeyInTroubleBesideOthersThatFlowIsNone) {
  EXPECT_FALSE(park_reason(troubled(1s), kNow, 30s)) << "in trouble for two hours";
}

TEST(ParkReason, ASinkThatIsMerelySlowOrIdleIsNone) {
  auto slow = troubled(60s);
  slow.trouble.clear();
  EXPECT_FALSE(park_reason(slow, kNow, 30s));
  auto idle = troubled(60s);
  idle.waiting_since.reset();
  EXPECT_FALSE(park_reason(idle, kNow, 30s));
}

struct Parked : ::testing::Test {
  Parked() {
    board.update([](ConnectorStatus& status) {
      status.instance = {"mage", "public.pipeline_run", 7, "host-1", Timestamp{}};
      status.stream.state = StreamStatus::State::parked;
    });
  }
  Result<void> wait(RecordingSink& sink) {
    return wait_while_parked(sink, heartbeats, board, stop.get_token(),
                             Backoff({.initial = 1s, .multiplier = 2, .max = 15s}),
                             [this](std::chrono::milliseconds time) {
                               pauses.push_back(time);
                               if (on_pause) on_pause();
                             });
  }

  std::stop_source stop;
  SharedStatus board;
  HeartbeatSender heartbeats{10s};
  std::vector<std::chrono::milliseconds> pauses;
  std::function<void()> on_pause;
};

TEST_F(Parked, ProbesWithAHeartbeatThatSaysSoUntilOneIsTaken) {
  int calls = 0;
  RecordingSink sink([&](const RecordingSink::Batch&) -> Result<void> {
    if (++calls < 4) return fail(ErrorKind::denied, "HTTP 403");
    return {};
  });
  ASSERT_TRUE(wait(sink));
  EXPECT_EQ(pauses.size(), 4u) << "one before each probe";
  ASSERT_EQ(sink.batches().size(), 1u);
  const auto beat = schema::parse_heartbeat(sink.batches()[0].at(0).data);
  ASSERT_TRUE(beat);
  EXPECT_EQ(beat->state, schema::Heartbeat::State::parked);
  EXPECT_EQ(beat->sequence, 1u) << "those that were not taken do not count";
  EXPECT_EQ(heartbeats.next_due(), Clock::time_point{}) << "the next one says that it streams";
}

TEST_F(Parked, SaysTheLatestReason) {
  int calls = 0;
  RecordingSink sink([&](const RecordingSink::Batch&) -> Result<void> {
    ++calls;
    if (calls == 1) return fail(ErrorKind::unavailable, "HTTP 503");
    if (calls == 2) {
      EXPECT_EQ(board.read().stream.problem, "HTTP 503");
      return fail(ErrorKind::denied, "HTTP 404");
    }
    EXPECT_EQ(board.read().stream.problem, "HTTP 404");
    return {};
  });
  ASSERT_TRUE(wait(sink));
}

TEST_F(Parked, AStopEndsTheWait) {
  RecordingSink sink([](const RecordingSink::Batch&) -> Result<void> {
    return fail(ErrorKind::unavailable, "down");
  });
  on_pause = [this] {
    if (pauses.size() == 3) stop.request_stop();
  };
  EXPECT_TRUE(wait(sink));
  EXPECT_LE(pauses.size(), 3u);
}

TEST_F(Parked, ASinkThatRefusesTheHeartbeatForGoodIsAnError) {
  RecordingSink sink([](const RecordingSink::Batch&) -> Result<void> {
    return fail(ErrorKind::rejected, "HTTP 400");
  });
  const auto refused = wait(sink);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "HTTP 400");
}

}  // namespace
}  // namespace walpulse::connector
