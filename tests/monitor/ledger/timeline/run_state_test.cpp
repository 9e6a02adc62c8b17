#include "monitor/ledger/timeline/run_state.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "monitor/ledger/timeline/label_bytes.h"
#include "tests/monitor/ledger/mage_histories.h"

namespace walpulse::monitor::testing {
namespace {

using schema::Operation;

/// What a run's rows say, one entry for each.
class Rows {
 public:
  Rows() {
    row_.schedule_id = 7;
    row_.execution_date = at(0);
    row_.pipeline = "daily";
  }
  Entry& row() { return row_; }
  Rows& put(double when, const std::optional<std::string>& status,
            Operation operation = Operation::update) {
    row_.status = status;
    row_.operation = operation;
    row_.commit_time = at(when);
    row_.position = position(when);
    timeline.push_back(row_);
    return *this;
  }
  Rows& create(double when) { return put(when, "INITIAL", Operation::insert); }
  Rows& remove(double when) {
    timeline.push_back(make_end(position(when), at(when)));
    return *this;
  }
  static schema::Position position(double when) {
    return {kEpoch, Lsn{static_cast<std::uint64_t>(when)}, 0};
  }
  static End end(double when) { return {position(when), at(when)}; }
  RunState state() const { return run_state(timeline); }

  Timeline timeline;

