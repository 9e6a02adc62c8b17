#include <gmock/gmock.h>

#include <vector>

#include "monitor/ledger/application/message.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

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

  RunState ended(const std::string& pipeline, double since) const {
    RunState state = running(pipeline, since);
    state.active = false;
    return state;
  }
  RunState failed_at(double when, const std::string& pipeline = "daily") const {
    RunState state = ended(pipeline, when);
    state.status = "FAILED";
    state.failed = end(when);
    return state;
  }
  RunState succeeded_at(double when, const std::string& pipeline = "daily") const {
    RunState state = ended(pipeline, when);
    state.status = "COMPLETED";
    state.success = end(when);
    return state;
  }
  static End end(double when) { return {position(static_cast<std::uint64_t>(when)), at(when)}; }
  FailedRuns failed_behind(const std::optional<schema::Position>& after) {
    return reading(
        [&](Transaction& in) { return in.runs().failed_behind(source_, "daily", after); });
  }
  std::vector<FailedRuns> group_failures(const GroupBound& behind) {
    return reading(
        [&](Transaction& in) { return in.runs().group_failures(source_, "daily", behind); });
  }
  std::vector<GroupSuccess> groups() {
    return reading([&](Transaction& in) { return in.runs().group_successes(source_, "daily"); });
  }
  std::optional<PipelineVersion> version(const std::string& pipeline) {
    for (const PipelineVersion& each :
         reading([](Transaction& in) { return in.runs().versions(); }))
      if (each.source == source_ && each.pipeline == pipeline) return each;
    return std::nullopt;
  }
  void remove(std::int64_t id) {
    writing([&](Transaction& in) {
      in.runs().remove(in.runs().load(keys({id})));
      return true;
    });
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
  succeeded.success = End{position(10), at(10)};
  RunState failed = running("daily", 6);
  failed.active = false;
  failed.failed = end(20);
  RunState failed_before = failed;
  failed_before.failed = end(9);
  RunState retried = running("daily", 25);
  retried.failed = end(21);
  save(1, succeeded);
  save(2, failed);
  save(3, failed_before);
  save(4, running("daily", 30));
  save(5, running("daily", 20));
  save(7, retried);
  save(6, running("old name", 20));
  save(6, running("hourly", 40));
  auto rows = pipelines();
  ASSERT_EQ(rows.size(), 2u);
  if (rows[0].pipeline != "daily") std::swap(rows[0], rows[1]);
  EXPECT_EQ(rows[0].pipeline, "daily");
  EXPECT_EQ(rows[0].source, source_);
  EXPECT_EQ(rows[0].last_event, at(30));
  EXPECT_EQ(rows[0].success, succeeded.success);
  EXPECT_EQ(rows[0].failures, 1) << "one that is active again is no failure";
  ASSERT_EQ(rows[0].active.size(), 1u);
  EXPECT_EQ(rows[0].active[0].status, "RUNNING");
  EXPECT_EQ(rows[0].active[0].runs, 3);
  EXPECT_EQ(rows[0].active[0].oldest, at(20));
  EXPECT_EQ(rows[1].pipeline, "hourly");
  EXPECT_FALSE(rows[1].success);
}

TEST_P(RunStoreTest, TellsThatAPipelineChanged) {
  EXPECT_FALSE(version("daily"));
  save(1, running("daily", 5));
  save(2, running("daily", 3));
  const auto first = version("daily");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first_event, at(3));
  save(1, running("daily", 9));
  const auto second = version("daily");
  EXPECT_GT(second->changes, first->changes);
  EXPECT_EQ(second->first_event, at(3));
  save(2, running("renamed", 10));
  const auto left = version("daily");
  EXPECT_GT(left->changes, second->changes);
  EXPECT_EQ(left->first_event, at(3));
  EXPECT_EQ(version("renamed")->first_event, at(10));
  save(3, running("daily", 11));
  const auto third = version("daily");
  pipelines();
  EXPECT_EQ(version("daily")->changes, third->changes) << "reading changes nothing";
  remove(3);
  EXPECT_GT(version("daily")->changes, third->changes);
  remove(1);
  EXPECT_FALSE(version("daily"));
  rolled_back([&](Transaction& in) { in.runs().remove(in.runs().load(keys({2}))); });
  EXPECT_EQ(version("renamed")->changes, 1);
}

