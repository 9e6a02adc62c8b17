#include <algorithm>
#include <map>
#include <random>

#include "monitor/ledger/pruning.h"
#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

constexpr double kDay = 24 * 3600;

class LedgerPruning : public LedgerTest {
 protected:
  LedgerPruning() { options.keep_runs = 0; }

  /// So late that all of the first days may go.
  static constexpr double kLater = 60 * kDay;

  /// Runs removed by one scan of all.
  std::size_t prune(double now = kLater) {
    std::size_t removed = 0;
    while (true) {
      const auto pruned = ledger().prune(at(now));
      if (!pruned) {
        ADD_FAILURE() << pruned.error().message;
        return removed;
      }
      removed += pruned->run_count;
      if (pruned->all_seen) return removed;
    }
  }
  /// Brings the log's own time to `when`.
  void another_run(double when, std::int64_t id = 999) {
    MageRun run(id, when, "other");
    apply({run.create(when), run.complete(when + 1)}, when + 1);
  }
  template <class Work>
  auto reading(const Work& work) {
    std::optional<decltype(work(std::declval<Transaction&>()))> found;
    EXPECT_TRUE(ledger().look([&](Transaction& in, const Context&) { found = work(in); }));
    return *found;
  }
  /// The runs of a pipeline that are there, the last ended first.
  std::vector<std::int64_t> left(const std::string& pipeline) {
    std::vector<std::int64_t> ids;
    for (const RunEnd& end : reading([&](Transaction& in) {
           return in.runs().ends_of(1, pipeline, {}, kMinusInfinity, 1000);
         }))
      ids.push_back(end.key.run);
    return ids;
  }
  std::vector<DailyFigures> daily(std::chrono::sys_days from, std::chrono::sys_days to) {
    return reading([&](Transaction& in) { return in.daily().of(1, "daily", from, to); });
  }
  /// Every count there is, by its text.
  std::map<std::string, std::string> counts() {
    std::map<std::string, std::string> found;
    auto snapshot = ledger().snapshot(at(kLater));
    EXPECT_TRUE(snapshot);
    for (const telemetry::Metric& metric : snapshot->metrics) {
      if (!metric.descriptor->name.starts_with("pipeline_run/")) continue;
      for (const telemetry::Point& point : metric.points) {
        std::string key(metric.descriptor->name);
        for (const auto& [name, text] : point.labels) key += ' ' + name + '=' + text;
        found[key] = telemetry::prometheus_text({{}, {{metric.descriptor, {point}}}});
      }
    }
    return found;
  }
};

TEST_P(LedgerPruning, WhatComesAgainOfAPrunedRunCountsNothing) {
  std::vector<ReceivedMessage> log;
  for (std::int64_t id = 1; id <= 4; ++id) {
    MageRun run(id, static_cast<double>(id));
    const auto when = static_cast<double>(10 * id);
    log.push_back(run.create(when));
    log.push_back(run.run(when + 1));
    log.push_back(run.fail(when + 2));
    log.push_back(run.run(when + 3));
    log.push_back(run.complete(when + 4));
  }
  apply(log);
  another_run(50 * kDay);
  const auto before = counts();
  EXPECT_EQ(prune(), 3u);  // the fourth is the pipeline's last success
  EXPECT_EQ(counts(), before);
  std::mt19937 shuffled(7);
  std::shuffle(log.begin(), log.end(), shuffled);
  apply(log);
  EXPECT_EQ(counts(), before);
  EXPECT_EQ(processed("u", "pruned"), 12);
  EXPECT_EQ(prune(), 0u);
}

TEST_P(LedgerPruning, KeepsWhatAGaugeNeeds) {
  MageRun before(1, 1), success(2, 1), behind(3, 1), open(4, 1), waiting(5, 1);
  apply({before.create(1), before.fail(10), success.create(2), success.complete(20),
         behind.create(3), behind.fail(30), open.create(4), open.run(5), waiting.run(6)});
  another_run(50 * kDay);
  const telemetry::Labels daily{{"pipeline", "daily"}};
  const auto gauges = [&] {
    return std::vector<double>{
        static_cast<double>(number("pipeline/consecutive_failures", daily, kLater)),
        age("pipeline/last_success_age", daily, kLater), static_cast<double>(active("RUNNING")),
        age("pipeline_run/oldest_active_age", daily, kLater)};
  };
  const auto shown = gauges();
  EXPECT_EQ(shown[0], 1);
  EXPECT_EQ(prune(), 1u);  // the failure before the success
  EXPECT_EQ(gauges(), shown);
}

