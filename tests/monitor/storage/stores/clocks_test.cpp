#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class ClockStoreTest : public StoreTest {
 protected:
  template <class Work>
  void with_clocks(const Work& work) {
    writing([&](Transaction& in) {
      work(in.clocks());
      return true;
    });
  }
};

TEST_P(ClockStoreTest, BeginsAtTheBirth) {
  EXPECT_EQ(context().birth, kBirth);
  EXPECT_EQ(context().last_end, kBirth);
  EXPECT_EQ(context().intake, IntakeTime(0));
  EXPECT_EQ(context().heard, 0);
}

TEST_P(ClockStoreTest, TheIntakeClockOnlyRises) {
  for (const std::int64_t shows : {500, 300})
    with_clocks([&](ClockStore& clocks) { clocks.save_intake(IntakeTime(shows)); });
  EXPECT_EQ(context().intake, IntakeTime(500));
}

TEST_P(ClockStoreTest, TheLastEndMayGoBack) {
  for (const double when : {5.0, 3.0})
    with_clocks([&](ClockStore& clocks) { clocks.save_last_end(at(when)); });
  EXPECT_EQ(context().last_end, at(3));
}

TEST_P(ClockStoreTest, CountsThoseWhoHeard) {
  for (int i = 0; i < 3; ++i) with_clocks([](ClockStore& clocks) { clocks.note_heard(); });
  rolled_back([](Transaction& in) { in.clocks().note_heard(); });
  EXPECT_EQ(context().heard, 3);
}

INSTANTIATE_TEST_SUITE_P(Storages, ClockStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
