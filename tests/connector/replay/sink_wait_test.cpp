#include "connector/replay/sink_wait.h"

#include <gtest/gtest.h>

#include "tests/connector/recording_publisher.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct SinkWait : ::testing::Test {
  SinkWait() {
    publisher::Message message;
    EXPECT_TRUE(sink.publish(message));
  }
  testing::RecordingPublisher sink{[](std::uint64_t) {}};
  std::stop_source stop;
  int told = 0;
};

TEST_F(SinkWait, ASinkThatTakesNothingIsSaidOnceAndWaitedFor) {
  sink.trouble.waiting_since = Clock::now() - 1h;
  sink.trouble.trouble = "HTTP 503";
  EXPECT_TRUE(await_delivery(sink, stop.get_token(), 30s, [&](const auto& status) {
    ++told;
    EXPECT_EQ(status.trouble, "HTTP 503");
    sink.acknowledge_all();
  }));
  EXPECT_EQ(told, 1);
}

TEST_F(SinkWait, AStopEndsIt) {
  sink.trouble.waiting_since = Clock::now() - 1h;
  EXPECT_FALSE(await_delivery(sink, stop.get_token(), 30s, [&](const auto&) {
    ++told;
    stop.request_stop();
  }));
  EXPECT_EQ(told, 1);
}

TEST_F(SinkWait, ASinkThatTakesItOrNeverWillIsNotWaitedFor) {
  sink.failure = Error{ErrorKind::rejected, "too large"};
  EXPECT_TRUE(await_delivery(sink, stop.get_token(), 30s, [&](const auto&) { ++told; }));
  sink.failure.reset();
  sink.acknowledge_all();
  EXPECT_TRUE(await_delivery(sink, stop.get_token(), 30s, [&](const auto&) { ++told; }));
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace walpulse::connector
