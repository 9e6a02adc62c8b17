#include "monitor/schedule/slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/monitor/schedule/instants.h"

namespace walpulse::monitor {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Known long before the instants of these tests.
Trigger hourly() {
  return {.schedule_type = "TIME",
          .schedule_interval = "@hourly",
          .status = "ACTIVE",
          .known_since = utc("2026-01-01 00:00")};
}

/// Enabled at 23:15; the row was committed a moment later.
Trigger enabled_at_23_15() {
  Trigger trigger = hourly();
  trigger.start_time = utc("2026-11-20 00:00");
  trigger.last_enabled_at = utc("2026-11-27 23:15");
  trigger.known_since = utc("2026-11-27 23:15:01");
  return trigger;
}

ExpectedSlots expected(const Trigger& trigger, std::string_view from, std::string_view to,
                       std::size_t most = kSlotsMax) {
  const auto slots = expected_slots(trigger, utc(from), utc(to), most);
  EXPECT_TRUE(slots.has_value());
  return slots.value_or(ExpectedSlots{});
}

/// When they are due, and what for where that is another instant.
std::vector<std::string> texts(const ExpectedSlots& expected) {
  std::vector<std::string> texts;
  for (const Slot& slot : expected.slots)
    texts.push_back(shown(slot.due).substr(11) +
                    (slot.at == slot.due ? "" : " for " + shown(slot.at).substr(11)));
  return texts;
}

TEST(ExpectedSlots, AnActiveTimeTriggerExpectsItsSlots) {
  const auto slots = expected(hourly(), "2026-11-28 10:00", "2026-11-28 13:00");
  EXPECT_THAT(texts(slots), ElementsAre("11:00", "12:00", "13:00"));
  EXPECT_EQ(shown(slots.slots.front().closes), "2026-11-28 12:00");
  EXPECT_FALSE(slots.more);
}

TEST(ExpectedSlots, WhatMageDoesNotScheduleExpectsNothing) {
  Trigger paused = hourly(), api = hourly(), event = hourly(), backfill = hourly(), once = hourly(),
          always = hourly(), without = hourly();
  paused.status = "INACTIVE";
  api.schedule_type = "API";
  event.schedule_type = "EVENT";
  backfill.schedule_type = "";
  once.schedule_interval = "@once";
  always.schedule_interval = "@always_on";
  without.schedule_interval = "";
  for (const Trigger& trigger : {paused, api, event, backfill, once, always, without})
    EXPECT_THAT(texts(expected(trigger, "2026-11-28 10:00", "2026-11-29 10:00")), IsEmpty());
}

TEST(ExpectedSlots, AnIntervalThatIsNotFollowedIsAnErrorUnlessNothingIsExpectedAnyway) {
  Trigger trigger = hourly();
  trigger.schedule_interval = "*/5 * * * * 30";
  EXPECT_EQ(expected_slots(trigger, {}, {}).error().kind, ErrorKind::rejected);
  trigger.schedule_interval = "every now and then";
  EXPECT_EQ(expected_slots(trigger, {}, {}).error().kind, ErrorKind::malformed);
  trigger.status = "INACTIVE";
  EXPECT_TRUE(expected_slots(trigger, {}, {}).has_value());
}

TEST(ExpectedSlots, NothingIsDueBeforeTheStartTime) {
  Trigger trigger = hourly();
  trigger.start_time = utc("2026-11-28 11:30");
  EXPECT_THAT(texts(expected(trigger, "2026-11-28 09:00", "2026-11-28 13:00")),
              ElementsAre("12:00", "13:00"));
  trigger.start_time = utc("2026-11-28 12:00");
  EXPECT_THAT(texts(expected(trigger, "2026-11-28 09:00", "2026-11-28 12:00")),
              ElementsAre("12:00"));
  trigger.start_time = kInfinity;
  EXPECT_THAT(texts(expected(trigger, "2026-11-28 09:00", "2027-11-28 12:00")), IsEmpty());
}

TEST(ExpectedSlots, NothingIsDueBeforeTheTriggerWasEnabled) {
  EXPECT_THAT(texts(expected(enabled_at_23_15(), "2026-11-27 20:00", "2026-11-28 01:00")),
              ElementsAre("00:00", "01:00"));
}

TEST(ExpectedSlots, AnInitialRunIsDueWhenTheTriggerIsEnabled) {
  Trigger trigger = enabled_at_23_15();
  trigger.create_initial_pipeline_run = true;
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 20:00", "2026-11-28 00:30")),
              ElementsAre("23:15:01 for 23:00", "00:00"));
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 23:15:01", "2026-11-28 00:30")),
              ElementsAre("00:00"));
  trigger.start_time = utc("2026-11-27 23:05");
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 20:00", "2026-11-28 00:30")),
              ElementsAre("00:00"));
}

