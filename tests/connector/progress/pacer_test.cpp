#include "connector/progress/pacer.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using Clock = Pacer::Clock;

constexpr Clock::time_point kStart{1h};

/// What gets through in `time`, waiting as told.
std::uint64_t done_within(Pacer& pacer, Clock::duration time, std::uint64_t each = 1) {
  std::uint64_t done = 0;
  for (auto now = kStart; now < kStart + time; done += each) now += pacer.spend(each, now) + 1us;
  return done;
}

TEST(Pacer, WithoutARateNothingWaits) {
  Pacer pacer(0, kStart);
  EXPECT_EQ(pacer.spend(1'000'000, kStart), 0s);
}

TEST(Pacer, HoldsTheRateOverTime) {
  for (const std::uint64_t rate : {1u, 7u, 500u, 5'000u}) {
    Pacer pacer(rate, kStart);
    const auto done = done_within(pacer, 100s);
    EXPECT_GE(done, 100 * rate) << rate;
    EXPECT_LE(done, 100 * rate + rate / 5 + 2) << rate;
  }
}

TEST(Pacer, ABatchIsWaitedForAsAWhole) {
  Pacer pacer(1'000, kStart);
  EXPECT_EQ(pacer.spend(1'100, kStart), 1s) << "a tenth of a second's worth was there";
  EXPECT_EQ(pacer.spend(0, kStart + 1s), 0s);
}

TEST(Pacer, APauseIsNotMadeUpForByABurst) {
  Pacer pacer(1'000, kStart);
  ASSERT_EQ(pacer.spend(1, kStart), 0s);
  EXPECT_EQ(pacer.spend(100, kStart + 1h), 0s);
  EXPECT_EQ(pacer.spend(1'000, kStart + 1h), 1s);
}

TEST(Pacer, ShortWaitsAddUpInsteadOfBeingTakenOneByOne) {
  Pacer pacer(1'000, kStart);
  EXPECT_EQ(pacer.spend(110, kStart), 0s) << "10 ms owed";
  EXPECT_EQ(pacer.spend(10, kStart), 20ms);
}

}  // namespace
}  // namespace walpulse::connector
