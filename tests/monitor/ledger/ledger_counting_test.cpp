#include <algorithm>
#include <random>

#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using namespace std::chrono_literals;
using schema::Operation;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LedgerCounting : public LedgerTest {};

TEST_P(LedgerCounting, CountsAnOrdinaryRun) {
  MageRun run(1, 1);
  const ApplyResult applied = apply({run.create(1), run.run(5), run.complete(65)});
  EXPECT_THAT(applied.outcomes, Each(Outcome::applied));
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(started(), 1);
  EXPECT_EQ(finished("COMPLETED"), 1);
  EXPECT_EQ(finished("FAILED"), -1);
  const auto duration =
      distribution("pipeline_run/duration", {{"pipeline", "daily"}, {"status", "COMPLETED"}});
  EXPECT_EQ(duration.count(), 1u);
  EXPECT_DOUBLE_EQ(duration.sum, 60);
  EXPECT_DOUBLE_EQ(distribution("pipeline_run/queue_time").sum, 4);
  EXPECT_EQ(processed("c", "applied"), 1);
  EXPECT_EQ(processed("u", "applied"), 2);
}

TEST_P(LedgerCounting, S27CountsDuplicatesOnce) {
  MageRun run(1, 1);
  const std::vector<ReceivedMessage> log{run.create(1), run.run(5), run.fail(65)};
  apply({log[0], log[0], log[1], log[2], log[2]});
  const ApplyResult again = apply(log);
  EXPECT_THAT(again.outcomes, Each(Outcome::unchanged));
  EXPECT_TRUE(again.alerts.empty());
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(finished("FAILED"), 1);
  EXPECT_EQ(processed("u", "unchanged"), 3);
  EXPECT_EQ(distribution("pipeline_run/queue_time").count(), 1u);
}

TEST_P(LedgerCounting, S31CountsALateEventAfterTheRunsLast) {
  MageRun run(1, 1);
  const auto create = run.create(1), start = run.run(5), failed = run.fail(10),
             retried = run.update(20, "RUNNING"), done = run.complete(30);
  apply_singly({create, start, retried, done, failed});
  EXPECT_EQ(finished("FAILED"), 1);
  EXPECT_EQ(finished("COMPLETED"), 1);
  EXPECT_EQ(started(), 2);
  EXPECT_EQ(number("pipeline_run/retried_count", {{"pipeline", "daily"}}), 1);
}

TEST_P(LedgerCounting, S31CountsAShuffledDoubledLogAsTheLogItself) {
  std::vector<ReceivedMessage> log;
  for (std::int64_t id = 1; id <= 60; ++id) {
    const double begin = static_cast<double>(id) * 100;
    MageRun run(id, begin);
    log.push_back(run.create(begin));
    log.push_back(run.run(begin + 1));
    if (id % 3 == 0) {
      log.push_back(run.fail(begin + 2));
      log.push_back(run.fail(begin + 3));
      log.push_back(run.update(begin + 4, "RUNNING"));
    }
    log.push_back(id % 5 == 0 ? run.fail(begin + 6) : run.complete(begin + 6));
  }
  std::vector<ReceivedMessage> delivery = log;
  delivery.insert(delivery.end(), log.begin(), log.end());
  std::shuffle(delivery.begin(), delivery.end(), std::mt19937(7));
  for (std::size_t i = 0; i < delivery.size(); i += 50)
    apply({delivery.begin() + static_cast<std::ptrdiff_t>(i),
           delivery.begin() + static_cast<std::ptrdiff_t>(std::min(i + 50, delivery.size()))});
  EXPECT_EQ(created(), 60);
  EXPECT_EQ(started(), 80);
  EXPECT_EQ(finished("FAILED"), 32);
  EXPECT_EQ(finished("COMPLETED"), 48);
  EXPECT_EQ(number("pipeline_run/retried_count", {{"pipeline", "daily"}}), 20);
  EXPECT_EQ(active("RUNNING"), -1);
}

