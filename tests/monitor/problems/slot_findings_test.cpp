#include "monitor/problems/slot_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr Timestamp kMidnight{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};

Timestamp hour(int n) { return kMidnight + std::chrono::hours(n); }

/// Slots at the hours from 0 on: 'x' has a run, '-' has none.
TriggerSlots trigger(std::int64_t id, std::string_view runs, std::string source = "mage") {
  TriggerSlots slots{std::move(source), "daily_sales", id, "nightly", Severity::notify, {}, {}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    slots.due.push_back({hour(static_cast<int>(i)), runs[i] == 'x'});
  }
  return slots;
}

std::vector<Finding> found(const std::vector<TriggerSlots>& triggers, Timestamp as_of = hour(8)) {
  std::vector<const TriggerSlots*> all;
  for (const TriggerSlots& each : triggers) all.push_back(&each);
  return slot_findings(all, as_of);
}

TEST(SlotFindings, NothingWhereTheNewestSlotHasItsRun) {
  EXPECT_THAT(found({}), IsEmpty());
  EXPECT_THAT(found({trigger(1, ""), trigger(2, "x"), trigger(3, "x-x")}), IsEmpty());
}

TEST(SlotFindings, OneForEachTriggerSinceTheFirstSlotInARowThatItMissed) {
  const auto findings = found({trigger(7, "xxx--"), trigger(8, "xxxxx")});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].key, (ProblemKey{ProblemKind::not_started, "mage", "daily_sales", "7"}));
  EXPECT_EQ(findings[0].since, hour(3));
  EXPECT_EQ(findings[0].newest, hour(4));
  EXPECT_THAT(
      findings[0].evidence,
      ElementsAre(std::pair("trigger", "nightly"), std::pair("slot", "2026-11-28T03:00:00.000000Z"),
                  std::pair("missed", "2"),
                  std::pair("newest_slot", "2026-11-28T04:00:00.000000Z")));
  EXPECT_EQ(findings[0].cause, std::nullopt);
}

TEST(SlotFindings, OfATriggerThatNeverRanSinceItsFirstSlot) {
  const auto findings = found({trigger(1, "--"), trigger(2, "xxxxxxxx")});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].since, hour(0));
}

TEST(SlotFindings, TheSchedulerIsTheCauseWhereHalfOfTheSlotsHaveNoRun) {
  const auto findings = found({trigger(1, "x--"), trigger(2, "x-"), trigger(3, "x")});
  ASSERT_THAT(findings, SizeIs(3));
  const ProblemKey scheduler{ProblemKind::scheduler, "mage", "", ""};
  EXPECT_EQ(findings[0].key, scheduler);
  EXPECT_EQ(findings[0].since, hour(1));
  EXPECT_EQ(findings[0].newest, hour(2));
  EXPECT_THAT(findings[0].evidence, ElementsAre(std::pair("due", "3"), std::pair("missing", "3")));
  EXPECT_THAT(findings[1].cause, Optional(scheduler));
  EXPECT_THAT(findings[2].cause, Optional(scheduler));
}

TEST(SlotFindings, TheSchedulerIsNotTheCauseWhereFewerThanThreeOrThanHalfAreMissing) {
  for (const auto& triggers : {std::vector{trigger(1, "--")}, std::vector{trigger(1, "----")},
                               std::vector{trigger(1, "---"), trigger(2, "xxxx")}}) {
    for (const Finding& finding : found(triggers)) {
      EXPECT_EQ(finding.key.kind, ProblemKind::not_started);
      EXPECT_EQ(finding.cause, std::nullopt);
    }
  }
}

TEST(SlotFindings, OneSourcesSchedulerSaysNothingOfAnothers) {
  const auto findings = found({trigger(1, "--", "a"), trigger(3, "-", "a"), trigger(2, "x-", "b")});
  ASSERT_THAT(findings, SizeIs(4));
  EXPECT_THAT(findings[0].key, Field(&ProblemKey::source, "a"));
  EXPECT_EQ(findings[3].key.source, "b");
  EXPECT_EQ(findings[3].cause, std::nullopt);
}

TEST(SlotFindings, WhatWasMissedBeforeTheWindowDoesNotBlameTheScheduler) {
  const auto findings = found({trigger(1, "----x-")}, hour(28));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].since, hour(5));
}

TEST(SlotFindings, ASchedulerThatStartsAgainIsDeadNoMore) {
  const std::string night(13, '-');
  const std::vector down{trigger(1, "xx" + night), trigger(2, "xx" + night)};
  EXPECT_EQ(found(down, hour(15))[0].key.kind, ProblemKind::scheduler);
  const std::vector again{trigger(1, "xx" + night + "x"), trigger(2, "xx" + night + "x")};
  EXPECT_THAT(found(again, hour(16)), IsEmpty());
  const std::vector one_is_broken{trigger(1, "xx" + night + "xx"), trigger(2, "xx" + night + "xx"),
                                  trigger(3, "xx" + night + "x-")};
  const auto findings = found(one_is_broken, hour(17));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].cause, std::nullopt) << "which is told";
}

TEST(SlotFindings, ASchedulerThatStaysDeadStaysTheCauseHoweverLongItWasWell) {
  const std::string day(24, 'x');
  const std::vector triggers{trigger(1, day + "-"), trigger(2, day + "-"), trigger(3, day + "-")};
  for (const auto minute : {0, 30, 59}) {
    const auto findings = found(triggers, hour(24) + std::chrono::minutes(minute));
    ASSERT_THAT(findings, SizeIs(4)) << minute;
    EXPECT_EQ(findings[0].key.kind, ProblemKind::scheduler);
    EXPECT_EQ(findings[0].since, hour(24));
  }
}

}  // namespace
}  // namespace walpulse::monitor
