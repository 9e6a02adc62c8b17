#include <algorithm>
#include <vector>

#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Waiting = NoticeStore::Waiting;

class NoticeStoreTest : public StoreTest {
 protected:
  static Notice notice(const std::string& channel, std::int64_t problem, double noted = 1) {
    Notice made;
    made.channel = channel;
    made.problem.id = problem;
    made.problem.finding.key = {ProblemKind::failing, "mage", "daily", ""};
    made.problem.finding.since = at(1);
    made.problem.opened = at(2);
    made.noted = at(noted);
    return made;
  }
  std::int64_t add(const Notice& notice) {
    return writing([&](Transaction& in) { return in.notices().add(notice); });
  }
  std::vector<std::int64_t> waiting(const std::string& channel, std::size_t count_max = 10,
                                    std::int64_t after = 0) {
    const auto found =
        reading([&](Transaction& in) { return in.notices().waiting(channel, count_max, after); });
    std::vector<std::int64_t> ids;
    for (const Notice& each : found) ids.push_back(each.id);
    return ids;
  }
  std::vector<Notice> of_problem(std::int64_t problem) {
    return reading([&](Transaction& in) { return in.notices().of_problem(problem); });
  }
  std::vector<Waiting> channels() {
    return reading([](Transaction& in) { return in.notices().channels(); });
  }
  void attach(const std::vector<std::int64_t>& ids, std::int64_t delivery) {
    writing([&](Transaction& in) {
      in.notices().attach(ids, delivery);
      return true;
    });
  }
};

TEST_P(NoticeStoreTest, KeepsAllOfANotice) {
  Notice whole = notice("it's \"data\"\n", 812);
  whole.target = "#it's \"x\"";
  whole.phase = Notice::Phase::unmuted;
  Finding& finding = whole.problem.finding;
  finding.key = {ProblemKind::undelivered, "mage", "a\nb", "#7"};
  finding.evidence = {{"slot", std::string("\0b", 2)}, {"missed", ""}, {"slot", "again"}};
  finding.severity = Severity::record;
  finding.cause = ProblemKey{ProblemKind::scheduler, "mage", "", ""};
  finding.since = kMinusInfinity;
  whole.problem.closed = at(9);
  whole.problem.told = false;
  whole.delivery = 4;
  whole.id = add(whole);
  EXPECT_GT(whole.id, 0);
  EXPECT_THAT(of_problem(812), ElementsAre(whole));
  EXPECT_THAT(waiting(whole.channel), IsEmpty());
  Notice plain = notice("data", 812);
  plain.id = add(plain);
  EXPECT_THAT(of_problem(812), ElementsAre(whole, plain));
  EXPECT_THAT(of_problem(813), IsEmpty());
}

TEST_P(NoticeStoreTest, ThoseOfAChannelWaitUntilTheyArePartOfADelivery) {
  const auto first = add(notice("b", 1, 5));
  const auto second = add(notice("b", 2, 3));
  const auto other = add(notice("a", 1, 4));
  EXPECT_THAT(waiting("b"), ElementsAre(first, second));
  EXPECT_THAT(waiting("b", 1), ElementsAre(first));
  EXPECT_THAT(waiting("b", 1, first), ElementsAre(second));
  EXPECT_THAT(waiting("b", 1, second), IsEmpty());
  EXPECT_THAT(waiting("c"), IsEmpty());
  EXPECT_THAT(channels(), ElementsAre(Waiting{"a", 1, at(4)}, Waiting{"b", 2, at(3)}));
  const auto waiting_of = [&](const std::vector<std::int64_t>& ids) {
    return reading([&](Transaction& in) { return in.notices().waiting_of(ids); });
  };
  EXPECT_EQ(waiting_of({first, second, other}), 3u);
  attach({first, other}, 7);
  attach({}, 8);
  EXPECT_EQ(waiting_of({first, second, other}), 1u);
  EXPECT_EQ(waiting_of({second, other + 1000}), 1u);
  EXPECT_EQ(waiting_of({}), 0u);
  EXPECT_THAT(channels(), ElementsAre(Waiting{"b", 1, at(3)}));
  attach({second}, kNotTold);
  EXPECT_THAT(channels(), IsEmpty());
  EXPECT_THAT(of_problem(2).at(0).delivery, ::testing::Optional(kNotTold));
}

