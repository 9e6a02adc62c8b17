#include "monitor/ledger/counting/duration_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace walpulse::monitor {
namespace {

TEST(DurationHistogram, TellsQuantilesWithinAFortieth) {
  std::mt19937 random(7);
  std::lognormal_distribution<double> any(4, 2);
  std::vector<double> all;
  DurationHistogram histogram;
  for (int i = 0; i < 5000; ++i) {
    all.push_back(any(random));
    histogram.add(all.back());
  }
  std::ranges::sort(all);
  for (const double q : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * 5000)) - 1;
    EXPECT_NEAR(*histogram.quantile(q) / all[rank], 1, 0.025) << q;
  }
  EXPECT_EQ(histogram.count(), 5000u);
}

TEST(DurationHistogram, PartsAddUpToTheWhole) {
  DurationHistogram whole, a, b;
  for (int i = 1; i <= 40; ++i) {
    whole.add(i);
    (i % 3 == 0 ? a : b).add(i);
  }
  a.add(b);
  EXPECT_EQ(a, whole);
  const auto read = DurationHistogram::decode(a.encoded());
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, whole);
}

TEST(DurationHistogram, TheEmptyAndTheExtremeAreKept) {
  DurationHistogram histogram;
  EXPECT_FALSE(histogram.quantile(0.5));
  EXPECT_EQ(DurationHistogram::decode(histogram.encoded()), histogram);
  histogram.add(std::nan(""));
  EXPECT_EQ(histogram.count(), 0u);
  for (const double seconds : {-5.0, 0.0, 1e300, std::numeric_limits<double>::infinity()})
    histogram.add(seconds);
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_TRUE(std::isfinite(*histogram.quantile(1)));
  EXPECT_EQ(DurationHistogram::decode(histogram.encoded()), histogram);
}

TEST(DurationHistogram, RefusesWhatItDoesNotWrite) {
  using namespace std::string_view_literals;
  for (const auto bytes : {"\x01"sv, "\xFF"sv, "\x05\x00"sv, "\x05\x01\x05\x01"sv,
                           "\x05\x01\x04\x01"sv, "\xE9\x07\x01"sv})
    EXPECT_FALSE(DurationHistogram::decode(bytes));
  EXPECT_TRUE(DurationHistogram::decode("\xE8\x07\x01"sv));
}

}  // namespace
}  // namespace walpulse::monitor