 private:
  Entry row_;
};

TEST(RunState, AFailureStaysThroughARetryUntilThatEnds) {
  Rows run;
  run.create(1).put(2, "RUNNING").put(3, "FAILED");
  EXPECT_EQ(run.state().failed, Rows::end(3));
  EXPECT_FALSE(run.state().active);
  run.put(4, "INITIAL").put(5, "RUNNING");
  EXPECT_EQ(run.state().failed, Rows::end(3));
  EXPECT_TRUE(run.state().active);
  run.put(6, "FAILED");
  EXPECT_EQ(run.state().failed, Rows::end(6));
  run.put(7, "RUNNING").put(8, "COMPLETED");
  EXPECT_FALSE(run.state().failed);
  EXPECT_EQ(run.state().success, Rows::end(8));
}

TEST(RunState, ACancelledRetryHasNotFailed) {
  EXPECT_FALSE(
      Rows().create(1).put(2, "FAILED").put(3, "RUNNING").put(4, "CANCELLED").state().failed);
}

TEST(RunState, ADeletedRowStaysFailedButNotWhereItWasActiveAgain) {
  Rows failed;
  failed.create(1).put(2, "FAILED").remove(3);
  EXPECT_EQ(failed.state().failed, Rows::end(2));
  EXPECT_FALSE(failed.state().active);
  Rows retried;
  retried.create(1).put(2, "FAILED").put(3, "RUNNING").remove(4);
  EXPECT_FALSE(retried.state().failed);
  EXPECT_FALSE(retried.state().active);
}

TEST(RunState, AnotherLifeOfTheIdHasNotFailed) {
  Rows run;
  run.create(1).put(2, "FAILED").remove(3).create(4).put(5, "RUNNING");
  EXPECT_FALSE(run.state().failed);
  EXPECT_TRUE(run.state().active);
}

TEST(RunState, AStatusThatMageDoesNotHaveEndsNothing) {
  for (const std::optional<std::string>& status :
       {std::optional<std::string>("ON_HOLD"), std::optional<std::string>(""),
        std::optional<std::string>()}) {
    const RunState state = Rows().create(1).put(2, "FAILED").put(3, status).state();
    EXPECT_TRUE(state.active);
    EXPECT_EQ(state.failed, Rows::end(2));
  }
}

TEST(RunState, WhatASnapshotFoundFailedStandsBeforeTheStream) {
  Rows run;
  run.row().completed_at = at(-50);
  run.put(10, "FAILED", Operation::read);
  const End before_all{{}, at(-50)};
  EXPECT_EQ(run.state().failed, before_all);
  run.put(11, "RUNNING");
  EXPECT_EQ(run.state().failed, before_all);
}

TEST(RunState, FinishesWithItsTerminalEntryAndKeepsThatWhenItsRowIsDeleted) {
  Rows run;
  run.create(1);
  run.row().started_at = at(2);
  run.put(2, "RUNNING");
  EXPECT_FALSE(run.state().finish);
  run.put(6, "FAILED").put(9, "FAILED");
  const RunFinish finish{at(6), std::chrono::seconds(4)};
  EXPECT_EQ(run.state().finish, finish);
  EXPECT_EQ(run.remove(10).state().finish, finish);
  EXPECT_FALSE(run.create(11).state().finish);
}

TEST(RunState, ARetryTakesTheFinishBackAndIsTimedFromItsOwnBeginning) {
  Rows run;
  run.create(1);
  run.row().started_at = at(2);
  run.put(2, "RUNNING").put(6, "CANCELLED").put(50, "INITIAL").put(60, "RUNNING");
  EXPECT_FALSE(run.state().finish);
  EXPECT_EQ(run.put(63.5, "COMPLETED").state().finish,
            (RunFinish{at(63.5), std::chrono::milliseconds(3500)}));
  Rows gone;
  gone.create(1).put(2, "FAILED").put(3, "RUNNING").remove(4);
  EXPECT_FALSE(gone.state().finish) << "it never ended again";
}

TEST(RunState, ARunThatNeverStartedFinishesWithoutADuration) {
  EXPECT_EQ(Rows().create(1).put(2, "CANCELLED").state().finish, (RunFinish{at(2), {}}));
  Rows for_ever;
  for_ever.row().started_at = kMinusInfinity;
  EXPECT_EQ(for_ever.create(1).put(2, "FAILED").state().finish, (RunFinish{at(2), {}}));
}

TEST(RunState, WhatASnapshotReadFinishedWhenItsRowSaysOrWasLastAtWork) {
  Rows run;
  run.row().created_at = at(-100);
  run.row().started_at = at(-90);
  EXPECT_EQ(run.put(10, "FAILED", Operation::read).state().finish, (RunFinish{at(-90), {}}));
  EXPECT_EQ(run.state().failed->time, at(-90)) << "before a success of later";
  Rows completed;
  completed.row().started_at = at(-90);
  completed.row().completed_at = at(-60);
  EXPECT_EQ(completed.put(10, "COMPLETED", Operation::read).state().finish,
            (RunFinish{at(-60), std::chrono::seconds(30)}));
  completed.row().completed_at = at(-91);  // of an attempt before
  completed.timeline.clear();
  EXPECT_EQ(completed.put(10, "FAILED", Operation::read).state().finish, (RunFinish{at(-90), {}}));
  Rows unsaid;
  unsaid.row().completed_at = kInfinity;
  unsaid.row().started_at = kMinusInfinity;
  EXPECT_EQ(unsaid.put(10, "CANCELLED", Operation::read).state().finish, (RunFinish{at(10), {}}));
  Rows behind_a_gap;
  behind_a_gap.create(1);
  behind_a_gap.row().started_at = at(2);
  behind_a_gap.put(3, "RUNNING");
  EXPECT_EQ(behind_a_gap.put(100, "FAILED", Operation::read).state().finish,
            (RunFinish{at(3), {}}));
}

TEST(RunState, AChangedKeyOpensNoFailureNorDoesItsRetry) {
  Rows run;
  run.row().key_changed = true;
  run.put(1, "FAILED", Operation::insert);
  run.row().key_changed = false;
  EXPECT_FALSE(run.state().failed);
  EXPECT_FALSE(run.state().finish) << "it is listed under the id that it had";
  EXPECT_FALSE(run.put(2, "RUNNING").state().failed);
  EXPECT_EQ(run.put(3, "FAILED").state().failed, Rows::end(3));
}

TEST(RunState, KeepsTheTriggerAndTheSlotThatItWasMadeFor) {
  Rows run;
  EXPECT_EQ(run.create(1).state().schedule, 7);
  EXPECT_EQ(run.state().slot, at(0));
  run.row().schedule_id.reset();  // the trigger is deleted
  run.row().execution_date = kMinusInfinity;
  run.put(2, "INITIAL");
  EXPECT_EQ(run.state().schedule, 7);
  EXPECT_EQ(run.state().slot, at(0));
  EXPECT_EQ(run.state().status, kOrphaned);
  EXPECT_EQ(run.remove(3).state().slot, at(0));
  run.create(4);  // the id is used again, by a run that no trigger made
  EXPECT_FALSE(run.state().schedule);
  EXPECT_FALSE(run.state().slot);
}

TEST(RunState, OnlyWhatATriggerMadeHasASlot) {
  Rows by_hand;
  by_hand.row().schedule_id.reset();
  EXPECT_FALSE(by_hand.create(1).state().slot);
  Rows for_ever;
  for_ever.row().execution_date = kInfinity;
  EXPECT_FALSE(for_ever.create(1).state().slot);
  EXPECT_EQ(for_ever.state().schedule, 7);
}

TEST(RunState, LabelsAreThoseOfTheNewestLifeWithoutTheOnesOfColumns) {
  Rows run;
  run.row().labels = {{"zone", "eu"}, {"partner", "acme"}, {"pipeline", "x"}, {"status", "y"}};
  run.create(1);
  run.row().labels = {{"partner", "late"}};
  run.put(2, "RUNNING");
  EXPECT_EQ(decode_labels(run.state().labels),
            (telemetry::Labels{{"partner", "acme"}, {"zone", "eu"}}));
  run.remove(3);
  EXPECT_FALSE(run.state().labels.empty());
  run.row().labels = {{"trigger", "x"}};
  EXPECT_EQ(run.create(4).state().labels, "");
}

TEST(RunState, APipelineWithoutANameIsUnknown) {
  Rows run;
  run.row().pipeline = "";
  EXPECT_EQ(run.create(1).state().pipeline, kUnknown);
}

TEST(LabelBytes, GiveBackWhatTheyWereMadeOfAndNothingElse) {
  const telemetry::Labels labels{{"", ""}, {"a", std::string(300, 'x')}, {"b", std::string(1, 0)}};
  const std::string bytes = encode_labels(labels);
  EXPECT_EQ(decode_labels(bytes), labels);
  EXPECT_EQ(encode_labels({}), std::string(1, '\0'));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_labels(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode_labels(bytes + 'x'));
  EXPECT_FALSE(decode_labels(std::string(20, '\xFF')));
}

/// Another program's failures: the log read once, in order.
class Failures {
 public:
  void see(const Change& change) {
    if (change.op == Operation::truncate) {
      for (auto& [id, run] : runs_) end(run);
    } else if (change.op == Operation::remove) {
      end(runs_[change.id]);
    } else {
      step(change, runs_[change.id]);
    }
  }
  bool failed(std::int64_t id) const { return runs_.at(id).failed; }

