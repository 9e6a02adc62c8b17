#include "monitor/ledger/timeline/observe.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "monitor/ledger/timeline/run_state.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr Operation c = Operation::insert, u = Operation::update, d = Operation::remove,
                    r = Operation::read;

Timestamp second(std::int64_t s) { return Timestamp(std::chrono::seconds(s)); }

/// A history on a small clock: entry i stands and commits at second i + 1000, the run was created
/// at 500 unless said otherwise.
class History {
 public:
  History& put(Operation op, std::string status = {}) {
    Entry entry;
    const auto place = 1000 + static_cast<std::int64_t>(timeline.size());
    entry.position.commit_lsn.value = static_cast<std::uint64_t>(place);
    entry.operation = op;
    entry.commit_time = second(place);
    if (op != d) {
      entry.status = std::move(status);
      entry.created_at = created;
      entry.started_at = started;
      entry.completed_at = completed;
      entry.passed_sla = sla;
      entry.pipeline = "daily";
    }
    timeline.push_back(std::move(entry));
    return *this;
  }
  History& start() {
    started = second(1000 + static_cast<std::int64_t>(timeline.size()));
    return put(u, "RUNNING");
  }
  std::map<std::string, int> counts(IntakeTime settled = kLongAgo) const {
    static constexpr const char* kNames[]{"created",    "started", "finished", "retried", "skipped",
                                          "sla_missed", "queued",  "timed",    "failed",  "ended"};
    std::map<std::string, int> found;
    for (const Step& step : observe(timeline, settled).steps) {
      std::string name = kNames[static_cast<int>(step.kind)];
      if (step.kind == StepKind::finished) name += ' ' + *step.at->status;
      if (!step.seconds || step.kind == StepKind::finished) ++found[name];
    }
    return found;
  }
  std::vector<double> seconds(StepKind kind) const {
    std::vector<double> found;
    for (const Step& step : observe(timeline, kLongAgo).steps)
      if (step.kind == kind) found.push_back(step.seconds.value_or(-1));
    return found;
  }

  Timeline timeline;
  std::optional<Timestamp> created = second(500), started, completed;
  bool sla = false;
};

TEST(Observe, CountsAnOrdinaryRunOnce) {
  History h;
  h.put(c, "INITIAL").start().put(u, "COMPLETED");
  EXPECT_THAT(h.counts(), ElementsAre(Pair("created", 1), Pair("ended", 1),
                                      Pair("finished COMPLETED", 1), Pair("started", 1)));
}

TEST(Observe, CountsFailedWrittenTwiceOnce) {
  History h;
  h.put(c, "INITIAL").put(u, "FAILED").put(u, "FAILED");
  EXPECT_THAT(h.counts(), ElementsAre(Pair("created", 1), Pair("ended", 1), Pair("failed", 1),
                                      Pair("finished FAILED", 1)));
}

TEST(Observe, WaitsWithAFailureForItsBlocks) {
  History h;
  h.put(c, "INITIAL").put(u, "FAILED");
  h.timeline.back().arrived = IntakeTime(5);
  EXPECT_EQ(h.counts(IntakeTime(4))["finished FAILED"], 1);
  EXPECT_EQ(h.counts(IntakeTime(4)).count("failed"), 0u);
  EXPECT_EQ(h.counts(IntakeTime(4)).count("ended"), 0u);
  EXPECT_EQ(observe(h.timeline, IntakeTime(4)).waits_for, IntakeTime(5));
  const Observation settled = observe(h.timeline, IntakeTime(5));
  const std::size_t count = settled.steps.size();
  ASSERT_EQ(settled.steps.at(count - 1).kind, StepKind::ended);
  EXPECT_EQ(settled.steps.at(count - 1).since, &h.timeline.front());
  ASSERT_EQ(settled.steps.at(count - 2).kind, StepKind::failed);
  EXPECT_EQ(settled.steps.at(count - 2).before, &h.timeline.front());
}

TEST(Observe, CountsNothingForUpdatesThatChangeNothing) {
  History h;
  h.put(c, "INITIAL").start().put(u, "RUNNING").put(u, "RUNNING");
  EXPECT_THAT(h.counts(), ElementsAre(Pair("created", 1), Pair("started", 1)));
}

TEST(Observe, CountsARetryAndItsSecondEnd) {
  History h;
  h.put(c, "INITIAL").start().put(u, "FAILED").put(u, "RUNNING").put(u, "COMPLETED");
  EXPECT_THAT(h.counts(), ElementsAre(Pair("created", 1), Pair("ended", 2), Pair("failed", 1),
                                      Pair("finished COMPLETED", 1), Pair("finished FAILED", 1),
                                      Pair("retried", 1), Pair("started", 2)));
}

TEST(Observe, CallsACancelledRunSkippedOnlyWhereItNeverStarted) {
  History skipped, stopped;
  skipped.put(c, "INITIAL").put(u, "CANCELLED");
  stopped.put(c, "INITIAL").start().put(u, "CANCELLED");
  EXPECT_EQ(skipped.counts()["skipped"], 1);
  EXPECT_EQ(stopped.counts().count("skipped"), 0u);
}

