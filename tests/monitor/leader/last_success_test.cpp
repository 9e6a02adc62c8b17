#include "monitor/leader/last_success.h"

#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

TEST(LastSuccess, WhatNeverWentWellOrNotForLongDoesNotWork) {
  LastSuccess rounds;
  LastSuccess::Clock::time_point now{1h};
  EXPECT_FALSE(rounds.within(1min, now));
  rounds.note(now);
  EXPECT_TRUE(rounds.within(1min, now));
  EXPECT_TRUE(rounds.within(1min, now + 1min));
  EXPECT_FALSE(rounds.within(1min, now + 1min + 1ms)) << "it fails, or it hangs";
  rounds.note(now + 2min);
  EXPECT_TRUE(rounds.within(1min, now + 2min));
}

}  // namespace
}  // namespace walpulse::monitor
