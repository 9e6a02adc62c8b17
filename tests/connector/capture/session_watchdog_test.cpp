#include "connector/capture/session_watchdog.h"

#include <gtest/gtest.h>

#include "tests/connector/recording_publisher.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kNow{1h};

struct Guard : ::testing::Test {
  testing::RecordingPublisher publisher{[](std::uint64_t) {}};
  SessionEnvironment environment;
  SessionWatchdog watchdog{{.park_after = 30s, .poll_environment = [this] { return environment; }},
                           publisher};

  void troubled_for(std::chrono::seconds time) {
    publisher.trouble.trouble = "HTTP 404";
    publisher.trouble.waiting_since = kNow - time;
  }
};

TEST_F(Guard, LooksTwiceASecond) {
  const auto first = watchdog.look(kNow);
  ASSERT_TRUE(first);
  EXPECT_TRUE(*first);
  EXPECT_FALSE(watchdog.look(kNow + 499ms).value());
  EXPECT_TRUE(watchdog.look(kNow + 500ms).value());
}

TEST_F(Guard, AMessageThatCanNeverBeDeliveredComesFirst) {
  publisher.failure = Error{ErrorKind::rejected, "HTTP 400"};
  troubled_for(60s);
  environment.server_leaves = "shutting down";
  const auto end = watchdog.look(kNow);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().cause, EndCause::publisher);
}

TEST_F(Guard, ASinkThatTakesNothingEndsTheSession) {
  troubled_for(29s);
  EXPECT_TRUE(watchdog.look(kNow));
  troubled_for(30s);
  const auto end = watchdog.look(kNow + 1s);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().cause, EndCause::sink);
}

TEST_F(Guard, WithoutParkingTheStreamIsHeldBackForEver) {
  SessionWatchdog patient({.park_after = 0s, .poll_environment = {}}, publisher);
  troubled_for(3600s);
  EXPECT_TRUE(patient.look(kNow));
}

TEST_F(Guard, S30AServerThatLeavesEndsTheSession) {
  environment.server_leaves = "the system is shutting down";
  const auto end = watchdog.look(kNow);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().cause, EndCause::server);
  EXPECT_EQ(end.error().error.message, "the system is shutting down");
}

}  // namespace
}  // namespace walpulse::connector
