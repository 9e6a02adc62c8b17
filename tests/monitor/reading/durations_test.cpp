#include "monitor/reading/durations.h"

#include <gtest/gtest.h>

namespace walpulse::monitor::reading {
namespace {

TEST(Durations, OfFewRunsNothingIsUsual) {
  const Durations found = durations_of(std::vector<double>(kUsualMin - 1, 60));
  EXPECT_EQ(found.count, kUsualMin - 1);
  EXPECT_EQ(found.usual, std::nullopt);
  EXPECT_FALSE(is_unusual(found, 1e9));
  EXPECT_EQ(durations_of({}).count, 0U);
}

TEST(Durations, UsualIsTheMedianAndNineOfTenTookAtMostSoLong) {
  const Durations even = durations_of({10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  EXPECT_EQ(even.usual, 5.5);
  EXPECT_EQ(even.nine_of_ten, 9);
  const Durations odd = durations_of({1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_EQ(odd.usual, 5);
  EXPECT_EQ(odd.nine_of_ten, 9);
}

TEST(Durations, OneRunThatHungMakesNoOtherUsual) {
  const Durations found = durations_of({60, 61, 62, 63, 64, 65, 66, 80'000});
  EXPECT_TRUE(is_unusual(found, 80'000));
  EXPECT_TRUE(is_unusual(found, 10));
  EXPECT_FALSE(is_unusual(found, 70));
}

TEST(Durations, APipelineThatAlwaysTakesTheSameIsAllowedALittle) {
  const Durations found = durations_of(std::vector<double>(50, 600));
  EXPECT_FALSE(is_unusual(found, 719));
  EXPECT_TRUE(is_unusual(found, 721));
  const Durations quick = durations_of(std::vector<double>(50, 0));
  EXPECT_FALSE(is_unusual(quick, 10));
  EXPECT_TRUE(is_unusual(quick, 10.1));
  EXPECT_EQ(quick.low, 0);
}

}  // namespace
}  // namespace walpulse::monitor::reading
