#include "decoder/base/backoff.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace walpulse {
namespace {

using namespace std::chrono_literals;

RC_GTEST_PROP(Backoff, StaysBetweenZeroAndADoublingCeiling, (std::uint64_t seed)) {
  Backoff backoff({100ms, 2, 1000ms}, seed);
  for (const auto ceiling : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    const auto pause = backoff.next();
    RC_ASSERT(pause >= 0ms);
    RC_ASSERT(pause <= ceiling);
  }
  backoff.reset();
  RC_ASSERT(backoff.next() <= 100ms);
}

TEST(Backoff, UsesTheWholeRange) {
  auto highest = 0ms;
  auto lowest = 1000ms;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto pause = Backoff({1000ms, 2, 1000ms}, seed).next();
    highest = std::max(highest, pause);
    lowest = std::min(lowest, pause);
  }
  EXPECT_LT(lowest, 100ms);
  EXPECT_GT(highest, 900ms);
}

TEST(Backoff, NeverExceedsItsMaximumFromTheStart) {
  Backoff backoff({10'000ms, 2, 5ms}, 1);
  for (int i = 0; i < 100; ++i) EXPECT_LE(backoff.next(), 5ms);
}

}  // namespace
}  // namespace walpulse