TEST_P(LedgerCounting, S31CountsADurationWhicheverOfTwoFailuresCameFirst) {
  const auto change = [](schema::Operation op, double when, const char* status) {
    Change made;
    made.op = op;
    made.when = when;
    made.status = status;
    return made;
  };
  Change timed = change(schema::Operation::update, 9, "FAILED");
  timed.started = at(6);
  const auto create = message(change(schema::Operation::insert, 1, "INITIAL"));
  const auto before_it_started = message(change(schema::Operation::update, 2, "FAILED"));
  const auto again = message(change(schema::Operation::update, 5, "INITIAL"));
  const auto after = message(timed);
  apply_singly({create, before_it_started, after, again});
  EXPECT_EQ(finished("FAILED"), 2);
  EXPECT_EQ(
      distribution("pipeline_run/duration", {{"pipeline", "daily"}, {"status", "FAILED"}}).count(),
      1u);
}

TEST_P(LedgerCounting, KeepsADeletedRunDeadWhenALateEventArrives) {
  MageRun run(1, 1);
  const auto create = run.create(1), start = run.run(5);
  apply_singly({create, run.remove(9)});
  apply({start});
  EXPECT_EQ(started(), 1);
  EXPECT_EQ(active("RUNNING"), -1);
  EXPECT_EQ(active("INITIAL"), -1);
}

TEST_P(LedgerCounting, EndsEveryRunBelowATruncate) {
  MageRun old(1, 1), younger(2, 20);
  apply({old.create(1), old.run(2)});
  apply({truncate(10)});
  EXPECT_EQ(active("RUNNING"), -1);
  apply({younger.create(20), younger.run(21)});
  EXPECT_EQ(active("RUNNING"), 1);
  EXPECT_EQ(processed("t", "applied"), 1);
  EXPECT_THAT(apply({truncate(10)}).outcomes, ElementsAre(Outcome::unchanged));
}

TEST_P(LedgerCounting, ReadsATruncateIntoRunsSeenLater) {
  apply({truncate(10)});
  MageRun run(1, 1);
  apply({run.create(1), run.run(2)});
  EXPECT_EQ(started(), 1);
  EXPECT_EQ(active("RUNNING"), -1);
}

TEST_P(LedgerCounting, CountsAnIdUsedAgainAsAnotherRun) {
  MageRun first(1, 1), second(1, 100);
  apply({first.create(1), first.fail(3), truncate(50), second.create(100), second.fail(102)});
  EXPECT_EQ(created(), 2);
  EXPECT_EQ(finished("FAILED"), 2);
}

TEST_P(LedgerCounting, S33CountsNothingWhenATriggerIsDeletedOrAPipelineRenamed) {
  std::vector<ReceivedMessage> storm;
  for (std::int64_t id = 1; id <= 300; ++id) {
    MageRun run(id, -5000);
    run.row().schedule.reset();
    run.row().pipeline = "renamed";
    run.row().lsn = 2'000'000;
    run.row().ordinal = id;
    storm.push_back(run.update(50, id % 2 == 0 ? "COMPLETED" : "FAILED"));
  }
  const ApplyResult applied = apply(storm);
  EXPECT_THAT(applied.outcomes, Each(Outcome::applied));
  EXPECT_TRUE(applied.alerts.empty());
  EXPECT_EQ(finished("COMPLETED", "renamed"), -1);
  EXPECT_EQ(number("pipeline_run/finished_count",
                   {{"pipeline", "renamed"}, {"trigger", "manual"}, {"status", "FAILED"}}),
            -1);
  EXPECT_EQ(number("pipeline/consecutive_failures", {{"pipeline", "renamed"}}), 0);
}

