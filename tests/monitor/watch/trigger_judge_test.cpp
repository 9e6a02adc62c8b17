#include "monitor/watch/trigger_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Timestamp kMidnight{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};

KnownTrigger hourly() {
  KnownTrigger known;
  known.source = "mage";
  known.trigger.id = 7;
  known.trigger.name = "every hour";
  known.trigger.pipeline_uuid = "sync";
  known.expectation.schedule_type = "TIME";
  known.expectation.schedule_interval = "@hourly";
  known.expectation.status = "ACTIVE";
  known.expectation.known_since = kMidnight - 24h;
  return known;
}

rules::Rules rules_of(const std::string& text) {
  const std::vector<rules::RulesText> texts{{"rules.toml", text}};
  auto read = rules::read_rules(texts);
  EXPECT_TRUE(read.has_value()) << text;
  return read ? *std::move(read) : rules::Rules{};
}

std::vector<SlotRun> runs_at(std::initializer_list<int> hours) {
  std::vector<SlotRun> runs;
  for (const int hour : hours)
    runs.push_back({kMidnight + std::chrono::hours(hour), 1, true, false});
  return runs;
}

std::optional<JudgedTrigger> judge(const KnownTrigger& trigger, const std::vector<SlotRun>& runs,
                                   Timestamp as_of, const std::string& rules = "") {
  return judge_trigger(trigger, runs, kMidnight - 1us, rules_of(rules), as_of);
}

std::string marks(const JudgedTrigger& judged) {
  std::string text;
  for (const DueSlot& slot : judged.slots.due) text += slot.has_run ? 'x' : '-';
  return text;
}

TEST(TriggerJudge, ASlotCountsOnceItsToleranceHasPassed) {
  const auto runs = runs_at({0, 1});
  EXPECT_EQ(marks(*judge(hourly(), runs, kMidnight + 2h + 4min)), "xx");
  const auto judged = judge(hourly(), runs, kMidnight + 2h + 5min);
  EXPECT_EQ(marks(*judged), "xx-");
  EXPECT_THAT(judged->missed, IsEmpty()) << "Mage may still make it";
  EXPECT_EQ(judged->next, kMidnight + 3h + 5min);
  EXPECT_EQ(judge(hourly(), runs, kMidnight + 2h + 4min)->next, kMidnight + 2h + 5min);
}

TEST(TriggerJudge, MissedOnceMageHasGoneOnToTheNextSlot) {
  const auto judged = judge(hourly(), runs_at({0, 2}), kMidnight + 4h + 5min);
  EXPECT_EQ(marks(*judged), "x-x--");
  EXPECT_THAT(judged->missed, ElementsAre(kMidnight + 1h, kMidnight + 3h));
}

TEST(TriggerJudge, ARunByHandIsNoSlots) {
  auto runs = runs_at({0});
  runs.push_back({kMidnight + 1h + 7min, 2, true, false});
  EXPECT_EQ(marks(*judge(hourly(), runs, kMidnight + 1h + 30min)), "x-");
}

TEST(TriggerJudge, RulesSayHowLongAndWhetherAtAll) {
  const Timestamp as_of = kMidnight + 10min;
  EXPECT_THAT(judge(hourly(), {}, as_of)->slots.due, SizeIs(1));
  EXPECT_THAT(judge(hourly(), {}, as_of, "[defaults]\nstart_within = \"11m\"")->slots.due,
              IsEmpty());
  for (const char* off :
       {"ignore = true", "start_within = \"off\"", "runs = \"for_ever\"", "runs = \"on_demand\""})
    EXPECT_FALSE(judge(hourly(), {}, as_of, std::string("[[pipeline]]\nmatch = \"sync\"\n") + off))
        << off;
  EXPECT_FALSE(judge(hourly(), {}, as_of,
                     "[[pipeline]]\nmatch = \"*\"\ntrigger = \"every hour\"\nignore = true"));
}

