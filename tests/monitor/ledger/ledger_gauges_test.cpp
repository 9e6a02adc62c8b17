#include <algorithm>
#include <random>

#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

const telemetry::Labels kDaily{{"pipeline", "daily"}};

class LedgerGauges : public LedgerTest {};

TEST_P(LedgerGauges, ShowActiveRunsByStatus) {
  MageRun a(1, 1), b(2, 10), c(3, 20);
  apply({a.create(1), a.run(2), b.create(10), b.run(12), c.create(20)});
  EXPECT_EQ(active("RUNNING"), 2);
  EXPECT_EQ(active("INITIAL"), 1);
  EXPECT_DOUBLE_EQ(age("pipeline_run/oldest_active_age", kDaily, 101), 100);
  apply({a.complete(30), b.fail(31)});
  EXPECT_EQ(active("RUNNING"), -1);
  EXPECT_DOUBLE_EQ(age("pipeline_run/oldest_active_age", kDaily, 120), 100);
}

TEST_P(LedgerGauges, ShowTheTimeSinceTheLastSuccessAndInsert) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(2), run.complete(30)});
  EXPECT_DOUBLE_EQ(age("pipeline/last_success_age", kDaily, 100), 70);
  EXPECT_DOUBLE_EQ(age("scheduler/last_created_age", {}, 100), 99);
}

TEST_P(LedgerGauges, CountFailuresSinceTheLastSuccess) {
  const auto failures = [&] { return number("pipeline/consecutive_failures", kDaily); };
  MageRun a(1, 1), b(2, 1), c(3, 1), d(4, 1);
  apply({a.create(1), a.fail(10), b.create(1), b.complete(20)});
  EXPECT_EQ(failures(), 0);
  apply({c.create(1), c.fail(30), d.create(1), d.fail(40)});
  EXPECT_EQ(failures(), 2);
  apply({d.remove(45)});
  EXPECT_EQ(failures(), 2);
  apply({c.update(50, "RUNNING")});
  EXPECT_EQ(failures(), 1);
  apply({c.complete(60)});
  EXPECT_EQ(failures(), 0);
}

TEST_P(LedgerGauges, AreThoseOfTheLogWhateverTheOrderOfArrival) {
  std::vector<ReceivedMessage> log;
  for (std::int64_t id = 1; id <= 40; ++id) {
    const double begin = static_cast<double>(id) * 10;
    MageRun run(id, begin);
    log.push_back(run.create(begin));
    log.push_back(run.run(begin + 1));
    log.push_back(id % 4 == 0 ? run.complete(begin + 2) : run.fail(begin + 2));
    log.push_back(run.touch(begin + 25));  // behind what the next runs did
  }
  for (unsigned seed = 0; seed < 4; ++seed) {
    if (GetParam() == Backend::sqlite && seed > 0) break;
    std::shuffle(log.begin(), log.end(), std::mt19937(seed));
    open();
    for (std::size_t i = 0; i < log.size(); i += 4) {
      apply({log[i], log[i + 1], log[i + 2], log[i + 3]});
      if (i % 20 == 0) number("pipeline/consecutive_failures", kDaily);
    }
    EXPECT_EQ(number("pipeline/consecutive_failures", kDaily), 0);
    EXPECT_DOUBLE_EQ(age("pipeline/last_success_age", kDaily, 1000), 1000 - 402);
    EXPECT_EQ(active("RUNNING"), -1);
  }
}

TEST_P(LedgerGauges, FollowARenamedPipeline) {
  MageRun ok(1, 1, "before"), bad(2, 1, "before"), open_run(3, 1, "before");
  apply({ok.create(1), ok.complete(5), bad.create(1), bad.fail(10), open_run.create(1)});
  std::vector<ReceivedMessage> storm;
  for (MageRun* run : {&ok, &bad, &open_run}) {
    run->row().pipeline = "after";
    storm.push_back(run->touch(20));
  }
  apply(storm);
  for (const auto* metric : {"pipeline/consecutive_failures", "pipeline_run/oldest_active_age"})
    EXPECT_FALSE(value(metric, {{"pipeline", "before"}})) << metric;
  EXPECT_EQ(number("pipeline/consecutive_failures", {{"pipeline", "after"}}), 1);
  EXPECT_EQ(active("INITIAL", "after"), 1);
  EXPECT_DOUBLE_EQ(age("pipeline/last_success_age", {{"pipeline", "after"}}, 105), 100);
}