TEST(Observe, CountsAnSlaMissOncePerLife) {
  History h;
  h.put(c, "INITIAL").start();
  h.sla = true;
  h.put(u, "RUNNING").put(u, "COMPLETED").put(u, "RUNNING");
  EXPECT_EQ(h.counts()["sla_missed"], 1);
}

TEST(Observe, BeginsANewLifeAfterADelete) {
  History h;
  h.put(c, "INITIAL").put(u, "FAILED").put(d);
  h.created = second(1010);
  h.put(c, "INITIAL").put(u, "FAILED");
  EXPECT_EQ(h.counts()["created"], 2);
  EXPECT_EQ(h.counts()["finished FAILED"], 2);
}

TEST(Observe, WaitsWithAPartOfAnotherCreatedAtAndThenGoesOnWithTheLife) {
  History h;
  h.put(c, "INITIAL").start();
  h.created = second(2000);
  h.put(u, "COMPLETED");
  h.timeline.back().arrived = IntakeTime(5);
  EXPECT_EQ(h.counts(IntakeTime(4)).count("finished COMPLETED"), 0u);
  EXPECT_EQ(observe(h.timeline, IntakeTime(4)).waits_for, IntakeTime(5));
  EXPECT_EQ(h.counts(IntakeTime(5))["finished COMPLETED"], 1);
  EXPECT_FALSE(observe(h.timeline, IntakeTime(5)).waits_for);
}

TEST(Observe, TakesTheFirstEntryOfALifeWithoutItsInsertAsTheStartingState) {
  History h;
  h.put(u, "COMPLETED").put(u, "COMPLETED");
  EXPECT_THAT(h.counts(), IsEmpty());
  h.put(u, "RUNNING");
  EXPECT_THAT(h.counts(), ElementsAre(Pair("retried", 1), Pair("started", 1)));
}

TEST(Observe, WaitsForTheInsertUntilTheFirstOfThePartHasSettled) {
  History h;
  h.start().put(u, "FAILED");
  h.timeline[0].arrived = IntakeTime(7);
  h.timeline[1].arrived = IntakeTime(3);
  EXPECT_THAT(h.counts(IntakeTime(2)), IsEmpty());
  EXPECT_EQ(observe(h.timeline, IntakeTime(2)).waits_for, IntakeTime(3));
  EXPECT_EQ(h.counts(IntakeTime(3))["finished FAILED"], 1);
}

TEST(Observe, HasNothingToWaitForWhereThereIsButAState) {
  History lone, read;
  lone.put(u, "RUNNING");
  read.put(r, "INITIAL").put(r, "RUNNING");
  for (History* h : {&lone, &read}) {
    for (Entry& entry : h->timeline) entry.arrived = IntakeTime(9);
    EXPECT_FALSE(observe(h->timeline, IntakeTime(0)).waits_for);
  }
}

TEST(Observe, AChangedKeyIsAStartingStateThatDoesNotWait) {
  History h;
  h.start();
  h.timeline.back().operation = c;
  h.timeline.back().key_changed = true;
  h.timeline.back().arrived = IntakeTime(9);
  h.put(u, "COMPLETED");
  EXPECT_THAT(h.counts(IntakeTime(0)),
              ElementsAre(Pair("ended", 1), Pair("finished COMPLETED", 1)));
}

TEST(Observe, BehindAValueThatWaitsAllWait) {
  History h;
  h.put(c, "INITIAL").start().put(u, "COMPLETED");
  h.timeline[1].arrived = IntakeTime(9);
  const auto values = [&](IntakeTime settled) {
    int found = 0;
    for (const Step& step : observe(h.timeline, settled).steps)
      found += step.kind == StepKind::queued || step.kind == StepKind::timed;
    return found;
  };
  EXPECT_EQ(values(IntakeTime(8)), 0);
  EXPECT_EQ(values(IntakeTime(9)), 2);
}

TEST(Observe, SaysWhetherTheSchedulerSkipped) {
  History scheduler, person;
  scheduler.put(c, "INITIAL").put(u, "CANCELLED");
  person.put(c, "INITIAL").put(u, "INITIAL").put(u, "INITIAL").put(u, "CANCELLED");
  const auto by_scheduler = [](const History& h) {
    for (const Step& step : observe(h.timeline, kLongAgo).steps)
      if (step.kind == StepKind::skipped) return std::optional(step.by_scheduler);
    return std::optional<bool>();
  };
  EXPECT_EQ(by_scheduler(scheduler), true);
  EXPECT_EQ(by_scheduler(person), false);
}

TEST(Observe, NeverLetsASnapshotRowHideAStep) {
  History h;
  h.put(c, "INITIAL").put(r, "RUNNING").start().put(r, "FAILED").put(u, "FAILED");
  EXPECT_EQ(h.counts()["started"], 1);
  EXPECT_EQ(h.counts()["finished FAILED"], 1);
}