TEST_P(RunStoreTest, FindsTheLastSuccessOfAPipeline) {
  const auto last = [&](const std::string& pipeline) {
    return reading([&](Transaction& in) { return in.runs().last_success(source_, pipeline); });
  };
  EXPECT_FALSE(last("daily"));
  save(1, failed_at(50));
  EXPECT_FALSE(last("daily"));
  save(2, succeeded_at(20));
  save(3, succeeded_at(10));
  save(4, succeeded_at(90, "hourly"));
  EXPECT_EQ(last("daily"), end(20));
  remove(2);
  EXPECT_EQ(last("daily"), end(10));
}

TEST_P(RunStoreTest, FindsWhatFailedBehindAPosition) {
  EXPECT_EQ(failed_behind({}).count, 0u);
  EXPECT_FALSE(failed_behind({}).first);
  for (const double when : {40, 10, 30, 20}) {
    RunState failed = failed_at(when);
    failed.labels = encode_labels({{"partner", "acme"}});
    failed.schedule = static_cast<std::int64_t>(when);
    save(static_cast<std::int64_t>(when), failed);
  }
  RunState retried = running("daily", 50);
  retried.failed = end(50);
  save(50, retried);
  save(60, failed_at(60, "hourly"));
  save(70, succeeded_at(70));
  const FailedRuns all = failed_behind({});
  EXPECT_EQ(all.count, 5u);
  EXPECT_EQ(all.first, (FailedRun{10, end(10), encode_labels({{"partner", "acme"}}), 10}));
  EXPECT_EQ(all.last, (FailedRun{50, end(50), "", {}}));
  EXPECT_EQ(failed_behind(position(20)).count, 3u);
  EXPECT_EQ(failed_behind(position(20)).first->run, 30);
  EXPECT_EQ(failed_behind(position(50)).count, 0u);
  EXPECT_FALSE(failed_behind(position(50)).last);
  save(40, succeeded_at(41));
  remove(10);
  EXPECT_EQ(failed_behind({}).count, 3u);
  EXPECT_EQ(failed_behind({}).first->run, 20);
}

/// A snapshot's failures all stand at one position.
TEST_P(RunStoreTest, FailuresOfOnePositionGoByTheirTimeAndId) {
  for (const std::int64_t id : {1, 2, 3, 4}) {
    RunState failed = failed_at(10);
    failed.failed = End{{}, at(id == 1 ? 5 : 4)};
    save(id, failed);
  }
  EXPECT_EQ(failed_behind({}).first->run, 2);
  EXPECT_EQ(failed_behind({}).last->run, 1);
  EXPECT_EQ(failed_behind(schema::Position{}).count, 0u);
}

