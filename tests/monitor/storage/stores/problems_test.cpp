#include <vector>

#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Problem problem(const std::string& subject, int since = 1) {
  Problem made;
  made.finding.key = {ProblemKind::not_started, "mage", subject, "7"};
  made.finding.since = at(since);
  made.finding.evidence = {{"slot", "b"}, {"missed", "a"}, {"slot", ""}};
  made.opened = at(since + 1);
  return made;
}

class ProblemStoreTest : public StoreTest {
 protected:
  void save(const Problem& problem) {
    writing([&](Transaction& in) {
      in.problems().save(problem);
      return true;
    });
  }
  std::vector<Problem> open() {
    return reading([](Transaction& in) { return in.problems().open(); });
  }
  std::vector<Problem> closed(std::size_t count_max = 10) {
    return reading([&](Transaction& in) { return in.problems().closed(count_max); });
  }
  std::vector<std::string> subjects(const std::vector<Problem>& problems) {
    std::vector<std::string> names;
    for (const Problem& each : problems) names.push_back(each.finding.key.subject);
    return names;
  }
  void close(std::size_t nth, int when) {
    Problem over = open().at(nth);
    over.closed = at(when);
    save(over);
  }
};

TEST_P(ProblemStoreTest, KeepsAllOfAProblem) {
  Problem whole = problem("daily_sales partner=\"acme\"\n");
  whole.finding.severity = Severity::page;
  whole.finding.cause = ProblemKey{ProblemKind::scheduler, "mage", "", ""};
  save(whole);
  ASSERT_THAT(open(), SizeIs(1));
  whole.id = open()[0].id;
  EXPECT_GT(whole.id, 0);
  const std::int64_t again = writing([&](Transaction& in) { return in.problems().save(whole); });
  EXPECT_EQ(again, whole.id);
  const std::int64_t another =
      writing([&](Transaction& in) { return in.problems().save(problem("weekly")); });
  EXPECT_EQ(open().back().id, another);
  close(1, 9);
  EXPECT_EQ(open()[0], whole);
}

TEST_P(ProblemStoreTest, GivesThemInTheOrderInWhichTheyWereOpened) {
  for (const char* subject : {"b", "c", "a"}) save(problem(subject));
  EXPECT_THAT(subjects(open()), ElementsAre("b", "c", "a"));
}

TEST_P(ProblemStoreTest, WritesOverTheOneThatHasItsId) {
  save(problem("a"));
  save(problem("a"));
  Problem changed = open().at(1);
  changed.finding.key.subject = "a by another name";
  changed.finding.key.instance = "#a trigger=7";
  changed.finding.since = at(-5);
  changed.finding.evidence = {};
  changed.finding.severity = Severity::record;
  changed.finding.cause = ProblemKey{ProblemKind::blind, "", "", ""};
  save(changed);
  ASSERT_THAT(open(), SizeIs(2));
  EXPECT_EQ(open()[1], changed);
  EXPECT_EQ(open()[0].finding, problem("a").finding);
}

TEST_P(ProblemStoreTest, WhatIsClosedIsNotOpenTheLastFirst) {
  for (const char* subject : {"a", "b", "c", "d"}) save(problem(subject));
  close(1, 30);
  close(2, 20);
  close(0, 20);
  EXPECT_THAT(subjects(open()), ElementsAre("c"));
  EXPECT_THAT(subjects(closed()), ElementsAre("b", "d", "a"));
  EXPECT_THAT(subjects(closed(1)), ElementsAre("b"));
  EXPECT_EQ(closed()[0].closed, at(30));
}

TEST_P(ProblemStoreTest, RemovesWhatWasClosedLongAgoAndNothingOpen) {
  for (const char* subject : {"a", "b", "c"}) save(problem(subject));
  close(0, 10);
  close(0, 20);
  writing([](Transaction& in) {
    in.problems().remove(at(20));
    return true;
  });
  EXPECT_THAT(subjects(closed()), ElementsAre("b"));
  EXPECT_THAT(subjects(open()), ElementsAre("c"));
}

TEST_P(ProblemStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([](Transaction& in) { in.problems().save(problem("a")); });
  EXPECT_THAT(open(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Storages, ProblemStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
