#include "monitor/watch/sight.h"

#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};

/// A source that is looked at every five seconds, as time goes by on all clocks.
class SightTest : public ::testing::Test {
 protected:
  Sight::Seen look() { return sight_.look(source_, open_, steady_, wall_); }
  void pass(std::chrono::seconds time) {
    steady_ += time;
    wall_ += time;
  }
  void beat(Timestamp as_of) {
    source_.as_of = as_of;
    ++source_.heartbeats;
  }
  /// Looks as time passes, without a heartbeat; whether the last look saw it blind.
  bool blind_after(std::chrono::seconds time) {
    bool blind = false;
    for (auto passed = 0s; passed < time; passed += 5s) {
      pass(5s);
      blind = look().blind.has_value();
    }
    return blind;
  }
  Sight::Source source_{"mage", kNow, 1, kNow};
  std::vector<Problem> open_;
  Sight sight_;
  Sight::Clock::time_point steady_{1000h};
  Timestamp wall_ = kNow + 1s;
};

TEST_F(SightTest, ASourceThatIsSeenAsItIsIsJudged) {
  for (int i = 0; i < 20; ++i) {
    if (i % 2 == 0) beat(wall_ - 1s);
    const auto seen = look();
    EXPECT_TRUE(seen.judges);
    EXPECT_FALSE(seen.blind);
    pass(5s);
  }
}

TEST_F(SightTest, WithoutAWatermarkNothingIsJudgedAndSilenceIsBlind) {
  source_.as_of.reset();
  EXPECT_FALSE(look().judges);
  for (int i = 0; i < 120; ++i) {
    ++source_.heartbeats;
    EXPECT_FALSE(blind_after(5s)) << "heartbeats come, and are not believed yet";
  }
  EXPECT_TRUE(blind_after(kBlindAfter));
  EXPECT_EQ(look().blind->since, kNow);
  ++source_.heartbeats;
  EXPECT_FALSE(look().blind);
}

TEST_F(SightTest, BlindOnceTheWatermarkHasStoodStillForMinutes) {
  look();
  EXPECT_FALSE(blind_after(kBlindAfter - 10s));
  EXPECT_TRUE(blind_after(10s));
  const auto seen = look();
  EXPECT_EQ(seen.blind->since, kNow);
  EXPECT_EQ(seen.blind->severity, Severity::page);
  EXPECT_EQ(seen.blind->evidence, (Evidence{{"reason", "no heartbeat comes"}}));
  EXPECT_TRUE(seen.judges) << "what was seen for certain is told all the same";
  beat(wall_);
  EXPECT_FALSE(look().blind);
}

TEST_F(SightTest, SaysWhetherHeartbeatsCome) {
  look();
  for (int i = 0; i < 140; ++i) {
    EXPECT_EQ(look().blind.has_value(), i * 5s >= kStillAfter) << i;
    beat(kNow);
    pass(5s);
    look();
  }
  EXPECT_EQ(look().blind->evidence,
            (Evidence{{"reason", "heartbeats come, but what they confirm stands still"}}));
}

TEST_F(SightTest, AProcessThatComesBlindStaysSo) {
  Problem problem;
  problem.finding.key = {ProblemKind::blind, "mage", "", ""};
  open_ = {problem};
  wall_ = kNow + 1h;
  EXPECT_TRUE(look().blind);
  beat(kNow + 1s);
  EXPECT_FALSE(look().blind);
}

TEST_F(SightTest, ASourceWithoutAConnectorIsNotMissed) {
  source_.heard.reset();
  look();
  EXPECT_FALSE(blind_after(1h));
}

TEST_F(SightTest, WhatWorksOffABacklogIsNotJudgedUntilItIsThrough) {
  wall_ = kNow + 150min;
  EXPECT_FALSE(look().judges) << "the backlog has not begun";
  for (int minute = 10; minute < 149; minute += 10) {
    pass(1s);
    beat(kNow + std::chrono::minutes(minute));
    EXPECT_FALSE(look().judges) << minute;
  }
  pass(5s);
  beat(wall_ - 5s);
  EXPECT_FALSE(look().judges) << "the last of it may still be on its way";
  pass(5s);
  EXPECT_TRUE(look().judges);
}

TEST_F(SightTest, WhatStandsStillLongAgoIsJudgedAsOfThen) {
  wall_ = kNow + 150min;
  look();
  pass(kFirstWait);
  EXPECT_TRUE(look().judges);
}

TEST_F(SightTest, WithClocksThatDifferTheLooksBetweenHeartbeatsAreJudged) {
  wall_ = kNow + 24h;
  look();
  int judged = 0;
  for (int i = 0; i < 20; ++i) {
    pass(5s);
    if (i % 2 == 0) beat(*source_.as_of + 10s);
    judged += look().judges;
  }
  EXPECT_EQ(judged, 18) << "from the second heartbeat on";
  wall_ = kNow - 24h;
  beat(*source_.as_of + 10s);
  EXPECT_TRUE(look().judges);
}

}  // namespace
}  // namespace walpulse::monitor
