#include <vector>

#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr sys_days kDay = std::chrono::year(2026) / 11 / 28;

DailyFigures figures(sys_days day, std::uint64_t completed, double seconds = 60) {
  DailyFigures made;
  made.day = day;
  made.completed = completed;
  made.failed = 2;
  made.cancelled = 3;
  made.durations.add(seconds);
  return made;
}

class DailyStoreTest : public StoreTest {
 protected:
  void add(const DailyFigures& figures, const std::string& pipeline = "daily") {
    in(Intent::exclusive, [&](Transaction& in) {
      in.daily().add(source_, pipeline, figures);
      return true;
    });
  }
  std::vector<DailyFigures> of(sys_days from, sys_days to, const std::string& pipeline = "daily") {
    return reading([&](Transaction& in) { return in.daily().of(source_, pipeline, from, to); });
  }

  const std::int64_t source_ = source();
};

TEST_P(DailyStoreTest, AddsToWhatIsThereOfTheDay) {
  add(figures(kDay, 1));
  EXPECT_THAT(of(kDay, kDay), ElementsAre(figures(kDay, 1)));
  add(figures(kDay, 5, 0.25));
  DailyFigures sum = figures(kDay, 6);
  sum.failed = 4;
  sum.cancelled = 6;
  sum.durations.add(0.25);
  EXPECT_THAT(of(kDay, kDay), ElementsAre(sum));
}

TEST_P(DailyStoreTest, GivesThePipelinesOwnDaysByRisingDay) {
  for (const int day : {2, 0, 1, -1}) add(figures(kDay + days(day), 1));
  add(figures(kDay, 9), "weekly");
  EXPECT_THAT(of(kDay, kDay + days(1)), ElementsAre(figures(kDay, 1), figures(kDay + days(1), 1)));
  EXPECT_THAT(of(kDay, kDay, "weekly"), ElementsAre(figures(kDay, 9)));
  EXPECT_THAT(of(kDay + days(3), kDay + days(9)), IsEmpty());
  EXPECT_THAT(of(kDay + days(1), kDay), IsEmpty());
}

TEST_P(DailyStoreTest, ForgetsTheDaysBeforeOne) {
  for (const int day : {0, 1, 2}) add(figures(kDay + days(day), 1));
  writing([&](Transaction& in) {
    in.daily().remove(source_, kDay + days(2));
    in.daily().remove(source_ + 1, kDay + days(9));
    return true;
  });
  EXPECT_THAT(of(kDay, kDay + days(9)), ElementsAre(figures(kDay + days(2), 1)));
}

TEST_P(DailyStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([&](Transaction& in) { in.daily().add(source_, "daily", figures(kDay, 1)); });
  EXPECT_THAT(of(kDay, kDay), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Storages, DailyStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
