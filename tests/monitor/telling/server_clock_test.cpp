#include "monitor/telling/server_clock.h"

#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kServer{std::chrono::seconds(1'763'676'000)};
constexpr ServerClock::Clock::time_point kStart{1h};

/// Looks every second; `ahead` is how far this machine's clock is, `speed` how much of the source's
/// time comes here in a second.
class Watched {
 public:
  Watched(std::chrono::seconds ahead, std::chrono::seconds backlog, int speed)
      : ahead_(ahead), begin_(kServer - backlog), speed_(speed) {}

  void until(std::chrono::seconds time) {
    for (; second_ <= time; second_ += 1s) {
      const auto heard = begin_ + second_ / 10 * 10 * speed_;  // a heartbeat every ten seconds
      clock.look({{"mage", heard}}, kStart + second_, kServer + ahead_ + second_);
    }
  }
  /// How much older than it is what ends now is taken to be.
  std::chrono::seconds wrong_by() const {
    return std::chrono::duration_cast<std::chrono::seconds>(clock.now_at("mage") -
                                                            (kServer + second_ - 1s));
  }

  ServerClock clock;

 private:
  const std::chrono::seconds ahead_;
  const Timestamp begin_;
  const int speed_;
  std::chrono::seconds second_{0};
};

TEST(ServerClock, ClocksThatAgreeAreOne) {
  Watched watched(1s, 0s, 1);
  EXPECT_TRUE(watched.clock.is_undecided()) << "nothing was looked at";
  watched.until(0s);
  EXPECT_FALSE(watched.clock.is_undecided());
  EXPECT_EQ(watched.wrong_by(), 1s);
}

TEST(ServerClock, AMonitorThatIsAnHourAheadTakesNothingForOld) {
  Watched watched(1h, 0s, 1);
  watched.until(5s);
  EXPECT_TRUE(watched.clock.is_undecided());
  watched.until(29s);
  EXPECT_FALSE(watched.clock.is_undecided());
  for (const auto time : {40s, 47s, 120s}) {
    watched.until(time);
    EXPECT_LE(watched.wrong_by(), 0s);
    EXPECT_GE(watched.wrong_by(), -10s) << "a heartbeat lies between";
  }
}

TEST(ServerClock, AMonitorThatIsAnHourBehindTakesNothingForYoung) {
  Watched watched(-1h, 0s, 1);
  watched.until(15s);
  EXPECT_FALSE(watched.clock.is_undecided());
  EXPECT_GE(watched.wrong_by(), -10s);
}

TEST(ServerClock, WhatComesOutOfABacklogIsAsOldAsItIs) {
  Watched watched(0s, 20h, 60);
  watched.until(15s);
  EXPECT_TRUE(watched.clock.is_undecided());
  watched.until(31s);
  EXPECT_FALSE(watched.clock.is_undecided());
  EXPECT_EQ(watched.wrong_by(), 0s);
  watched.until(600s);
  EXPECT_EQ(watched.wrong_by(), 0s);
}

TEST(ServerClock, ASourceThatIsNoMoreHoldsNothingForLong) {
  Watched watched(0s, 20h, 0);
  watched.until(29s);
  EXPECT_TRUE(watched.clock.is_undecided());
  watched.until(31s);
  EXPECT_FALSE(watched.clock.is_undecided());
  EXPECT_EQ(watched.wrong_by(), 0s);
}

}  // namespace
}  // namespace walpulse::monitor
