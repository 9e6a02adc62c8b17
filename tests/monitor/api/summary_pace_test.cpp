#include "monitor/api/summary_pace.h"

#include <gtest/gtest.h>

namespace walpulse::monitor::api {
namespace {

using namespace std::chrono_literals;

TEST(SummaryPace, LooksTwiceASecondWhereThatCostsNothing) {
  EXPECT_EQ(SummaryPace::rest_after(0ms), 500ms);
  EXPECT_EQ(SummaryPace::rest_after(55ms), 500ms);
}

TEST(SummaryPace, TakesATenthOfTheTimeUntilWhatIsShownWouldBeTooOld) {
  EXPECT_EQ(SummaryPace::rest_after(150ms), 1350ms);
  EXPECT_EQ(SummaryPace::rest_after(10s), 3s);
}

TEST(SummaryPace, NobodyReadsThemAgainBeforeTheNextLookIsOver) {
  EXPECT_EQ(SummaryPace::served_after(1ms, 1500ms), 1500ms);
  for (const auto took : {1ms, 60ms, 150ms, 2000ms})
    EXPECT_GT(SummaryPace::served_after(took, 0ms), took + SummaryPace::rest_after(took) + took);
}

}  // namespace
}  // namespace walpulse::monitor::api