TEST(ExpectedSlots, ATriggerThatIsKnownLaterOwesNothingOfBefore) {
  Trigger trigger = enabled_at_23_15();
  trigger.create_initial_pipeline_run = true;
  trigger.known_since = utc("2026-11-27 23:17");
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 20:00", "2026-11-28 00:30")),
              ElementsAre("00:00"));
}

TEST(ExpectedSlots, ASlotBetweenTheEnablingAndItsCommitIsDueWithTheCommit) {
  Trigger trigger = hourly();
  trigger.last_enabled_at = utc("2026-11-27 23:59:59");
  trigger.known_since = utc("2026-11-28 00:00:01");
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 20:00", "2026-11-28 01:00")),
              ElementsAre("00:00:01 for 00:00", "01:00"));
}

TEST(ExpectedSlots, WhereMagesClockIsAheadAnInitialRunIsDueByThatClock) {
  Trigger trigger = enabled_at_23_15();
  trigger.create_initial_pipeline_run = true;
  trigger.known_since = utc("2026-11-27 23:14:58");
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 20:00", "2026-11-27 23:30")),
              ElementsAre("23:15 for 23:00"));
}

TEST(ExpectedSlots, AnInitialRunThatMageHasNoTimeForIsNotOwed) {
  Trigger trigger = enabled_at_23_15();
  trigger.create_initial_pipeline_run = true;
  trigger.last_enabled_at = utc("2026-11-27 23:59:20");
  trigger.known_since = utc("2026-11-27 23:59:30");
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 20:00", "2026-11-28 00:30")),
              ElementsAre("23:59:30 for 23:00", "00:00"));
  trigger.known_since = utc("2026-11-27 23:59:31");
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 20:00", "2026-11-28 00:30")),
              ElementsAre("00:00"));
  trigger.known_since = utc("2026-11-28 00:00:01");
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 20:00", "2026-11-28 00:30")),
              ElementsAre("00:00:01 for 00:00"));
}

TEST(ExpectedSlots, ALandingTimeIsTheSlot) {
  Trigger trigger = enabled_at_23_15();
  trigger.schedule_interval = "@daily";
  trigger.start_time = utc("2026-11-20 12:25:10");
  trigger.landing_time_enabled = true;
  const auto slots = expected(trigger, "2026-11-27 00:00", "2026-11-29 00:00");
  EXPECT_THAT(texts(slots), ElementsAre("12:25:10"));
  EXPECT_EQ(shown(slots.slots.front().closes), "2026-11-29 00:00");

  // Of the day on which it was enabled, though the slot of that day was over.
  trigger.create_initial_pipeline_run = true;
  EXPECT_THAT(texts(expected(trigger, "2026-11-27 00:00", "2026-11-29 00:00")),
              ElementsAre("23:15:01 for 12:25:10", "12:25:10"));
  // Before it, the day before is over too.
  trigger.last_enabled_at = utc("2026-11-27 11:00");
  trigger.known_since = utc("2026-11-27 11:00");
  EXPECT_THAT(texts(expected(trigger, "2026-11-26 00:00", "2026-11-28 00:00")),
              ElementsAre("12:25:10"));
}

TEST(ExpectedSlots, ThereAreNoMoreAtOnceThanAskedFor) {
  Trigger trigger = hourly();
  trigger.schedule_interval = "* * * * *";
  const auto slots = expected(trigger, "2026-11-28 10:00", "9999-01-01 00:00", 3);
  EXPECT_THAT(texts(slots), ElementsAre("10:01", "10:02", "10:03"));
  EXPECT_TRUE(slots.more);
  EXPECT_EQ(expected(trigger, "2026-11-28 10:00", "9999-01-01 00:00").slots.size(), kSlotsMax);
  EXPECT_TRUE(expected(trigger, "2026-11-28 10:00", "2026-11-28 11:00", 0).more);
}

TEST(ExpectedSlots, OfSlotsBeforeTheCommitOnlyTheCurrentOneIsOwed) {
  Trigger trigger = hourly();
  trigger.schedule_interval = "* * * * *";
  trigger.last_enabled_at = utc("2026-11-28 10:00:30");
  trigger.create_initial_pipeline_run = true;
  trigger.known_since = utc("2026-11-28 10:01:20");
  EXPECT_THAT(texts(expected(trigger, "2026-11-28 09:00", "2026-11-28 10:02")),
              ElementsAre("10:01:20 for 10:01", "10:02"));
}