TEST(TriggerJudge, WhatExpectsNothingHasNoSlots) {
  const Timestamp as_of = kMidnight + 10h;
  for (const auto& [status, type, interval] :
       {std::tuple("INACTIVE", "TIME", "@hourly"), std::tuple("ACTIVE", "API", "@hourly"),
        std::tuple("ACTIVE", "", "@hourly"), std::tuple("ACTIVE", "TIME", "@once"),
        std::tuple("ACTIVE", "TIME", "@always_on")}) {
    KnownTrigger trigger = hourly();
    trigger.expectation.status = status;
    trigger.expectation.schedule_type = type;
    trigger.expectation.schedule_interval = interval;
    const auto judged = judge(trigger, {}, as_of);
    ASSERT_TRUE(judged) << interval;
    EXPECT_THAT(judged->slots.due, IsEmpty()) << status << type << interval;
    EXPECT_EQ(judged->next, kInfinity);
  }
  KnownTrigger broken = hourly();
  broken.expectation.schedule_interval = "every other day";
  EXPECT_FALSE(judge(broken, {}, as_of));
  KnownTrigger of_nothing = hourly();
  of_nothing.trigger.pipeline_uuid.reset();
  EXPECT_FALSE(judge(of_nothing, {}, as_of));
}

TEST(TriggerJudge, LooksBackOverSoManySlotsAndHardlyFurtherThanFourWeeks) {
  Trigger trigger = hourly().expectation;
  EXPECT_EQ(slots_begin(trigger, kMidnight, 100), kMidnight - 99h - 1us);
  trigger.schedule_interval = "*/5 6-7 * * *";  // in clusters
  EXPECT_EQ(slots_begin(trigger, kMidnight + 23h, 24), kMidnight + 6h - 1us);
  trigger.schedule_interval = "@daily";
  EXPECT_EQ(slots_begin(trigger, kMidnight, 100), kMidnight - 28 * 24h - 1us);
  trigger.schedule_interval = "0 0 1 * *";
  const Timestamp september{std::chrono::sys_days(std::chrono::year(2026) / 9 / 1)};
  EXPECT_EQ(slots_begin(trigger, kMidnight, 100), september - 1us)
      << "the newest three, however old";
  trigger.status = "INACTIVE";
  EXPECT_EQ(slots_begin(trigger, kMidnight, 100), kMidnight);
}

TEST(TriggerJudge, AMonthlySlotStaysUntilTheNext) {
  KnownTrigger monthly = hourly();
  monthly.expectation.schedule_interval = "0 0 1 * *";
  monthly.expectation.known_since = kMidnight - 90 * 24h;
  const Timestamp late{std::chrono::sys_days(std::chrono::year(2026) / 10 / 31) + 12h};
  const Timestamp begin = slots_begin(monthly.expectation, late, kSlotsLater);
  const auto judged = judge_trigger(monthly, {}, begin, rules_of(""), late);
  ASSERT_FALSE(judged->slots.due.empty());
  EXPECT_EQ(judged->slots.due.back().at,
            Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 10 / 1)));
}

TEST(TriggerJudge, ASlotThatNeverClosesIsLookedAtOnce) {
  KnownTrigger once = hourly();
  once.expectation.schedule_interval = "0 0 29 2 1#5";  // hardly ever
  const auto judged = judge(once, {}, kMidnight + 10h);
  ASSERT_TRUE(judged);
  EXPECT_GT(judged->next, kMidnight + 10h);
}

TEST(TriggerJudge, ADeadlineIsKeptWhereEachOfItsSlotsCompleted) {
  const Trigger trigger = hourly().expectation;
  auto runs = runs_at({1, 2, 3});
  EXPECT_EQ(slots_done(trigger, runs, kMidnight, kMidnight + 3h), true);
  EXPECT_EQ(slots_done(trigger, runs, kMidnight, kMidnight + 4h), false);
  runs[1].completed = false;
  EXPECT_EQ(slots_done(trigger, runs, kMidnight, kMidnight + 3h), false);
  EXPECT_EQ(slots_done(trigger, runs, kMidnight, kMidnight + 10min), std::nullopt);
}

}  // namespace
}  // namespace walpulse::monitor
