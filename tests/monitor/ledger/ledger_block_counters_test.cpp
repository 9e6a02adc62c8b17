#include <algorithm>
#include <string>
#include <vector>

#include "tests/monitor/ledger_fixture.h"
#include "tests/monitor/table_events.h"

namespace walpulse::monitor::testing {
namespace {

using namespace std::chrono_literals;

/// The ends of blocks as series.
class LedgerBlockCounters : public LedgerTest {
 protected:
  std::int64_t ended(const std::string& block, const std::string& status,
                     const std::string& pipeline = "daily") {
    return number("block_run/ended_count",
                  {{"pipeline", pipeline}, {"block", block}, {"status", status}});
  }
  telemetry::Distribution duration(const std::string& block, const std::string& status) {
    return distribution("block_run/duration",
                        {{"pipeline", "daily"}, {"block", block}, {"status", status}});
  }
  std::size_t series() {
    std::size_t count = 0;
    const auto snapshot = ledger().snapshot(at(10'000));
    EXPECT_TRUE(snapshot);
    for (const telemetry::Metric& metric : snapshot->metrics)
      if (metric.descriptor->name.starts_with("block_run/")) count += metric.points.size();
    return count;
  }
};

/// A run that fails, is retried twice, and whose last blocks Mage cancels when it is over.
std::vector<ReceivedMessage> retried_run() {
  MageRun run(1, 1);
  Block load{1, 1, "load"}, send{2, 1, "send"};
  std::vector<ReceivedMessage> log{run.create(1), load.create(2), send.create(2), run.run(3)};
  load.started = 4;
  log.insert(log.end(), {load.update(4, "RUNNING"), load.update(9, "FAILED"), run.fail(12),
                         send.update(13, "CANCELLED"), load.update(20, "INITIAL"),
                         send.update(20, "INITIAL"), run.run(21), load.update(22, "RUNNING")});
  load.completed = 42;
  log.push_back(load.update(42, "COMPLETED"));
  send.started = 43;
  log.insert(log.end(), {send.update(43, "RUNNING"), send.update(50, "FAILED"), run.fail(60),
                         send.update(70, "INITIAL"), run.run(71), send.update(72, "RUNNING"),
                         send.update(73, "COMPLETED"), run.complete(80)});
  return log;
}

TEST_P(LedgerBlockCounters, CountEachEndWithTheEndOfItsRunInAnyOrder) {
  options.settle = 3min;
  std::vector<ReceivedMessage> log = retried_run();
  intake_clock(1s);
  for (auto message = log.rbegin(); message != log.rend(); ++message) apply({*message, *message});
  intake_clock(3min);
  EXPECT_EQ(series(), 0u) << "what came a moment ago has not settled";
  for (int time = 0; time < 2; ++time) {  // The second time all of it has been known before.
    intake_clock(10min + 10min * time);
    EXPECT_EQ(ended("load", "FAILED"), 1);
    EXPECT_EQ(ended("load", "COMPLETED"), 1);
    EXPECT_EQ(ended("send", "FAILED"), 1);
    EXPECT_EQ(ended("send", "COMPLETED"), 1);
    EXPECT_EQ(ended("send", "CANCELLED"), -1);
    EXPECT_EQ(duration("load", "FAILED").sum, 5);
    EXPECT_EQ(duration("load", "COMPLETED").sum, 20) << "its start was kept: from the retry on";
    EXPECT_EQ(duration("send", "FAILED").sum, 7);
    EXPECT_EQ(duration("send", "COMPLETED").count(), 1u);
    EXPECT_EQ(series(), 8u);
    for (ReceivedMessage& each : log) {
      each.message_id += "/replay";
      each.attributes.set("replay", "true");
    }
    apply(log);
  }
}

TEST_P(LedgerBlockCounters, CountAsMuchWhereEachEventHasSettledBeforeTheNext) {
  apply_singly(retried_run());
  EXPECT_EQ(ended("load", "FAILED"), 1);
  EXPECT_EQ(ended("load", "COMPLETED"), 1);
  EXPECT_EQ(ended("send", "FAILED"), 1);
  EXPECT_EQ(ended("send", "COMPLETED"), 1);
  EXPECT_EQ(series(), 8u);
}

TEST_P(LedgerBlockCounters, NeverTakeBackOrAddWhatComesAfterItsRunWasCounted) {
  MageRun run(1, 1);
  const Block load{1, 1, "load"}, late{2, 1, "late"};
  apply({run.create(1), load.create(2), run.run(3), load.update(4, "COMPLETED"), run.complete(9)});
  apply({late.create(2), late.update(5, "FAILED"), load.update(3.5, "FAILED"), run.touch(10)});
  EXPECT_EQ(ended("load", "COMPLETED"), 1);
  EXPECT_EQ(series(), 1u);
}

TEST_P(LedgerBlockCounters, ThereAreNoneOfWhatIsNotCaptured) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(3), run.complete(9)});
  EXPECT_EQ(series(), 0u);
  // Blocks that are captured from now on: what had ended is over.
  const Block load{1, 1, "load"};
  apply({load.read(20, "COMPLETED")});
  apply({run.touch(21), load.update(22, "COMPLETED")});
  EXPECT_EQ(series(), 0u);
}

TEST_P(LedgerBlockCounters, AreUnderThePipelineThatTheirRunBeganWith) {
  MageRun one(1, 1), renamed(2, 1), other(1, 1, "nightly");
  other.row().name = "staging";
  TableChange of_other;
  of_other.table = "block_run";
  of_other.name = "staging";
  of_other.when = 4;
  of_other.columns = {{"pipeline_run_id", "1"}, {"block_uuid", "load"}, {"status", "FAILED"}};
  const Block load{1, 1, "load"}, of_two{2, 2, "load"};
  apply({message(of_other), other.create(1), one.create(1), renamed.create(1), load.create(2),
         of_two.create(2), load.update(4, "COMPLETED"), of_two.update(4, "COMPLETED")});
  renamed.row().pipeline = "weekly";
  apply({one.complete(9), renamed.complete(9), other.fail(9)});
  EXPECT_EQ(ended("load", "COMPLETED"), 2) << "under the name that the run began with";
  EXPECT_EQ(ended("load", "FAILED", "nightly"), 1) << "of the other source's run of this id";
  EXPECT_EQ(series(), 2u);
}

TEST_P(LedgerBlockCounters, DynamicBlocksAreOneAndARunMayHaveThousands) {
  constexpr std::int64_t kBlocks = 2500;
  MageRun large(1, 1), small(2, 1);
  apply({large.create(1), small.create(1),
         Block{kBlocks + 1, 2, "send"}.put(schema::Operation::insert, 2, "COMPLETED")});
  std::vector<ReceivedMessage> group;
  group.reserve(kBlocks);
  for (std::int64_t id = 1; id <= kBlocks; ++id)
    group.push_back(Block{id, 1, "child:" + std::to_string(id)}.put(
        schema::Operation::insert, 10 + static_cast<double>(id),
        id % 10 == 0 ? "FAILED" : "COMPLETED"));
  apply(group);
  apply({large.fail(20'000), small.complete(20'001)});
  EXPECT_EQ(ended("child", "FAILED"), kBlocks / 10);
  EXPECT_EQ(ended("child", "COMPLETED"), kBlocks - kBlocks / 10);
  EXPECT_EQ(ended("send", "COMPLETED"), 1);
}

TEST_P(LedgerBlockCounters, NamesBeyondTheLimitAreOneSeriesOfTheirPipeline) {
  options.blocks_max = 3;
  options.pipelines_max = 2;
  std::vector<ReceivedMessage> log;
  std::int64_t id = 1;
  for (std::int64_t run = 1; run <= 3; ++run) {
    MageRun each(run, 1, "p" + std::to_string(run));
    log.push_back(each.create(1));
    for (const char* name : {"a", "b/\xE2\x82\xAC\n"})
      log.push_back(Block{id++, run, name}.put(schema::Operation::insert, 2, "COMPLETED"));
    log.push_back(each.complete(9));
    apply(log);
    log.clear();
  }
  EXPECT_EQ(ended("a", "COMPLETED", "p1"), 1);
  EXPECT_EQ(ended("b/\xE2\x82\xAC\n", "COMPLETED", "p1"), 1);
  EXPECT_EQ(ended("a", "COMPLETED", "p2"), 1);
  EXPECT_EQ(ended("_other", "COMPLETED", "p2"), 1);
  EXPECT_EQ(ended("_other", "COMPLETED", "_other"), 2);
  EXPECT_EQ(number("labels/overflow_count", {{"label", "block"}}), 3);
}

TEST_P(LedgerBlockCounters, AreNeverWrittenToAServiceThatIsPaidByTheSeries) {
  apply(retried_run());
  const auto exported = ledger().begin_export(at(10'000));
  ASSERT_TRUE(exported);
  EXPECT_FALSE(exported->points.empty());
  for (const DuePoint& point : exported->points)
    EXPECT_FALSE(point.descriptor->name.starts_with("block_run/")) << point.descriptor->name;
  EXPECT_GT(series(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerBlockCounters, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
