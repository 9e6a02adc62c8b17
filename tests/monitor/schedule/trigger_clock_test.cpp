#include "monitor/schedule/trigger_clock.h"

#include <gtest/gtest.h>

#include "tests/monitor/schedule/instants.h"

namespace walpulse::monitor {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Trigger every(const char* interval) {
  return {.schedule_type = "TIME",
          .schedule_interval = interval,
          .status = "ACTIVE",
          .known_since = utc("2026-11-28 12:00")};
}

TriggerClock clock_of(const Trigger& trigger) {
  return TriggerClock::start(trigger, utc("2026-11-28 12:00")).value();
}

TEST(TriggerClock, TellsEachSlotOnce) {
  const Timestamp noon = utc("2026-11-28 12:00");
  TriggerClock clock = clock_of(every("@hourly"));
  EXPECT_EQ(shown(clock.next_due()), "2026-11-28 13:00");
  EXPECT_TRUE(clock.take_due(noon + minutes(59)).empty());
  ASSERT_EQ(clock.take_due(noon + minutes(60)).size(), 1);
  EXPECT_TRUE(clock.take_due(noon + minutes(60)).empty());
  EXPECT_TRUE(clock.take_due(noon).empty());
  ASSERT_EQ(clock.take_due(noon + hours(4)).size(), 3);
  EXPECT_EQ(shown(clock.next_due()), "2026-11-28 17:00");
}

TEST(TriggerClock, WithoutSlotsNothingIsEverDue) {
  for (const char* interval : {"@once", "@always_on", "0 0 30 2 *", ""}) {
    TriggerClock clock = clock_of(every(interval));
    EXPECT_EQ(clock.next_due(), kInfinity);
    EXPECT_TRUE(clock.take_due(kInfinity).empty());
  }
}

TEST(TriggerClock, ALongSleepIsCaughtUpInParts) {
  const Timestamp later = utc("2026-11-28 12:00") + minutes(2 * kSlotsMax + 10);
  TriggerClock clock = clock_of(every("* * * * *"));
  EXPECT_EQ(clock.take_due(later).size(), kSlotsMax);
  EXPECT_LE(clock.next_due(), later);
  EXPECT_EQ(clock.take_due(later).size(), kSlotsMax);
  EXPECT_EQ(clock.take_due(later).size(), 10);
  EXPECT_GT(clock.next_due(), later);
}

TEST(TriggerClock, AnIntervalThatIsNotFollowedIsAnError) {
  EXPECT_EQ(TriggerClock::start(every("* * * *"), {}).error().kind, ErrorKind::malformed);
}

}  // namespace
}  // namespace walpulse::monitor