 private:
  struct Run {
    bool there = false, failed = false;
    std::string status;
  };
  static bool ended(const Run& run) {
    return run.status == "COMPLETED" || run.status == "FAILED" || run.status == "CANCELLED";
  }
  static void end(Run& run) {
    if (run.there && !ended(run)) run.failed = false;
    run.there = false;
  }
  static void step(const Change& change, Run& run) {
    if (!run.there || change.op == Operation::insert) run = {true, false, ""};
    const bool same = run.status == *change.status;
    run.status = *change.status;
    if (same || !ended(run)) return;
    run.failed = run.status == "FAILED" && !change.previous;
  }
  std::map<std::int64_t, Run> runs_;
};

RC_GTEST_PROP(RunStates, AreThoseOfTheLogWhateverTheOrderOfArrivalAndHoweverOften, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  std::vector<Published> log = MageHistory(random, true).log;
  Failures truth;
  for (const Published& each : log) truth.see(each.change);
  const auto states = [](const std::vector<Published>& arriving) {
    std::map<std::int64_t, Timeline> timelines;
    Timeline ends;
    for (const Published& each : arriving) {
      auto change = mage::parse_run_change(message(each.change).data);
      RC_ASSERT(change.has_value());
      const bool truncates = each.change.op == Operation::truncate;
      Timeline& timeline = truncates ? ends : timelines[each.change.id];
      Entry entry = truncates ? make_end(change->position, change->commit_time)
                              : make_entry(*std::move(change));
      if (find(timeline, entry.position) == nullptr) insert(timeline, std::move(entry));
    }
    std::map<std::int64_t, RunState> found;
    for (const auto& [id, timeline] : timelines) found[id] = run_state(merge(timeline, ends));
    return found;
  };
  const auto ordered = states(log);
  for (const auto& [id, state] : ordered) RC_ASSERT(state.failed.has_value() == truth.failed(id));
  const auto twice = log;
  log.insert(log.end(), twice.begin(), twice.end());
  std::shuffle(log.begin(), log.end(), random);
  RC_ASSERT(states(log) == ordered);
}

}  // namespace
}  // namespace walpulse::monitor::testing