TEST_P(RunStoreTest, CountsTheFailuresOfEachGroupBehindAnEndOfItsOwn) {
  const std::string acme = encode_labels({{"partner", "acme"}}), odd("\0'\xFF", 3);
  const auto put = [&](std::int64_t id, double when, const std::string& labels,
                       std::optional<std::int64_t> schedule) {
    RunState state = failed_at(when);
    state.labels = labels;
    state.schedule = schedule;
    save(id, state);
  };
  const GroupBound none = [](const auto&, const auto&) { return std::nullopt; };
  EXPECT_THAT(group_failures(none), IsEmpty());
  put(1, 10, acme, 7);
  put(2, 20, acme, 7);
  put(3, 30, acme, 7);
  put(4, 15, acme, {});
  put(5, 25, odd, 7);
  put(6, 5, "", {});
  save(7, succeeded_at(90));
  save(8, failed_at(91, "hourly"));
  const auto one = [](std::uint64_t count, const FailedRun& first, const FailedRun& last) {
    return ::testing::AllOf(::testing::Field(&FailedRuns::count, count),
                            ::testing::Field(&FailedRuns::first, std::optional(first)),
                            ::testing::Field(&FailedRuns::last, std::optional(last)));
  };
  const FailedRun alone{4, end(15), acme, {}}, strange{5, end(25), odd, 7},
      plain{6, end(5), "", {}};
  EXPECT_THAT(
      group_failures(none),
      UnorderedElementsAre(one(3, {1, end(10), acme, 7}, {3, end(30), acme, 7}),
                           one(1, alone, alone), one(1, strange, strange), one(1, plain, plain)));
  int asked = 0;
  const GroupBound bound = [&](const std::string& labels, const auto& schedule) {
    ++asked;
    if (labels.empty()) return std::optional(end(5));
    return labels == acme && schedule == 7 ? std::optional(end(10)) : std::nullopt;
  };
  EXPECT_THAT(group_failures(bound),
              UnorderedElementsAre(one(2, {2, end(20), acme, 7}, {3, end(30), acme, 7}),
                                   one(1, alone, alone), one(1, strange, strange)));
  EXPECT_EQ(asked, 4) << "once for each group";
}