TEST_P(LedgerCounting, S33KeepsTheLabelsOfTheInsertThroughARename) {
  MageRun run(1, 1, "before");
  apply({run.create(1), run.run(2)});
  run.row().pipeline = "after";
  run.row().schedule.reset();
  apply({run.touch(3), run.complete(4)});
  EXPECT_EQ(finished("COMPLETED", "before"), 1);
  EXPECT_EQ(finished("COMPLETED", "after"), -1);
  EXPECT_EQ(number("pipeline/consecutive_failures", {{"pipeline", "after"}}), 0);
  EXPECT_EQ(number("pipeline/consecutive_failures", {{"pipeline", "before"}}), -1);
}

TEST_P(LedgerCounting, CountsSkipsAndSlaMisses) {
  MageRun skipped(1, 1), slow(2, 1);
  apply({skipped.create(1), skipped.update(2, "CANCELLED"), slow.create(1), slow.run(2)});
  slow.row().sla = true;
  apply({slow.touch(60), slow.complete(70)});
  EXPECT_EQ(number("pipeline_run/skipped_count", {{"pipeline", "daily"}, {"by", "scheduler"}}), 1);
  EXPECT_EQ(number("pipeline_run/sla_missed_count", {{"pipeline", "daily"}}), 1);
  EXPECT_THAT(happened_statuses(), ElementsAre("CANCELLED", "SLA_MISSED", "COMPLETED"));
}

TEST_P(LedgerCounting, SaysWhichRunFailed) {
  MageRun run(42, 1);
  run.row().labels = {{"partner", "acme"}};
  apply({run.create(1), run.run(5), run.fail(35), run.fail(36)});
  const std::vector<Happening> happenings = happened();
  ASSERT_EQ(happenings.size(), 1u);
  const Happening& failed = happenings[0];
  EXPECT_EQ(failed.status, "FAILED");
  EXPECT_EQ(failed.run, 42);
  EXPECT_EQ(failed.seconds, 30);
  EXPECT_EQ(failed.at, at(35));
  EXPECT_EQ(failed.pipeline, "daily");
  EXPECT_EQ(failed.made_by, "trigger");
  EXPECT_EQ(failed.labels, (telemetry::Labels{{"partner", "acme"}}));
}

TEST_P(LedgerCounting, ANoticeHasTheTraceOfTheMessageThatToldOfIt) {
  MageRun run(42, 1);
  std::vector<ReceivedMessage> messages = {run.create(1), run.run(5), run.fail(35), run.fail(36)};
  for (std::size_t i = 0; i < messages.size(); ++i)
    messages[i].attributes.set("googclient_traceparent", "trace " + std::to_string(i));
  apply(messages);
  ASSERT_EQ(happened().size(), 1u);
  EXPECT_EQ(happened()[0].traceparent, "trace 2");
}

TEST_P(LedgerCounting, SaysNothingOfAReplayedFailureAndTakesNoLatencyFromIt) {
  MageRun run(1, 1);
  run.row().replay = true;
  apply({run.create(1), run.run(5), run.fail(35)});
  EXPECT_THAT(happened(), IsEmpty());
  EXPECT_EQ(finished("FAILED"), 1);
  EXPECT_EQ(distribution("event/delivery_latency").count(), 0u);
}

TEST_P(LedgerCounting, MeasuresTheLatencyOfWhatWasNew) {
  MageRun run(1, 1);
  const auto create = run.create(1);
  apply({create}, 3);
  apply({create}, 300);
  const auto latency = distribution("event/delivery_latency");
  EXPECT_EQ(latency.count(), 1u);
  EXPECT_DOUBLE_EQ(latency.sum, 2);
}