TEST_P(LedgerPruning, KeepsFailuresOfAPipelineThatNeverSucceeded) {
  MageRun run(1, 1);
  apply({run.create(1), run.fail(10)});
  another_run(50 * kDay);
  EXPECT_EQ(prune(), 0u);
}

TEST_P(LedgerPruning, TheLogsOwnTimeDecidesNotThisClock) {
  MageRun first(1, 1), second(2, 1);
  apply({first.create(1), first.complete(10), second.create(11), second.complete(20)});
  EXPECT_EQ(prune(1000 * kDay), 0u);  // nothing newer was seen
  another_run(50 * kDay);
  EXPECT_EQ(prune(1000 * kDay), 1u);
}

TEST_P(LedgerPruning, ARunAlsoGoesThatWasDeletedAndNeverEnded) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(2), run.remove(3)});
  another_run(50 * kDay);
  EXPECT_EQ(prune(), 1u);
}

TEST_P(LedgerPruning, LooksAtFewRunsAtATime) {
  options.prune_runs_max = 2;
  std::vector<ReceivedMessage> log;
  for (std::int64_t id = 1; id <= 7; ++id) {
    MageRun run(id, 1);
    log.push_back(run.create(1 + static_cast<double>(id)));
    log.push_back(run.complete(100 + static_cast<double>(id)));
  }
  apply(log);
  another_run(50 * kDay);
  const auto first = ledger().prune(at(kLater));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->run_count, 2u);
  EXPECT_FALSE(first->all_seen);
  EXPECT_EQ(prune(), 4u);
}

TEST_P(LedgerPruning, APrunedRunThatIsRetriedCountsOnlyWhatIsNew) {
  MageRun retried(1, 1), success(2, 1);
  apply({retried.create(1), retried.fail(10), success.create(11), success.complete(20)});
  another_run(50 * kDay);
  EXPECT_EQ(prune(), 1u);
  // Its row in Mage is still FAILED; what is seen first of it again is where it stands.
  apply({retried.touch(51 * kDay)});
  EXPECT_EQ(finished("FAILED"), 1);
  apply({retried.run(52 * kDay), retried.complete(52 * kDay + 5)});
  EXPECT_EQ(finished("COMPLETED"), 2);
  EXPECT_EQ(created(), 2);
}

TEST_P(LedgerPruning, OnlyTheLeaderPrunes) {
  MageRun run(1, 1), success(2, 1);
  apply({run.create(1), run.complete(10), success.create(11), success.complete(20)});
  another_run(50 * kDay);
  ASSERT_TRUE(ledger().resign());
  EXPECT_EQ(prune(), 0u);
}

TEST_P(LedgerPruning, SupersededHeartbeatsCountNothingTwice) {
  for (int process = 0; process < 3; ++process) {
    auto beat = heartbeat(2, 10 + process * 3 * kDay);
    beat.instance = "process" + std::to_string(process);
    beat.started_at = at(5 + process * 3 * kDay);
    apply({message(beat)}, 10 + process * 3 * kDay);
  }
  EXPECT_EQ(number("connector/published_count"), 60);
  EXPECT_EQ(prune(10 * kDay), 0u);
  EXPECT_EQ(number("connector/published_count"), 60);
  EXPECT_DOUBLE_EQ(age("flow/heartbeat_age", {}, 20 + 6 * kDay), 10);
  auto again = heartbeat(2, 10);
  again.instance = "process0";
  again.started_at = at(5);
  apply({message(again)}, 7 * kDay);
  EXPECT_EQ(number("connector/published_count"), 60);
}

TEST_P(LedgerPruning, KeepsTheNewestEndsOfEachPipeline) {
  options.keep_runs = 3;
  std::vector<ReceivedMessage> log;
  for (std::int64_t id = 1; id <= 8; ++id) {
    MageRun run(id, 1, id % 2 == 0 ? "daily" : "hourly");
    log.push_back(run.create(static_cast<double>(10 * id)));
    log.push_back(run.complete(static_cast<double>(10 * id + 5)));
  }
  apply(log);
  another_run(50 * kDay);
  EXPECT_EQ(prune(), 2u);
  EXPECT_THAT(left("daily"), ::testing::ElementsAre(8, 6, 4));
  EXPECT_THAT(left("hourly"), ::testing::ElementsAre(7, 5, 3));
}