TEST_P(RunStoreTest, FindsTheNewestSuccessOfEachGroup) {
  const std::string acme = encode_labels({{"partner", "acme"}});
  const std::string hostile = encode_labels({{"partner", std::string(9'000, '\0') + "';--"}});
  const auto save_one = [&](std::int64_t id, double when, const std::string& labels,
                            std::optional<std::int64_t> schedule) {
    RunState state = succeeded_at(when);
    state.labels = labels;
    state.schedule = schedule;
    save(id, state);
  };
  EXPECT_THAT(groups(), IsEmpty());
  save_one(1, 10, acme, 7);
  save_one(2, 20, acme, 7);
  save_one(3, 30, acme, 8);
  save_one(4, 5, "", 7);
  save_one(5, 6, "", {});
  save_one(6, 40, hostile, 7);
  save(7, failed_at(50));
  save(8, succeeded_at(60, "hourly"));
  EXPECT_THAT(groups(),
              UnorderedElementsAre(GroupSuccess{acme, 7, end(20)}, GroupSuccess{acme, 8, end(30)},
                                   GroupSuccess{"", 7, end(5)}, GroupSuccess{"", {}, end(6)},
                                   GroupSuccess{hostile, 7, end(40)}));
  remove(2);
  save_one(6, 40, "", 7);
  EXPECT_THAT(groups(),
              UnorderedElementsAre(GroupSuccess{acme, 7, end(10)}, GroupSuccess{acme, 8, end(30)},
                                   GroupSuccess{"", 7, end(40)}, GroupSuccess{"", {}, end(6)}));
}

TEST_P(RunStoreTest, FindsTheActiveOnesOfAPipeline) {
  const auto active_of = [&](const std::string& pipeline) {
    return reading([&](Transaction& in) { return in.runs().active_of(source_, pipeline); });
  };
  EXPECT_THAT(active_of("daily"), IsEmpty());
  for (const std::int64_t id : {3, 1, 2}) save(id, running("daily", 5));
  save(4, running("hourly", 5));
  save(2, succeeded_at(9));
  EXPECT_EQ(active_of("daily"), keys({1, 3}));
  save(4, running("daily", 5));
  EXPECT_EQ(active_of("daily"), keys({1, 3, 4}));
  EXPECT_THAT(active_of("hourly"), IsEmpty());
}

TEST_P(RunStoreTest, PeeksInTheOrderThatItIsAsked) {
  save(1, running("daily", 5));
  save(2, running("hourly", 5));
  const auto peek = [&](const std::vector<std::int64_t>& ids) {
    return reading([&](Transaction& in) { return in.runs().peek(keys(ids)); });
  };
  EXPECT_THAT(peek({}), IsEmpty());
  const auto runs = peek({2, 9, 1, 2});
  ASSERT_EQ(runs.size(), 4u);
  EXPECT_EQ(runs[0].run.state.pipeline, "hourly");
  EXPECT_FALSE(runs[1].known);
  EXPECT_EQ(runs[1].key, (RunKey{source_, 9}));
  EXPECT_EQ(runs[2].run.state.pipeline, "daily");
  EXPECT_TRUE(runs[3].known);
  EXPECT_FALSE(runs[3].outdated);
}

TEST_P(RunStoreTest, FindsTheRunsOfATriggersSlotsTheNewestFirst) {
  const auto save_one = [&](std::int64_t id, RunState state, double slot, std::int64_t schedule) {
    state.schedule = schedule;
    state.slot = at(slot);
    save(id, state);
  };
  const auto slots_within = [&](double from, Timestamp before, std::size_t count_max) {
    return reading(
        [&](Transaction& in) { return in.runs().slots(source_, 7, at(from), before, count_max); });
  };
  const auto slots = [&](double from, std::size_t count_max) {
    return slots_within(from, kInfinity, count_max);
  };
  EXPECT_THAT(slots(0, 10), IsEmpty());
  save_one(1, succeeded_at(5), 0, 7);
  save_one(2, failed_at(15), 10, 7);
  save_one(3, running("daily", 20), 20, 7);
  save_one(4, running("daily", 20), 20, 7);
  save_one(5, running("daily", 20), 30, 8);
  save(6, running("daily", 20));
  EXPECT_THAT(slots(0, 10),
              ElementsAre(SlotRun{at(20), 4, false, false}, SlotRun{at(20), 3, false, false},
                          SlotRun{at(10), 2, false, true}, SlotRun{at(0), 1, true, false}));
  EXPECT_THAT(slots(10, 10),
              ElementsAre(SlotRun{at(20), 4, false, false}, SlotRun{at(20), 3, false, false},
                          SlotRun{at(10), 2, false, true}));
  EXPECT_THAT(slots(0, 1), ElementsAre(SlotRun{at(20), 4, false, false}));
  // What lies behind takes no place of what was asked for.
  EXPECT_THAT(slots_within(0, at(20), 1), ElementsAre(SlotRun{at(10), 2, false, true}));
  EXPECT_THAT(slots_within(10, at(20), 10), ElementsAre(SlotRun{at(10), 2, false, true}));
  EXPECT_THAT(slots_within(0, at(0), 10), IsEmpty());
  EXPECT_THAT(slots_within(10, at(0), 10), IsEmpty());
  save_one(4, running("daily", 20), 40, 7);
  save_one(3, running("daily", 20), 20, 8);
  remove(1);
  EXPECT_THAT(slots(-100, 10),
              ElementsAre(SlotRun{at(40), 4, false, false}, SlotRun{at(10), 2, false, true}));
}

TEST_P(RunStoreTest, TellsTheLabelsOfWhatWasCreatedAndCompletedAfterAnInstant) {
  const auto put = [&](std::int64_t id, double created, std::optional<double> completed,
                       const std::string& labels, const std::string& pipeline = "daily") {
    RunState state = completed ? succeeded_at(*completed, pipeline) : failed_at(created, pipeline);
    state.since = at(created);
    state.labels = labels;
    save(id, state);
  };
  const auto after = [&](double instant) {
    return reading(
        [&](Transaction& in) { return in.runs().completed_after(source_, "daily", at(instant)); });
  };
  put(1, 10, 20, "early");
  put(2, 10, 60, "begun before");
  put(3, 50, 60, "both");
  put(4, 50, 61, "both");
  put(5, 50, std::nullopt, "failed");
  put(6, 50, 60, "another", "weekly");
  EXPECT_THAT(after(40), UnorderedElementsAre("both"));
  EXPECT_THAT(after(60), IsEmpty());
  EXPECT_THAT(after(0), UnorderedElementsAre("early", "begun before", "both"));
}

INSTANTIATE_TEST_SUITE_P(Storages, RunStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