TEST_P(LedgerCounting, CountsBackfillsManualRunsAndLabelsApart) {
  MageRun backfill(1, 1), manual(2, 1), labelled(3, 1);
  backfill.row().backfill = 5;
  manual.row().schedule.reset();
  labelled.row().labels = {{"partner", "acme"}};
  apply({backfill.create(1), manual.create(1), labelled.create(1)});
  const auto count = [&](const telemetry::Labels& labels) {
    return number("pipeline_run/created_count", labels);
  };
  EXPECT_EQ(count({{"pipeline", "daily"}, {"trigger", "backfill"}}), 1);
  EXPECT_EQ(count({{"pipeline", "daily"}, {"trigger", "manual"}}), 1);
  EXPECT_EQ(count({{"pipeline", "daily"}, {"trigger", "trigger"}, {"partner", "acme"}}), 1);
}

/// Three minutes, as by default.
class LedgerSettling : public LedgerTest {
 protected:
  LedgerSettling() { options.settle = 3min; }
  std::int64_t late_origins() { return number("labels/late_origin_count"); }
};

TEST_P(LedgerSettling, ARunWithoutItsInsertBeginsWithAStartingState) {
  MageRun run(1, 1);
  const auto create = run.create(1);
  apply({run.run(5), run.fail(10)});
  EXPECT_EQ(active("RUNNING"), -1);
  EXPECT_EQ(number("pipeline/consecutive_failures", {{"pipeline", "daily"}}), 1);
  intake_clock(3min - 1ms);
  EXPECT_EQ(finished("FAILED"), -1);
  intake_clock(3min);
  EXPECT_EQ(started(), -1);
  EXPECT_EQ(finished("FAILED"), 1);
  EXPECT_EQ(late_origins(), -1);
  apply({create});  // too late for its labels, not for its counts
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(started(), 1);
  EXPECT_EQ(finished("FAILED"), 1);
  EXPECT_EQ(late_origins(), 1);
}

TEST_P(LedgerSettling, TheInsertsLabelsAreTheRunsWheneverItComesInTime) {
  MageRun run(1, 1);
  run.row().labels = {{"partner", "acme"}};
  const auto create = run.create(1);
  run.row().labels.clear();  // `variables` did not change, and is TOASTed
  apply({run.run(5), run.fail(10)});
  intake_clock(2min);
  apply({create});
  ASSERT_EQ(happened().size(), 1u);
  EXPECT_EQ(happened()[0].labels.at("partner"), "acme");
  intake_clock(1h);
  EXPECT_EQ(finished("FAILED"), -1);
  EXPECT_EQ(late_origins(), -1);
}

TEST_P(LedgerSettling, ValuesAreCountedOnceTheirEntryHasBeenHereForLong) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(5)});
  intake_clock(1min);
  apply({run.complete(65)});
  const telemetry::Labels completed{{"pipeline", "daily"}, {"status", "COMPLETED"}};
  EXPECT_EQ(finished("COMPLETED"), 1);
  intake_clock(3min);
  EXPECT_DOUBLE_EQ(distribution("pipeline_run/queue_time").sum, 4);
  EXPECT_EQ(distribution("pipeline_run/duration", completed).count(), 0u);
  intake_clock(4min);
  EXPECT_DOUBLE_EQ(distribution("pipeline_run/duration", completed).sum, 60);
  intake_clock(1h);
  EXPECT_EQ(distribution("pipeline_run/duration", completed).count(), 1u);
}

TEST_P(LedgerSettling, ALateStartTakesASkipBackThatWasNotCountedYet) {
  MageRun run(1, 1);
  const auto create = run.create(1), start = run.run(2), cancel = run.update(3, "CANCELLED");
  run.row().started.reset();
  const auto by_hand = run.update(4, "CANCELLED");
  apply({create, by_hand});
  intake_clock(1min);
  apply({start, cancel});
  intake_clock(1h);
  EXPECT_EQ(number("pipeline_run/skipped_count", {{"pipeline", "daily"}, {"by", "person"}}), -1);
}

TEST_P(LedgerSettling, GoesOnWhereItWasOpenedAgain) {
  if (GetParam() == Backend::memory) return;
  MageRun run(1, 1), unborn(2, 1);
  unborn.create(1);
  apply({run.create(1), run.run(5), unborn.run(6), unborn.fail(7)});
  intake_clock(2min);
  open();
  apply({run.complete(65)});
  intake_clock(3min);
  EXPECT_EQ(distribution("pipeline_run/queue_time").count(), 1u);
  EXPECT_EQ(finished("FAILED"), 1);
}