TEST_P(LedgerGauges, TakeThePastsSuccessFromCompletedAt) {
  MageRun run(1, -5000);
  run.row().completed = at(-1000);
  apply({run.update(50, "COMPLETED")});
  EXPECT_DOUBLE_EQ(age("pipeline/last_success_age", kDaily, 60), 1060);
}

TEST_P(LedgerGauges, SnapshotRowsAreStateAndCountNothing) {
  MageRun run(1, -50);
  run.row().status = "RUNNING";
  apply({run.read(10)});
  EXPECT_EQ(active("RUNNING"), 1);
  EXPECT_EQ(started(), -1);
  EXPECT_EQ(processed("r", "applied"), 1);
  apply({run.complete(20)});
  EXPECT_EQ(finished("COMPLETED"), 1);
}

TEST_P(LedgerGauges, ForgetAQuietPipelineWhoseLastRunSucceeded) {
  MageRun good(1, 1), bad(2, 1, "broken");
  apply({good.create(1), good.complete(5), bad.create(1), bad.fail(5)});
  const double month = 3600.0 * 24 * 31;
  EXPECT_FALSE(value("pipeline/last_success_age", kDaily, month));
  EXPECT_FALSE(value("pipeline/consecutive_failures", kDaily, month));
  EXPECT_EQ(number("pipeline/consecutive_failures", {{"pipeline", "broken"}}, month), 1);
}

TEST_P(LedgerGauges, KnowNothingOfRunsThatOnlyADeleteTellsOf) {
  std::vector<ReceivedMessage> purge;
  for (std::int64_t id = 1; id < 20; ++id) {
    MageRun run(id, 1);
    run.row().status = "COMPLETED";
    run.row().ordinal = id;
    purge.push_back(run.remove(9));
  }
  apply(purge);
  EXPECT_FALSE(value("pipeline/consecutive_failures", {{"pipeline", "unknown"}}));
}

schema::Heartbeat heartbeat_of(const std::string& instance, double started, double sent) {
  schema::Heartbeat beat;
  beat.name = "mage";
  beat.instance = instance;
  beat.started_at = at(started);
  beat.sent_at = at(sent);
  beat.sequence = 1;
  return beat;
}

TEST_P(LedgerGauges, AWatermarkNotKnownYetIsNoneAtAll) {
  apply({message(heartbeat_of("b", 20, 30)), message(heartbeat_of("a", 10, 25))}, 40);
  EXPECT_DOUBLE_EQ(age("flow/watermark_age", {}, 100), 90);
  auto known = heartbeat_of("c", 35, 40);
  known.confirmed_at = at(38);
  apply({message(known)}, 40);
  EXPECT_DOUBLE_EQ(age("flow/watermark_age", {}, 100), 62);
}

TEST_P(LedgerGauges, AClockAheadDoesNotPinTheNewestHeartbeat) {
  auto ahead = heartbeat_of("ahead", 1, 100'000);
  ahead.lag_bytes = 1;
  auto right = heartbeat_of("right", 20, 60);
  right.lag_bytes = 2;
  apply({message(ahead)}, 50);
  apply({message(right)}, 60);
  EXPECT_DOUBLE_EQ(age("flow/heartbeat_age", {}, 100), 40);
  EXPECT_EQ(number("connector/lag_bytes"), 2);
}

TEST_P(LedgerGauges, ATableThatStandsStillDoesNotHideBehindAnother) {
  auto quiet = heartbeat(1, 20);
  quiet.table = "public.quiet";
  quiet.lag_bytes = 7;
  auto busy = heartbeat(1, 90);
  busy.instance = "b";
  apply({message(quiet), message(busy)}, 95);
  EXPECT_DOUBLE_EQ(age("flow/heartbeat_age", {}, 100), 80);
  EXPECT_DOUBLE_EQ(age("flow/watermark_age", {}, 100), 81);
  EXPECT_EQ(number("connector/lag_bytes"), 7);
  auto successor = heartbeat(1, 95);
  successor.table = "public.quiet";
  successor.instance = "c";
  apply({message(successor)}, 95);
  EXPECT_DOUBLE_EQ(age("flow/heartbeat_age", {}, 100), 10);
}

TEST_P(LedgerGauges, CountTheColumnsThatTheConnectorLeftOut) {
  auto dropped = heartbeat_of("a", 5, 10);
  dropped.dropped_column_count = 3;
  apply({message(dropped)}, 10);
  EXPECT_EQ(number("connector/dropped_column_count"), 3);
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerGauges, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