TEST(ExpectedSlots, AnExpressionThatNeverFiresExpectsNothing) {
  Trigger trigger = hourly();
  trigger.schedule_interval = "0 0 30 2 *";
  EXPECT_THAT(texts(expected(trigger, "2026-11-28 10:00", "9999-01-01 00:00")), IsEmpty());
}

TEST(ExpectedSlots, InstantsWithoutEndAreBounded) {
  Trigger trigger = hourly();
  trigger.known_since = kMinusInfinity;
  trigger.start_time = kMinusInfinity;
  EXPECT_EQ(expected_slots(trigger, kMinusInfinity, kInfinity)->slots.size(), kSlotsMax);
  EXPECT_THAT(expected_slots(trigger, kInfinity, kInfinity)->slots, IsEmpty());
  trigger.last_enabled_at = kInfinity;
  trigger.create_initial_pipeline_run = true;
  EXPECT_THAT(expected_slots(trigger, kMinusInfinity, kInfinity)->slots, IsEmpty());
}

TEST(Rewritten, ARowThatExpectsTheSameIsKnownSinceTheOneBefore) {
  const Trigger before = enabled_at_23_15();
  Trigger row = before;
  row.known_since += days(3);
  EXPECT_EQ(rewritten(before, row).known_since, before.known_since);
}

TEST(Rewritten, ARowThatExpectsSomethingElseIsKnownSinceItself) {
  const Trigger before = enabled_at_23_15();
  std::vector<Trigger> rows(7, before);
  rows[0].schedule_type = "API";
  rows[1].schedule_interval = "@daily";
  rows[2].status = "INACTIVE";
  rows[3].start_time = std::nullopt;
  rows[4].last_enabled_at = std::nullopt;
  rows[5].create_initial_pipeline_run = true;
  rows[6].landing_time_enabled = true;
  for (Trigger& row : rows) {
    row.known_since += days(3);
    EXPECT_EQ(rewritten(before, row).known_since, row.known_since);
  }
}

struct Overdue : ::testing::Test {
  Timestamp noon = utc("2026-11-28 12:00");
  std::vector<Slot> slots = expected(hourly(), "2026-11-28 11:00", "2026-11-28 14:00").slots;
  std::vector<Timestamp> runs{};

  std::vector<std::string> at(Timestamp as_of) {
    std::vector<std::string> texts;
    for (const OverdueSlot& each : missing(slots, runs, as_of))
      texts.push_back((each.missed ? "missed " : "late ") + shown(each.slot.at).substr(11));
    return texts;
  }
};

TEST_F(Overdue, ASlotIsLateFiveMinutesAfterItWasDueAndMissedFiveAfterTheNext) {
  EXPECT_THAT(at(noon), IsEmpty());
  EXPECT_THAT(at(noon + minutes(5)), IsEmpty());
  EXPECT_THAT(at(noon + minutes(5) + seconds(1)), ElementsAre("late 12:00"));
  EXPECT_THAT(at(noon + minutes(65)), ElementsAre("late 12:00"));
  EXPECT_THAT(at(noon + minutes(65) + seconds(1)), ElementsAre("missed 12:00", "late 13:00"));
}

TEST_F(Overdue, ASlotWithARunIsNeither) {
  runs = {noon + minutes(60), noon};
  EXPECT_THAT(at(noon + days(1)), ElementsAre("missed 14:00"));
  runs[1] += std::chrono::microseconds(1);
  EXPECT_THAT(at(noon + days(1)), ElementsAre("missed 12:00", "missed 14:00"));
}

TEST_F(Overdue, WhatIsDueLaterThanItsSlotIsLateLater) {
  slots = {{.at = noon, .due = noon + minutes(30), .closes = noon + minutes(60)}};
  EXPECT_THAT(at(noon + minutes(35)), IsEmpty());
  EXPECT_THAT(at(noon + minutes(36)), ElementsAre("late 12:00"));
}

TEST_F(Overdue, ASlotWithoutANextOneIsNeverMissed) {
  slots = {{.at = noon, .due = noon, .closes = kInfinity}};
  EXPECT_THAT(at(kInfinity), ElementsAre("late 12:00"));
}

TEST_F(Overdue, WithoutAWatermarkNothingIsLate) { EXPECT_THAT(at(kMinusInfinity), IsEmpty()); }

}  // namespace
}  // namespace walpulse::monitor