TEST_P(LedgerSettling, TheClockRunsWhileMessagesComeAndStandsStillOtherwise) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(5), run.complete(65)});
  std::chrono::steady_clock::time_point now;
  const auto shows = [&] {
    EXPECT_TRUE(raw_storage()->begin(Intent::read));
    const IntakeTime clock = raw_storage()->transaction().context().intake;
    EXPECT_TRUE(raw_storage()->commit());
    return clock;
  };
  const auto advance = [&](std::chrono::seconds by) {
    now += by;
    EXPECT_TRUE(ledger().advance(now));
    return shows();
  };
  EXPECT_EQ(advance(1s), 0s);  // the first look
  apply({message(heartbeat(1, 10))});
  EXPECT_EQ(advance(3s), 3s);
  EXPECT_EQ(advance(3s), 3s);  // nothing came
  EXPECT_EQ(advance(4s), 3s);
  apply({message(heartbeat(2, 20))});
  EXPECT_EQ(advance(2s), 12s);  // since it last moved
  advance(3600s);
  apply({message(heartbeat(3, 30))});
  EXPECT_EQ(advance(1s), 22s);  // an outage counts for ten seconds
}

TEST_P(LedgerSettling, AChangedKeyCarriesTheRunOnUnderItsNewId) {
  MageRun run(1, 1), moved(1000, 1);
  apply({run.create(1), run.run(5), run.remove(10)});
  moved.row() = run.row();
  moved.row().id = 1000;
  moved.row().previous = 1;
  moved.row().op = schema::Operation::insert;
  apply({message(moved.row())});
  EXPECT_EQ(active("RUNNING"), 1);
  moved.row().previous.reset();
  apply({moved.complete(65)});
  intake_clock(1h);
  EXPECT_EQ(active("RUNNING"), -1);
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(started(), 1);
  EXPECT_EQ(finished("COMPLETED"), 1);
  EXPECT_EQ(late_origins(), -1);
  EXPECT_DOUBLE_EQ(
      distribution("pipeline_run/duration", {{"pipeline", "daily"}, {"status", "COMPLETED"}}).sum,
      60);
}

TEST_P(LedgerSettling, AChangedKeyOpensNeitherFailureNorSuccess) {
  MageRun run(1, 1), moved(1000, 1);
  apply({run.create(1), run.run(2), run.fail(5), run.remove(10)});
  moved.row() = run.row();
  moved.row().id = 1000;
  moved.row().previous = 1;
  moved.row().op = schema::Operation::insert;
  apply({message(moved.row())});
  EXPECT_EQ(number("pipeline/consecutive_failures", {{"pipeline", "daily"}}), 1);
  EXPECT_EQ(finished("FAILED"), 1);
}

TEST_P(LedgerSettling, AReplayedFailureIsNotToldWhenItSettlesEither) {
  MageRun run(1, 1);
  run.create(1);
  run.row().replay = true;
  apply({run.run(5), run.fail(10)});  // its insert lies before the range
  EXPECT_TRUE(raw_storage()->begin(Intent::share));
  raw_storage()->transaction().clocks().save_intake(1h);
  EXPECT_TRUE(raw_storage()->commit());
  ASSERT_TRUE(ledger().advance(std::chrono::steady_clock::time_point{}));
  EXPECT_THAT(happened(), IsEmpty());
  EXPECT_EQ(finished("FAILED"), 1);
}

TEST_P(LedgerSettling, ASnapshotBeforeTheInsertIsReplayedIsNoLateInsert) {
  MageRun run(1, 1);
  const auto create = run.create(1);
  apply({run.read(50)});
  intake_clock(1h);
  apply({create});
  EXPECT_EQ(late_origins(), -1);
}

