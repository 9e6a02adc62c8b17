#include <gmock/gmock.h>

#include <vector>

#include "tests/monitor/storage/store_fixture.h"

/// What lists and bars read: the ends of runs, page by page.
namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class RunEndsTest : public StoreTest {
 protected:
  static RunState ended(double when, const std::string& pipeline = "daily") {
    RunState state;
    state.status = "COMPLETED";
    state.pipeline = pipeline;
    state.since = state.last_event = at(when);
    state.success = End{position(static_cast<std::uint64_t>(when)), at(when)};
    state.finish = RunFinish{at(when), 1500ms};
    return state;
  }
  void save(const RunKey& key, const RunState& state) {
    const std::vector<RunKey> keys{key};
    writing([&](Transaction& in) {
      std::vector<StoredRun> runs = in.runs().load(keys);
      runs.front().run.timeline = {make_end(position(1), at(1))};
      runs.front().run.state = state;
      in.runs().save(runs);
      return true;
    });
  }
  void save(std::int64_t id, const RunState& state) { save(RunKey{source_, id}, state); }
  std::vector<RunEnd> ends_of(const EndsBefore& before = {}, Timestamp from = kMinusInfinity,
                              std::size_t count_max = 100, const std::string& pipeline = "daily") {
    return reading([&](Transaction& in) {
      return in.runs().ends_of(source_, pipeline, before, from, count_max);
    });
  }
  std::vector<RunEnd> ends(const EndsBefore& before = {}, Timestamp from = kMinusInfinity,
                           std::size_t count_max = 100) {
    return reading([&](Transaction& in) { return in.runs().ends(before, from, count_max); });
  }
  static std::vector<std::int64_t> ids(const std::vector<RunEnd>& ends) {
    std::vector<std::int64_t> ids;
    for (const RunEnd& end : ends) ids.push_back(end.key.run);
    return ids;
  }

  const std::int64_t source_ = source();
};

TEST_P(RunEndsTest, TellAllOfAnEnd) {
  RunState state = ended(20);
  state.schedule = 7;
  state.labels = std::string("\x01\x00\xFFz", 4);
  save(1, state);
  const RunEnd expected{at(20), {source_, 1}, "daily", "COMPLETED", 1.5, 7, state.labels};
  EXPECT_THAT(ends_of(), ElementsAre(expected));
  EXPECT_THAT(ends(), ElementsAre(expected));
  state.status = "FAILED";
  state.finish->took.reset();
  state.schedule.reset();
  state.labels.clear();
  save(1, state);
  const RunEnd failed{at(20), {source_, 1}, "daily", "FAILED", std::nullopt, std::nullopt, ""};
  EXPECT_THAT(ends_of(), ElementsAre(failed));
  EXPECT_THAT(ends(), ElementsAre(failed));
}

/// Fifty of each pipeline are kept: with names and labels of their own they would be half the heap.
TEST_P(RunEndsTest, OfOneReadingShareTheirTexts) {
  RunState state = ended(10);
  state.labels = "labels of more than fifteen bytes";
  save(1, state);
  state = ended(20);
  state.labels = "labels of more than fifteen bytes";
  save(2, state);
  for (const auto& found : {ends_of(), ends()}) {
    ASSERT_THAT(ids(found), ElementsAre(2, 1));
    EXPECT_EQ(found[0].pipeline.str().data(), found[1].pipeline.str().data());
    EXPECT_EQ(found[0].labels.str().data(), found[1].labels.str().data());
  }
}

TEST_P(RunEndsTest, AreThoseOfThePipelineAloneTheNewestFirst) {
  save(1, ended(20));
  save(2, ended(10));
  save(3, ended(30, "weekly"));
  const std::int64_t other = source("staging");
  save(RunKey{other, 4}, ended(15));
  EXPECT_THAT(ids(ends_of()), ElementsAre(1, 2));
  EXPECT_THAT(ids(ends_of({}, kMinusInfinity, 100, "weekly")), ElementsAre(3));
  EXPECT_THAT(ends_of({}, kMinusInfinity, 100, "none"), IsEmpty());
  EXPECT_THAT(ids(ends()), ElementsAre(3, 1, 4, 2));
}