TEST_P(NoticeStoreTest, AMessageIsOutdatedOnceAllThatItToldOfIsOver) {
  using Phase = Notice::Phase;
  Problem open = notice("a", 0).problem;
  open.id = writing([&](Transaction& in) { return in.problems().save(open); });
  const std::int64_t over = open.id + 1'000;
  const auto told = [&](std::int64_t delivery, std::int64_t problem, Phase phase = Phase::opened) {
    Notice one = notice("a", problem);
    one.phase = phase;
    attach({add(one)}, delivery);
  };
  const auto is_outdated = [&](std::int64_t delivery) {
    return reading([&](Transaction& in) { return in.notices().is_outdated(delivery); });
  };
  told(1, over);
  told(1, over, Phase::repeated);
  EXPECT_TRUE(is_outdated(1));
  told(1, open.id);
  EXPECT_FALSE(is_outdated(1)) << "one is open";
  told(2, over, Phase::closed);
  EXPECT_FALSE(is_outdated(2)) << "it tells of an end";
  told(3, 0, Phase::found);
  EXPECT_FALSE(is_outdated(3)) << "it greets";
  EXPECT_FALSE(is_outdated(4)) << "it is of no problem: a call";
  open.closed = at(9);
  writing([&](Transaction& in) { return in.problems().save(open); });
  EXPECT_TRUE(is_outdated(1));
}

TEST_P(NoticeStoreTest, TheOldestAreForgottenToldOrNot) {
  const auto first = add(notice("a", 1, 1));
  add(notice("a", 1, 2));
  add(notice("a", 1, 3));
  attach({first}, 7);
  const auto remove = [&](double before, std::size_t count_max) {
    const std::size_t had = of_problem(1).size();
    const std::size_t removed =
        writing([&](Transaction& in) { return in.notices().remove(at(before), count_max); });
    EXPECT_EQ(had - removed, of_problem(1).size());
    return of_problem(1).size();
  };
  EXPECT_EQ(remove(1, 10), 3u);
  EXPECT_EQ(remove(3, 1), 2u);
  EXPECT_EQ(of_problem(1).at(0).noted, at(2));
  EXPECT_EQ(remove(3, 10), 1u);
}

TEST_P(NoticeStoreTest, ThoseOfAnOpenProblemStayUntilItIsClosed) {
  Problem problem = notice("a", 0).problem;
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 3; ++i)
    ids.push_back(writing([&](Transaction& in) { return in.problems().save(problem); }));
  for (const std::int64_t each : ids) {
    add(notice("a", each, 1));
    add(notice("b", each, 2));
  }
  const auto remove = [&](std::size_t count_max) {
    writing([&](Transaction& in) {
      in.notices().remove(at(100), count_max);
      return true;
    });
    std::vector<std::size_t> left;
    for (const std::int64_t each : ids) left.push_back(of_problem(each).size());
    return left;
  };
  EXPECT_THAT(remove(10), ElementsAre(2u, 2u, 2u));
  problem.id = ids[1];
  problem.closed = at(9);
  writing([&](Transaction& in) { return in.problems().save(problem); });
  EXPECT_THAT(remove(1), ElementsAre(2u, 1u, 2u)) << "what stays counts for nothing";
  EXPECT_THAT(remove(10), ElementsAre(2u, 0u, 2u));
}

TEST_P(NoticeStoreTest, TheNewestOfManyProblemsAtOnceAreLight) {
  Notice placed = notice("b", 2, 4);
  placed.target = "#x";
  placed.phase = Notice::Phase::repeated;
  placed.delivery = 9;
  const auto first = add(notice("a", 1)), second = add(notice("a", 1)), third = add(placed);
  add(notice("c", 3));
  const auto newest = [&](const std::vector<std::int64_t>& problems, std::size_t count_max) {
    auto found =
        reading([&](Transaction& in) { return in.notices().newest_of(problems, count_max); });
    std::ranges::stable_sort(found, {}, [](const Notice& each) { return each.problem.id; });
    return found;
  };
  const auto found = newest({2, 1, 812}, 9);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].id, second);
  EXPECT_EQ(found[1].id, first);
  EXPECT_EQ(found[0].delivery, std::nullopt);
  placed.id = third;
  placed.problem = {};
  placed.problem.id = 2;
  EXPECT_EQ(found[2], placed);
  EXPECT_EQ(newest({1, 2}, 1).size(), 2u);
  EXPECT_THAT(newest({}, 9), IsEmpty());
}

TEST_P(NoticeStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([](Transaction& in) { in.notices().add(notice("a", 1)); });
  EXPECT_THAT(of_problem(1), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Storages, NoticeStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
