#include "monitor/ledger/observe.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "monitor/ledger/run_state.h"

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
  std::map<std::string, int> counts(Horizon horizon = {second(0)}) const {
    static constexpr const char* kNames[]{"created", "started",    "finished", "retried",
                                          "skipped", "sla_missed", "queued",   "timed"};
    std::map<std::string, int> found;
    for (const Step& step : observe(timeline, horizon).steps) {
      std::string name = kNames[static_cast<int>(step.kind)];
      if (step.kind == StepKind::finished) name += ' ' + *step.at->status;
      if (!step.seconds || step.kind == StepKind::finished) ++found[name];
    }
    return found;
  }
  std::vector<double> seconds(StepKind kind) const {
    std::vector<double> found;
    for (const Step& step : observe(timeline, {second(0)}).steps)
      if (step.kind == kind) found.push_back(step.seconds.value_or(-1));
    return found;
  }

  Timeline timeline;
  std::optional<Timestamp> created = second(500), started, completed;
  bool sla = false;
};

const Horizon kBornLater{second(100'000)};

TEST(Observe, CountsAnOrdinaryRunOnce) {
  History h;
  h.put(c, "INITIAL").start().put(u, "COMPLETED");
  EXPECT_THAT(h.counts(),
              ElementsAre(Pair("created", 1), Pair("finished COMPLETED", 1), Pair("started", 1)));
}

TEST(Observe, CountsFailedWrittenTwiceOnce) {
  History h;
  h.put(c, "INITIAL").put(u, "FAILED").put(u, "FAILED");
  EXPECT_THAT(h.counts(), ElementsAre(Pair("created", 1), Pair("finished FAILED", 1)));
}

TEST(Observe, CountsNothingForUpdatesThatChangeNothing) {
  History h;
  h.put(c, "INITIAL").start().put(u, "RUNNING").put(u, "RUNNING");
  EXPECT_THAT(h.counts(), ElementsAre(Pair("created", 1), Pair("started", 1)));
}

TEST(Observe, CountsARetryAndItsSecondEnd) {
  History h;
  h.put(c, "INITIAL").start().put(u, "FAILED").put(u, "RUNNING").put(u, "COMPLETED");
  EXPECT_THAT(h.counts(),
              ElementsAre(Pair("created", 1), Pair("finished COMPLETED", 1),
                          Pair("finished FAILED", 1), Pair("retried", 1), Pair("started", 2)));
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

TEST(Observe, BeginsANewLifeWhereCreatedAtDiffers) {
  History h;
  h.put(c, "INITIAL").put(u, "COMPLETED");
  h.created = second(2000);
  h.put(u, "COMPLETED");
  EXPECT_EQ(h.counts()["finished COMPLETED"], 1);
  EXPECT_TRUE(observe(h.timeline, {second(0)}).waiting_since);
}

TEST(Observe, TakesTheFirstEntryBeforeTheHorizonAsTheStartingState) {
  History h;
  h.put(u, "COMPLETED").put(u, "COMPLETED");
  EXPECT_THAT(h.counts(kBornLater), IsEmpty());
  h.put(u, "RUNNING");
  EXPECT_THAT(h.counts(kBornLater), ElementsAre(Pair("retried", 1), Pair("started", 1)));
}

TEST(Observe, TakesTheEpochsSecondAsItsHorizon) {
  History h;
  h.put(u, "COMPLETED").put(u, "FAILED");
  EXPECT_THAT(h.counts(), IsEmpty());
  for (Entry& entry : h.timeline) entry.position.epoch = 900;
  EXPECT_EQ(h.counts()["finished FAILED"], 1);
}

TEST(Observe, WaitsForTheInsertOfALifeThatBeganAfterTheHorizon) {
  History h;
  h.start().put(u, "FAILED");
  EXPECT_THAT(h.counts(), IsEmpty());
  EXPECT_EQ(observe(h.timeline, {second(0)}).waiting_since, second(1000));
}

TEST(Observe, CountsUnderUnknownLabelsOnceTheWaitIsOver) {
  History h;
  h.start().put(u, "FAILED");
  const Observation observed = observe(h.timeline, {second(0), second(1001)});
  ASSERT_EQ(observed.steps.size(), 4u);  // started, queued, finished, timed
  EXPECT_EQ(life_labels(observed.steps.back().origin),
            (gcp::Labels{{"pipeline", "unknown"}, {"trigger", "unknown"}}));
  EXPECT_FALSE(observed.waiting_since);
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
  EXPECT_THAT(h.counts(kBornLater), ElementsAre(Pair("finished FAILED", 1)));
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
  EXPECT_THAT(h.seconds(StepKind::queued), ElementsAre(501));
}

TEST(Observe, MeasuresTheQueueEvenWhereTheFirstStartWasLost) {
  History h;
  h.put(c, "INITIAL").start().put(u, "FAILED").put(u, "RUNNING");
  h.timeline.erase(h.timeline.begin() + 1);
  EXPECT_THAT(h.seconds(StepKind::queued), ElementsAre(501));
}

TEST(Observe, TimesARetryEvenWhereItsStartWasLost) {
  History h;
  h.put(c, "INITIAL").put(u, "FAILED").start().put(u, "FAILED");
  h.timeline.erase(h.timeline.begin() + 2);
  EXPECT_THAT(h.seconds(StepKind::finished), ElementsAre(-1));
  EXPECT_THAT(h.seconds(StepKind::timed), ElementsAre(1));
}

TEST(LifeLabels, NameTheTriggerByWhatTheInsertHeld) {
  Entry entry;
  EXPECT_EQ(life_labels(&entry).at("trigger"), "manual");
  EXPECT_EQ(life_labels(&entry).at("pipeline"), "unknown");
  entry.schedule_id = 3;
  EXPECT_EQ(life_labels(&entry).at("trigger"), "trigger");
  entry.backfill_id = 4;
  EXPECT_EQ(life_labels(&entry).at("trigger"), "backfill");
}

TEST(LifeLabels, LeaveRoomForTheStatusAmongTen) {
  Entry entry;
  entry.labels = {{"status", "x"}, {"source", "x"}, {"le", "x"}, {"pipeline", "y"}};
  for (char name = 'a'; name < 'z'; ++name) entry.labels.push_back({std::string(1, name), "v"});
  const gcp::Labels labels = life_labels(&entry);
  EXPECT_EQ(labels.size(), 9u);
  for (const char* taken : {"status", "source", "le"}) EXPECT_EQ(labels.count(taken), 0u) << taken;
  EXPECT_EQ(labels.at("pipeline"), "unknown");
}

TEST(RunState, EndsActivityWithADeleteButKeepsWhatFailed) {
  History h;
  h.put(c, "INITIAL").start().put(u, "FAILED").put(d);
  const RunState state = run_state(h.timeline, {second(0)});
  EXPECT_FALSE(state.active);
  ASSERT_TRUE(state.failed);
  EXPECT_EQ(state.failed->commit_lsn.value, 1002u);
}

TEST(RunState, TakesTheFirstOfTwoFailedRows) {
  History h;
  h.put(c, "INITIAL").put(u, "FAILED").put(u, "FAILED");
  EXPECT_EQ(run_state(h.timeline, {second(0)}).failed->commit_lsn.value, 1001u);
}

TEST(RunState, PutsASuccessOfThePastBeforeTheStream) {
  History h;
  h.completed = second(700);
  h.put(u, "COMPLETED");
  const RunState state = run_state(h.timeline, kBornLater);
  ASSERT_TRUE(state.success);
  EXPECT_EQ(state.success->position, schema::Position{});
  EXPECT_EQ(state.success->time, second(700));
}

TEST(RunState, RemembersASuccessThroughARetryThatFails) {
  History h;
  h.put(c, "INITIAL").start().put(u, "COMPLETED").put(u, "RUNNING").put(u, "FAILED");
  const RunState state = run_state(h.timeline, {second(0)});
  EXPECT_EQ(state.success->time, second(1002));
  EXPECT_EQ(state.failed->commit_lsn.value, 1004u);
}

}  // namespace
}  // namespace walpulse::monitor