TEST_P(LedgerPruning, KeepsTheNewestEndAndSuccessOfEachGroup) {
  std::vector<ReceivedMessage> log;
  const auto put = [&](std::int64_t id, const std::string& partner, bool fails,
                       std::int64_t schedule = 7) {
    MageRun run(id, 1);
    run.row().labels = {{"partner", partner}};
    run.row().schedule = schedule;
    const auto when = static_cast<double>(10 * id);
    log.push_back(run.create(when));
    log.push_back(fails ? run.fail(when + 5) : run.complete(when + 5));
  };
  put(1, "acme", false);
  put(2, "acme", false);
  put(3, "acme", true);
  put(4, "acme", true);
  put(5, "acme", false, 8);
  put(6, "bits", true);
  put(7, "gone", false);
  put(8, "bits", false);
  put(9, "bits", false);
  apply(log);
  another_run(50 * kDay);
  EXPECT_EQ(prune(), 4u);  // 1, 3, 6 and 8
  EXPECT_THAT(left("daily"), ::testing::ElementsAre(9, 7, 5, 4, 2));
  EXPECT_EQ(prune(), 0u);
}

TEST_P(LedgerPruning, OfTooManyGroupsThoseStayThatEndedLast) {
  std::vector<ReceivedMessage> log;
  for (std::int64_t id = 1; id <= 205; ++id) {
    MageRun run(id, 1);
    run.row().labels = {{"partner", std::to_string(id)}};
    log.push_back(run.create(static_cast<double>(10 * id)));
    log.push_back(run.complete(static_cast<double>(10 * id + 5)));
  }
  apply(log);
  another_run(50 * kDay);
  EXPECT_EQ(prune(), 5u);
  EXPECT_EQ(left("daily").size(), kGroupsKeptMax);
  EXPECT_EQ(left("daily").back(), 6);
}

TEST_P(LedgerPruning, LooksAtFewPipelinesAtATime) {
  std::vector<ReceivedMessage> log;
  for (std::int64_t id = 1; id <= 120; ++id) {
    MageRun run(id, 1, "p" + std::to_string(id / 2));
    log.push_back(run.create(static_cast<double>(10 * id)));
    log.push_back(run.complete(static_cast<double>(10 * id + 5)));
  }
  apply(log);
  another_run(50 * kDay);
  const auto first = ledger().prune(at(kLater));
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->all_seen);
  EXPECT_EQ(first->run_count + prune(), 59u);
}

TEST_P(LedgerPruning, KeepsTheFiguresOfTheDaysOfWhatGoes) {
  std::vector<ReceivedMessage> log;
  for (std::int64_t id = 1; id <= 9; ++id) {
    MageRun run(id, 1);
    const double day = id <= 6 ? 0 : kDay;
    const auto when = day + static_cast<double>(10 * id);
    log.push_back(run.create(when));
    log.push_back(run.run(when + 1));
    log.push_back(id == 2   ? run.fail(when + 2)
                  : id == 3 ? run.update(when + 2, "CANCELLED")
                            : run.complete(when + 1 + static_cast<double>(id)));
  }
  apply(log);
  another_run(50 * kDay);
  EXPECT_EQ(prune(), 8u);
  const auto first_day = std::chrono::floor<std::chrono::days>(kBirth);
  const auto days = daily(first_day, first_day + std::chrono::days(9));
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].day, first_day);
  EXPECT_EQ(days[0].completed, 4u);
  EXPECT_EQ(days[0].failed, 1u);
  EXPECT_EQ(days[0].cancelled, 1u);
  EXPECT_EQ(days[0].durations.count(), 4u);
  EXPECT_NEAR(*days[0].durations.quantile(1), 6, 0.15);
  EXPECT_EQ(days[1].completed, 2u) << "the last success is still there";
  apply(log);
  EXPECT_EQ(prune(), 0u);
  EXPECT_EQ(daily(first_day, first_day + std::chrono::days(9)), days) << "it comes again";
}

TEST_P(LedgerPruning, FiguresGoAfterFourHundredDays) {
  MageRun first(1, 1), second(2, 1);
  apply({first.create(1), first.complete(10), second.create(11), second.complete(20)});
  another_run(50 * kDay);
  EXPECT_EQ(prune(), 1u);
  const auto first_day = std::chrono::floor<std::chrono::days>(kBirth);
  const double last = kDay * 400 + 13 * 3600;  // by then it is the 400th day after it
  another_run(last, 1000);
  prune(last + kDay);
  EXPECT_EQ(daily(first_day, first_day).size(), 1u);
  another_run(last + kDay, 1001);
  prune(last + 2 * kDay);
  EXPECT_EQ(daily(first_day, first_day).size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerPruning, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
