#include "monitor/problems/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};

Finding finding(int n, Timestamp since = kNow, std::string word = "") {
  return {{ProblemKind::failing, "mage", "p" + std::to_string(n), ""},
          since,
          {{"word", std::move(word)}},
          Severity::notify,
          std::nullopt};
}

Problem open(const Finding& finding) { return {finding, kNow, std::nullopt}; }

TEST(Reconcile, OpensWhatIsNewAndClosesWhatIsOver) {
  const auto changes =
      reconcile({open(finding(1)), open(finding(2))}, {finding(2), finding(3)}, kNow + 1h);
  ASSERT_THAT(changes.opened, SizeIs(1));
  EXPECT_EQ(changes.opened[0], (Problem{finding(3), kNow + 1h, std::nullopt}));
  ASSERT_THAT(changes.closed, SizeIs(1));
  EXPECT_EQ(changes.closed[0], (Problem{finding(1), kNow, kNow + 1h}));
  EXPECT_THAT(changes.changed, IsEmpty());
}

TEST(Reconcile, KeepsWhenItWasOpenedAndTheEarliestSince) {
  const auto changes =
      reconcile({open(finding(1, kNow, "old"))}, {finding(1, kNow + 5min, "new")}, kNow + 1h);
  EXPECT_THAT(changes.changed, ElementsAre(open(finding(1, kNow, "new"))));
  EXPECT_TRUE(reconcile({open(finding(1))}, {finding(1, kNow + 5min)}, kNow + 1h).empty());
  EXPECT_THAT(reconcile({open(finding(1))}, {finding(1, kNow - 5min)}, kNow + 1h).changed,
              ElementsAre(open(finding(1, kNow - 5min))));
}

TEST(Reconcile, OfFindingsOfOneKeyTheFirstCounts) {
  const auto changes = reconcile({}, {finding(1, kNow, "a"), finding(1, kNow, "b")}, kNow);
  EXPECT_THAT(changes.opened, ElementsAre(Field(&Problem::finding, finding(1, kNow, "a"))));
}

TEST(Reconcile, WhatHasACauseIsToldWhereItOutlivesIt) {
  Finding child = finding(1);
  child.cause = ProblemKey{ProblemKind::scheduler, "mage", "", ""};
  const auto opened = reconcile({}, {child, finding(2)}, kNow).opened;
  EXPECT_THAT(opened, ElementsAre(Field(&Problem::told, false), Field(&Problem::told, true)));
  EXPECT_TRUE(reconcile(opened, {child, finding(2)}, kNow).empty());
  const auto outlived = reconcile(opened, {finding(1), finding(2)}, kNow + 1h).changed;
  EXPECT_THAT(outlived, ElementsAre(Field(&Problem::told, true)));
  EXPECT_THAT(reconcile(outlived, {child}, kNow + 2h).changed,
              ElementsAre(Field(&Problem::told, true)))
      << "what was told stays so";
}

TEST(Reconcile, WhatIsNoNewerThanTheFirstLookIsToldOnceItIs) {
  Finding old = finding(1), at_it = finding(2), later = finding(3), of_no_run = finding(4);
  old.newest = kNow - 1h;
  at_it.newest = kNow;
  later.newest = kNow + 1us;
  const auto opened = reconcile({}, {old, at_it, later, of_no_run}, kNow + 1h, kNow).opened;
  EXPECT_THAT(opened, ElementsAre(Field(&Problem::told, false), Field(&Problem::told, false),
                                  Field(&Problem::told, true), Field(&Problem::told, true)));
  EXPECT_TRUE(reconcile(opened, {old, at_it, later, of_no_run}, kNow + 1h, kNow).empty());
  EXPECT_THAT(reconcile(opened, {later, of_no_run}, kNow + 1h, kNow).closed,
              ElementsAre(Field(&Problem::told, false), Field(&Problem::told, false)));
  old.newest = kNow + 30min;
  const auto changed = reconcile(opened, {old, at_it, later, of_no_run}, kNow + 1h, kNow).changed;
  EXPECT_THAT(changed, ElementsAre(Field(&Problem::told, true)));
  old.cause = ProblemKey{ProblemKind::scheduler, "mage", "", ""};
  EXPECT_THAT(reconcile({}, {old}, kNow + 1h, kNow).opened,
              ElementsAre(Field(&Problem::told, false)))
      << "its cause is told";
}

Finding of(ProblemKind kind, std::string subject, std::string instance) {
  return {{kind, "mage", std::move(subject), std::move(instance)}, kNow, {}, Severity::notify, {}};
}

TEST(Reconcile, WhatIsCalledAnotherNameIsTheSameProblem) {
  const auto before = of(ProblemKind::failing, "sync trigger=nightly", "#sync trigger=7");
  const auto after = of(ProblemKind::failing, "sync trigger=daily", "#sync trigger=7");
  const auto changes = reconcile({open(before)}, {after}, kNow + 1h);
  EXPECT_THAT(changes.changed, ElementsAre(open(after)));
  EXPECT_THAT(changes.opened, IsEmpty());
  EXPECT_THAT(changes.closed, IsEmpty());
  EXPECT_TRUE(reconcile({open(after)}, {after}, kNow + 1h).empty());
}

