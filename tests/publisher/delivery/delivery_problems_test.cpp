#include "publisher/delivery/delivery_problems.h"

#include <gtest/gtest.h>

namespace walpulse::publisher {
namespace {

using namespace std::chrono_literals;

constexpr DeliveryProblems::TimePoint kStart{1h};

TEST(DeliveryProblems, WarnsWhenItBeginsAndThenEveryThirtySeconds) {
  DeliveryProblems trouble(2);
  EXPECT_TRUE(trouble.begins_or_lasts(0, "down", kStart));
  EXPECT_FALSE(trouble.begins_or_lasts(1, "down", kStart + 1s));
  EXPECT_FALSE(trouble.begins_or_lasts(0, "down", kStart + 29s));
  EXPECT_TRUE(trouble.begins_or_lasts(1, "down", kStart + 30s));
  EXPECT_FALSE(trouble.begins_or_lasts(0, "down", kStart + 59s));
}

TEST(DeliveryProblems, IsOverWhenTheLastLaneIsWell) {
  DeliveryProblems trouble(2);
  trouble.begins_or_lasts(0, "down", kStart);
  trouble.begins_or_lasts(1, "down", kStart);
  EXPECT_FALSE(trouble.ends(0));
  EXPECT_TRUE(trouble.ends(1));
  EXPECT_FALSE(trouble.ends(1)) << "there was none";
  EXPECT_EQ(trouble.oldest(), nullptr);
}

TEST(DeliveryProblems, TellsTheLongestLastingCaseWithItsLatestReason) {
  DeliveryProblems trouble(2);
  trouble.begins_or_lasts(1, "denied", kStart);
  trouble.begins_or_lasts(0, "reset", kStart + 5s);
  trouble.begins_or_lasts(1, "unavailable", kStart + 10s);
  EXPECT_EQ(trouble.oldest()->message, "unavailable");
  EXPECT_EQ(trouble.oldest()->since, kStart);
}

TEST(DeliveryProblems, ThatComesAndGoesDoesNotFloodTheLog) {
  DeliveryProblems trouble(1);
  EXPECT_TRUE(trouble.begins_or_lasts(0, "503", kStart));
  EXPECT_TRUE(trouble.ends(0));
  EXPECT_FALSE(trouble.begins_or_lasts(0, "503", kStart + 1s));
  EXPECT_FALSE(trouble.ends(0)) << "nobody heard that it began";
  EXPECT_FALSE(trouble.begins_or_lasts(0, "503", kStart + 2s));
  EXPECT_TRUE(trouble.begins_or_lasts(0, "503", kStart + 30s));
  EXPECT_TRUE(trouble.ends(0));
}

}  // namespace
}  // namespace walpulse::publisher