TEST_P(LedgerSettling, AnotherCreatedAtWithinALifeGoesOnWithIt) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(5)});
  run.row().created = at(0.5);  // ALTER COLUMN created_at TYPE timestamptz(0)
  apply({run.complete(65)});
  EXPECT_EQ(finished("COMPLETED"), -1);
  intake_clock(1h);
  EXPECT_EQ(finished("COMPLETED"), 1);
  EXPECT_EQ(created(), 1);
}

TEST_P(LedgerSettling, ARunWhoseTriggerWasDeletedIsNamedAnOrphan) {
  MageRun run(1, 1);
  apply({run.create(1), run.run(5)});
  run.row().schedule.reset();
  const auto orphaned = run.touch(10);
  apply({orphaned, run.touch(11)});
  EXPECT_THAT(happened_statuses(), ElementsAre("ORPHANED"));
  EXPECT_EQ(active("ORPHANED"), 1);
  EXPECT_EQ(active("RUNNING"), -1);
  EXPECT_FALSE(value("pipeline_run/oldest_active_age", {{"pipeline", "daily"}}));
  apply({orphaned});
  EXPECT_THAT(happened_statuses(), ElementsAre("ORPHANED"));
  apply({run.update(20, "CANCELLED")});
  EXPECT_EQ(active("ORPHANED"), -1);
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerSettling, all_backends(), backend_name);

TEST_P(LedgerCounting, FoldsPipelinesBeyondTheLimit) {
  options.pipelines_max = 2;
  std::vector<ReceivedMessage> group;
  for (std::int64_t id = 1; id <= 4; ++id)
    group.push_back(MageRun(id, 1, "p" + std::to_string(id)).create(1));
  apply(group);
  EXPECT_EQ(created("p1"), 1);
  EXPECT_EQ(created("p2"), 1);
  EXPECT_EQ(created("_other"), 2);
  EXPECT_EQ(active("INITIAL", "_other"), 2);
  EXPECT_GE(number("labels/overflow_count", {{"label", "pipeline"}}), 2);
  open();
  if (GetParam() == Backend::memory) return;
  apply({MageRun(5, 1, "p1").create(2), MageRun(6, 1, "p4").create(2)});
  EXPECT_EQ(created("p1"), 2);
  EXPECT_EQ(created("_other"), 3);
}

TEST_P(LedgerCounting, FoldsLongTimelinesBehindAFloor) {
  options.timeline_entries_max = 20;
  MageRun run(1, 1);
  apply({run.create(1), run.run(2)});
  const auto early = run.touch(3.5);
  std::vector<ReceivedMessage> touches;
  for (int i = 0; i < 100; ++i) touches.push_back(run.touch(4 + i));
  const ReceivedMessage known = touches.front();
  apply(touches);
  EXPECT_THAT(apply({early, known, touches.back()}).outcomes,
              ElementsAre(Outcome::pruned, Outcome::pruned, Outcome::unchanged));
  apply({run.complete(200)});
  EXPECT_EQ(finished("COMPLETED"), 1);
  EXPECT_EQ(started(), 1);
}

TEST_P(LedgerCounting, KeepsSourcesApart) {
  MageRun mine(1, 1), theirs(1, 1);
  theirs.row().name = "other";
  apply({mine.create(1), theirs.create(1), theirs.run(2)});
  auto snapshot = ledger().snapshot(at(100));
  ASSERT_TRUE(snapshot);
  for (const telemetry::Metric& metric : snapshot->metrics) {
    if (metric.descriptor->name == "pipeline_run/started_count") {
      ASSERT_EQ(metric.points.size(), 1u);
      EXPECT_EQ(metric.points[0].source, "other");
    }
    if (metric.descriptor->name == "pipeline_run/created_count") {
      EXPECT_EQ(metric.points.size(), 2u);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerCounting, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