TEST(Reconcile, TwoOfOneNameAreTwoProblems) {
  const auto one = of(ProblemKind::failing, "sync trigger=nightly", "#sync trigger=7");
  const auto other = of(ProblemKind::failing, "sync trigger=nightly", "#sync trigger=8");
  EXPECT_THAT(reconcile({}, {one, other}, kNow).opened, SizeIs(2));
  const auto changes = reconcile({open(one)}, {other}, kNow);
  EXPECT_THAT(changes.opened, SizeIs(1)) << "the one is over, the other is new";
  EXPECT_THAT(changes.closed, ElementsAre(Field(&Problem::told, true)));
}

TEST(Reconcile, WhatAnEarlierBuildKnewByTheTriggersNameGoesOn) {
  const auto before = of(ProblemKind::failing, "sync trigger=nightly", "");
  const auto one = of(ProblemKind::failing, "sync trigger=nightly", "#sync trigger=7");
  const auto other = of(ProblemKind::failing, "sync trigger=nightly", "#sync trigger=8");
  const auto changes = reconcile({open(before)}, {one, other}, kNow + 1h);
  EXPECT_THAT(changes.changed, ElementsAre(open(one)));
  EXPECT_THAT(changes.opened, ElementsAre(Field(&Problem::finding, other)));
  EXPECT_THAT(changes.closed, IsEmpty());
}

TEST(Reconcile, WhatAnEarlierBuildOpenedForEachRunGoesOnAsOne) {
  std::vector<Problem> before;
  for (int run = 1; run <= 5000; ++run)
    before.push_back(open(of(ProblemKind::waiting, "sync", std::to_string(run))));
  const auto now = of(ProblemKind::waiting, "sync", "");
  const auto changes = reconcile(before, {now}, kNow + 1h);
  EXPECT_THAT(changes.changed, ElementsAre(open(now)));
  EXPECT_THAT(changes.opened, IsEmpty());
  ASSERT_THAT(changes.closed, SizeIs(4999));
  for (const Problem& each : changes.closed) EXPECT_FALSE(each.told);
  EXPECT_THAT(reconcile(before, {}, kNow + 1h).closed[7].told, true) << "it is over";
}

TEST(Reconcile, NothingOfTodayIsTakenForWhatAnEarlierBuildKept) {
  for (const char* gone : {"@staging.pipeline_run", "#sync trigger=8"}) {
    const auto changes = reconcile({open(of(ProblemKind::waiting, "sync", gone))},
                                   {of(ProblemKind::waiting, "sync", "")}, kNow);
    EXPECT_THAT(changes.opened, SizeIs(1)) << gone;
    EXPECT_THAT(changes.closed, ElementsAre(Field(&Problem::told, true))) << gone;
  }
}

/// What is open, kept as the ledger keeps it.
class Kept {
 public:
  void look(const std::vector<Finding>& findings, Timestamp now) {
    std::vector<Problem> all;
    for (const auto& [key, problem] : open_) all.push_back(problem);
    const auto changes = reconcile(all, findings, now);
    for (const Problem& one : changes.closed) EXPECT_EQ(open_.erase(one.finding.key), 1U);
    for (const Problem& one : changes.opened)
      EXPECT_TRUE(open_.try_emplace(one.finding.key, one).second);
    for (const Problem& one : changes.changed) open_.at(one.finding.key) = one;
  }
  std::vector<ProblemKey> keys() const {
    std::vector<ProblemKey> keys;
    for (const auto& [key, problem] : open_) keys.push_back(key);
    return keys;
  }

 private:
  std::map<ProblemKey, Problem> open_;
};

TEST(Reconcile, WhateverWasMissedMeanwhileWhatIsOpenIsWhatIsTheCase) {
  std::mt19937 random(20261128);
  Kept always, away;
  for (int step = 0; step < 2000; ++step) {
    std::vector<Finding> findings;
    for (int n = 0; n < 8; ++n)
      if (random() % 2 == 0) findings.push_back(finding(n, kNow + std::chrono::seconds(step)));
    std::ranges::shuffle(findings, random);
    const Timestamp now = kNow + std::chrono::seconds(step);
    always.look(findings, now);
    always.look(findings, now);
    if (random() % 5 != 0) continue;  // A leader that slept through the other steps.
    away.look(findings, now);
    EXPECT_EQ(away.keys(), always.keys());
    EXPECT_EQ(away.keys().size(), findings.size());
  }
}

TEST(ProblemKind, EachHasANameOfItsOwnThatReadsBack) {
  for (std::size_t i = 0; i < kProblemKinds; ++i) {
    const auto kind = static_cast<ProblemKind>(i);
    EXPECT_EQ(problem_kind(name_of(kind)), kind);
    EXPECT_FALSE(title_of(kind).empty());
  }
  EXPECT_EQ(problem_kind("overdue"), std::nullopt);
}

}  // namespace
}  // namespace walpulse::monitor