TEST(Observe, StartsFromTheLastSnapshotRowBeforeTheStream) {
  History h;
  h.put(r, "INITIAL").put(r, "RUNNING").put(u, "RUNNING").put(r, "FAILED").put(u, "FAILED");
  EXPECT_THAT(h.counts(),
              ElementsAre(Pair("ended", 1), Pair("failed", 1), Pair("finished FAILED", 1)));
}

TEST(Observe, TakesCompletedAtOnlyWhereItIsFresh) {
  History fresh, stale, none;
  for (History* h : {&fresh, &stale, &none}) h->put(c, "INITIAL").start();
  fresh.completed = second(1001);
  fresh.put(u, "COMPLETED");
  stale.completed = second(100);
  stale.put(u, "FAILED");
  none.put(u, "FAILED");
  EXPECT_THAT(fresh.seconds(StepKind::finished), ElementsAre(0));
  EXPECT_THAT(stale.seconds(StepKind::finished), ElementsAre(1));
  EXPECT_THAT(none.seconds(StepKind::finished), ElementsAre(1));
}

TEST(Observe, HasNoDurationWithoutAStart) {
  History h;
  h.put(c, "INITIAL").put(u, "FAILED");
  EXPECT_THAT(h.seconds(StepKind::finished), ElementsAre(-1));
}

TEST(Observe, MeasuresTheQueueAtTheFirstStartOnly) {
  History h;
  h.put(c, "INITIAL").start().put(u, "FAILED").put(u, "INITIAL").start();
  EXPECT_THAT(h.seconds(StepKind::queued), ElementsAre(1));  // from the commit of the insert
}

TEST(Observe, MeasuresTheQueueEvenWhereTheFirstStartWasLost) {
  History h;
  h.put(c, "INITIAL").start().put(u, "FAILED").put(u, "RUNNING");
  h.timeline.erase(h.timeline.begin() + 1);
  EXPECT_THAT(h.seconds(StepKind::queued), ElementsAre(1));
}

TEST(Observe, MeasuresARetryThatKeptItsStartFromWhereItRanAgain) {
  History h;
  h.put(c, "INITIAL").start().put(u, "FAILED");
  for (int idle = 0; idle < 10; ++idle) h.put(u, "FAILED");
  h.put(u, "RUNNING").put(u, "RUNNING").put(u, "COMPLETED");
  EXPECT_THAT(h.seconds(StepKind::timed), ElementsAre(1, 2));
}

TEST(LifeLabels, NameTheTriggerByWhatTheInsertHeld) {
  Entry entry;
  EXPECT_EQ(life_labels(entry).at("trigger"), "manual");
  EXPECT_EQ(life_labels(entry).at("pipeline"), "unknown");
  entry.schedule_id = 3;
  EXPECT_EQ(life_labels(entry).at("trigger"), "trigger");
  entry.backfill_id = 4;
  EXPECT_EQ(life_labels(entry).at("trigger"), "backfill");
}

TEST(LifeLabels, LeaveRoomForTheStatusAmongTen) {
  Entry entry;
  entry.labels = {{"status", "x"}, {"source", "x"}, {"le", "x"}, {"pipeline", "y"}};
  for (char name = 'a'; name < 'z'; ++name) entry.labels.push_back({std::string(1, name), "v"});
  const telemetry::Labels labels = life_labels(entry);
  EXPECT_EQ(labels.size(), 9u);
  for (const char* taken : {"status", "source", "le"}) EXPECT_EQ(labels.count(taken), 0u) << taken;
  EXPECT_EQ(labels.at("pipeline"), "unknown");
}

TEST(RunState, EndsActivityWithADeleteButKeepsWhatFailed) {
  History h;
  h.put(c, "INITIAL").start().put(u, "FAILED").put(d);
  const RunState state = run_state(h.timeline);
  EXPECT_FALSE(state.active);
  ASSERT_TRUE(state.failed);
  EXPECT_EQ(state.failed->position.commit_lsn.value, 1002u);
}

TEST(RunState, TakesTheFirstOfTwoFailedRows) {
  History h;
  h.put(c, "INITIAL").put(u, "FAILED").put(u, "FAILED");
  EXPECT_EQ(run_state(h.timeline).failed->position.commit_lsn.value, 1001u);
}

TEST(RunState, PutsASuccessOfThePastBeforeTheStream) {
  History h;
  h.completed = second(700);
  h.put(u, "COMPLETED");
  const RunState state = run_state(h.timeline);
  ASSERT_TRUE(state.success);
  EXPECT_EQ(state.success->position, schema::Position{});
  EXPECT_EQ(state.success->time, second(700));
}

TEST(RunState, RemembersASuccessThroughARetryThatFails) {
  History h;
  h.put(c, "INITIAL").start().put(u, "COMPLETED").put(u, "RUNNING").put(u, "FAILED");
  const RunState state = run_state(h.timeline);
  EXPECT_EQ(state.success->time, second(1002));
  EXPECT_EQ(state.failed->position.commit_lsn.value, 1004u);
}

}  // namespace
}  // namespace walpulse::monitor
