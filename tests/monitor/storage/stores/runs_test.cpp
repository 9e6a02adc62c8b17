#include <gmock/gmock.h>

#include <vector>

#include "monitor/ledger/application/message.h"
#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RunState running(const std::string& pipeline, double since) {
  RunState state;
  state.active = true;
  state.status = "RUNNING";
  state.pipeline = pipeline;
  state.since = at(since);
  state.last_event = at(since);
  return state;
}

class RunStoreTest : public StoreTest {
 protected:
  /// One entry, and this state.
  void save(std::int64_t id, const RunState& state) {
    const std::vector<RunKey> keys{{source_, id}};
    writing([&](Transaction& in) {
      std::vector<StoredRun> runs = in.runs().load(keys);
      if (runs.front().run.timeline.empty())
        runs.front().run.timeline = {std::get<ChangeMessage>(*MageRun(id, 1).create(1).read).entry};
      runs.front().run.state = state;
      in.runs().save(runs);
      return true;
    });
  }
  std::vector<StoredRun> load(const std::vector<std::int64_t>& ids) {
    std::vector<RunKey> keys;
    for (const std::int64_t id : ids) keys.push_back({source_, id});
    return writing([&](Transaction& in) { return in.runs().load(keys); });
  }
  std::vector<PipelineRow> pipelines() {
    return reading([](Transaction& in) { return in.runs().pipelines(); });
  }
  std::vector<RunKey> keys(const std::vector<std::int64_t>& ids) const {
    std::vector<RunKey> keys;
    for (const std::int64_t id : ids) keys.push_back({source_, id});
    return keys;
  }

  const std::int64_t source_ = source();
};

TEST_P(RunStoreTest, LoadsWhatWasSavedAndEmptyOnesForTheRest) {
  save(2, running("daily", 5));
  const auto runs = load({1, 2});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_FALSE(runs[0].known);
  EXPECT_EQ(runs[0].key, (RunKey{source_, 1}));
  EXPECT_TRUE(runs[0].run.timeline.empty());
  EXPECT_TRUE(runs[1].known);
  EXPECT_EQ(runs[1].run.state, running("daily", 5));
  EXPECT_EQ(runs[1].before, running("daily", 5));
  EXPECT_EQ(runs[1].run.timeline.size(), 1u);
}

TEST_P(RunStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([&](Transaction& in) {
    std::vector<StoredRun> runs = in.runs().load(keys({1}));
    runs.front().run.state = running("daily", 5);
    in.runs().save(runs);
  });
  EXPECT_FALSE(load({1})[0].known);
  EXPECT_THAT(pipelines(), IsEmpty());
}

TEST_P(RunStoreTest, FindsTheActiveOnesOfASource) {
  const std::int64_t other = source("staging");
  save(1, running("daily", 5));
  save(2, running("daily", 6));
  RunState ended = running("daily", 6);
  ended.active = false;
  save(2, ended);
  const auto active = [&](std::int64_t of) {
    return reading([&](Transaction& in) { return in.runs().active(of); });
  };
  EXPECT_THAT(active(source_), ElementsAre(RunKey{source_, 1}));
  EXPECT_THAT(active(other), IsEmpty());
}

TEST_P(RunStoreTest, FindsThoseThatAreDueTheFirstFirst) {
  for (const std::int64_t id : {1, 2, 3}) {
    RunState state = running("daily", 5);
    state.due = IntakeTime(1000 - 100 * id);
    save(id, state);
  }
  const auto due = [&](std::int64_t clock, std::size_t count_max) {
    return reading([&](Transaction& in) { return in.runs().due(IntakeTime(clock), count_max); });
  };
  EXPECT_THAT(due(699, 10), IsEmpty());
  EXPECT_EQ(due(800, 10), keys({3, 2}));
  EXPECT_EQ(due(1000, 1), keys({3}));
  save(3, running("daily", 5));
  EXPECT_EQ(due(1000, 10), keys({2, 1}));
}

TEST_P(RunStoreTest, WalksAllOfThemInTheOrderOfTheirKeys) {
  for (const std::int64_t id : {5, 1, 3}) save(id, running("daily", 5));
  const auto after = [&](std::int64_t id, std::size_t count_max) {
    std::vector<std::int64_t> ids;
    for (const StoredRun& run : reading([&](Transaction& in) {
           return in.runs().after({source_, id}, count_max);
         }))
      ids.push_back(run.key.run);
    return ids;
  };
  EXPECT_THAT(after(0, 2), ElementsAre(1, 3));
  EXPECT_THAT(after(3, 2), ElementsAre(5));
  EXPECT_THAT(after(5, 2), IsEmpty());
}

TEST_P(RunStoreTest, RemovesThemFromEverywhere) {
  save(1, running("daily", 5));
  writing([&](Transaction& in) {
    in.runs().remove(in.runs().load(keys({1})));
    return true;
  });
  EXPECT_FALSE(load({1})[0].known);
  EXPECT_THAT(pipelines(), IsEmpty());
  EXPECT_THAT(reading([&](Transaction& in) { return in.runs().active(source_); }), IsEmpty());
}

TEST_P(RunStoreTest, TellsOfEachPipelineUnderItsCurrentName) {
  RunState succeeded = running("daily", 5);
  succeeded.active = false;
  succeeded.success = Success{position(10), at(10)};
  RunState failed = running("daily", 6);
  failed.active = false;
  failed.failed = position(20);
  RunState failed_before = failed;
  failed_before.failed = position(9);
  save(1, succeeded);
  save(2, failed);
  save(3, failed_before);
  save(4, running("daily", 30));
  save(5, running("daily", 20));
  save(6, running("old name", 20));
  save(6, running("hourly", 40));
  auto rows = pipelines();
  ASSERT_EQ(rows.size(), 2u);
  if (rows[0].pipeline != "daily") std::swap(rows[0], rows[1]);
  EXPECT_EQ(rows[0].pipeline, "daily");
  EXPECT_EQ(rows[0].source, source_);
  EXPECT_EQ(rows[0].last_event, at(30));
  EXPECT_EQ(rows[0].success, succeeded.success);
  EXPECT_EQ(rows[0].failures, 1);
  ASSERT_EQ(rows[0].active.size(), 1u);
  EXPECT_EQ(rows[0].active[0].status, "RUNNING");
  EXPECT_EQ(rows[0].active[0].runs, 2);
  EXPECT_EQ(rows[0].active[0].oldest, at(20));
  EXPECT_EQ(rows[1].pipeline, "hourly");
  EXPECT_FALSE(rows[1].success);
}

INSTANTIATE_TEST_SUITE_P(Storages, RunStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