TEST_P(RunEndsTest, AreGivenPageByPageAlsoThoseOfOneInstant) {
  const std::int64_t other = source("staging");
  std::vector<RunKey> expected;
  for (std::int64_t id = 1; id <= 7; ++id) {
    save(id, ended(id < 3 ? 10 : 20));
    save(RunKey{other, id}, ended(20));
  }
  const auto all = ends();
  ASSERT_EQ(all.size(), 14u);
  std::vector<RunEnd> paged;
  for (EndsBefore before;;) {
    const auto page = ends(before, kMinusInfinity, 3);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    before = {page.back().ended, page.back().key};
  }
  EXPECT_EQ(paged, all);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const RunEnd& a, const RunEnd& b) {
    return std::tie(b.ended, b.key) < std::tie(a.ended, a.key);
  }));
  EXPECT_THAT(ids(ends_of({at(20), {source_, 5}}, kMinusInfinity, 3)), ElementsAre(4, 3, 2));
  EXPECT_THAT(ids(ends_of({at(20), {source_, 5}}, at(20), 3)), ElementsAre(4, 3));
  EXPECT_THAT(ids(ends({at(20), {source_, INT64_MIN}})), ElementsAre(2, 1));
  EXPECT_THAT(ends_of({}, at(21)), IsEmpty());
  EXPECT_THAT(ends({}, at(20.5)), IsEmpty());
  EXPECT_THAT(ends({}, kMinusInfinity, 0), IsEmpty());
}

TEST_P(RunEndsTest, GoWhileARunIsActiveAgainAndComeBackWithItsNextEnd) {
  save(1, ended(10));
  save(2, ended(20));
  RunState retried = ended(10);
  retried.active = true;
  retried.status = "RUNNING";
  retried.finish.reset();
  save(1, retried);
  EXPECT_THAT(ids(ends_of()), ElementsAre(2));
  EXPECT_THAT(ids(ends()), ElementsAre(2));
  save(1, ended(30));
  EXPECT_THAT(ids(ends_of()), ElementsAre(1, 2));
  EXPECT_THAT(ids(ends()), ElementsAre(1, 2));
}

TEST_P(RunEndsTest, FollowARenameAndGoWithTheRun) {
  save(1, ended(10));
  save(1, ended(10, "renamed"));
  EXPECT_THAT(ends_of(), IsEmpty());
  EXPECT_THAT(ids(ends_of({}, kMinusInfinity, 100, "renamed")), ElementsAre(1));
  writing([&](Transaction& in) {
    const std::vector<RunKey> keys{{source_, 1}};
    in.runs().remove(in.runs().load(keys));
    return true;
  });
  EXPECT_THAT(ends_of({}, kMinusInfinity, 100, "renamed"), IsEmpty());
  EXPECT_THAT(ends(), IsEmpty());
}

TEST_P(RunEndsTest, TheNewestRunsAreThoseOfTheNewestEndsAndOfEachGroup) {
  const auto put = [&](std::int64_t id, double when, const std::string& labels, bool failed,
                       std::optional<std::int64_t> schedule = std::nullopt) {
    RunState state = ended(when);
    state.labels = labels;
    state.schedule = schedule;
    if (failed) {
      state.success.reset();
      state.status = "FAILED";
    }
    save(id, state);
  };
  const auto newest = [&](std::size_t count, std::size_t groups_max,
                          const std::string& pipeline = "daily") {
    return reading([&](Transaction& in) {
      return in.runs().newest_runs(source_, pipeline, count, groups_max);
    });
  };
  EXPECT_THAT(newest(50, 200), IsEmpty());
  put(1, 10, "acme", false);
  put(2, 20, "acme", false);
  put(3, 30, "acme", true);
  put(4, 40, "acme", true);
  put(5, 15, "bits", true);
  put(6, 16, "", false);
  put(7, 17, "", false, 8);
  put(8, 50, "acme", true, 8);
  save(9, ended(90, "weekly"));
  EXPECT_THAT(newest(0, 200), ElementsAre(2, 4, 5, 6, 7, 8));
  EXPECT_THAT(newest(3, 200), ElementsAre(2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(newest(3, 0), ElementsAre(3, 4, 8));
  EXPECT_THAT(newest(0, 1), ElementsAre(8)) << "it never succeeded";
  EXPECT_THAT(newest(0, 2), ElementsAre(2, 4, 8));
  EXPECT_THAT(newest(50, 200), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(newest(50, 200, "weekly"), ElementsAre(9));
}

TEST_P(RunEndsTest, AreNotThereWhereARollbackTookThemBack) {
  rolled_back([&](Transaction& in) {
    const std::vector<RunKey> keys{{source_, 1}};
    std::vector<StoredRun> runs = in.runs().load(keys);
    runs.front().run.state = ended(10);
    in.runs().save(runs);
  });
  EXPECT_THAT(ends(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Storages, RunEndsTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
