#include "monitor/delivery/message_times.h"

#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

const Timestamp kNoon = Timestamp(std::chrono::hours(24 * 20'000 + 12));

TEST(MessageTimes, WhatIsStillOpenIsToldAgainOnceItWasTold) {
  EXPECT_TRUE(repeat_due(24h, kNoon - 24h, kNoon));
  EXPECT_FALSE(repeat_due(24h, kNoon - 23h, kNoon));
  EXPECT_FALSE(repeat_due(std::nullopt, kNoon - 900h, kNoon));
  EXPECT_FALSE(repeat_due(24h, std::nullopt, kNoon));
}

TEST(MessageTimes, ALoopOfCallsStopsItself) {
  EXPECT_TRUE(may_call(std::nullopt, 1'000'000));
  EXPECT_TRUE(may_call(CallLimit{20, 1h}, 19));
  EXPECT_FALSE(may_call(CallLimit{20, 1h}, 20));
}

TEST(MessageTimes, OnlyTheSourcesOwnClockSaysWhatIsTooOld) {
  EXPECT_TRUE(is_too_old(kNoon, kNoon + 61min, 1h));
  EXPECT_FALSE(is_too_old(kNoon, kNoon + 60min, 1h));
  EXPECT_FALSE(is_too_old(kNoon, std::nullopt, 1h));
  EXPECT_FALSE(is_too_old(kNoon, kNoon + 999h, std::nullopt));
}

TEST(MessageTimes, WhatIsLeftOfAnAgePassesByThisMachinesClock) {
  const Timestamp wall = kNoon + 500h;
  EXPECT_EQ(expires(kNoon, kNoon + 20min, 1h, wall), wall + 40min);
  EXPECT_EQ(expires(kNoon, kNoon - 1min, 1h, wall), wall + 1h) << "it cannot be younger than new";
  EXPECT_EQ(expires(kNoon, kNoon + 9h, 1h, wall), wall);
  EXPECT_FALSE(expires(kNoon, kNoon, std::nullopt, wall));
}

}  // namespace
}  // namespace walpulse::monitor
