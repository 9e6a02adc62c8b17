#include "monitor/ledger/counting/pipeline_aggregates.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace walpulse::monitor {
namespace {

RunState random_state() {
  const auto position = [] {
    return schema::Position{1, Lsn{*rc::gen::inRange<std::uint64_t>(0, 6)}, 0};
  };
  RunState state;
  state.pipeline = *rc::gen::element<std::string>("", "a", "a", "b");
  if (*rc::gen::arbitrary<bool>()) state.success = End{position(), Timestamp()};
  if (*rc::gen::arbitrary<bool>()) state.failed = End{position(), Timestamp()};
  state.active = *rc::gen::arbitrary<bool>();
  state.labels = *rc::gen::element<std::string>("", "acme");
  if (*rc::gen::arbitrary<bool>()) state.schedule = *rc::gen::inRange<std::int64_t>(1, 3);
  return state;
}

/// What the board says, but for the last event, which never goes back.
std::string told(const PipelineAggregates& board) {
  std::string text;
  for (const auto& [key, totals] : board.pipelines()) {
    text += key.second + ": " + std::to_string(totals.runs) + " runs";
    if (totals.success) text += ", success " + to_string(totals.success->position.commit_lsn);
    text += ", " + std::to_string(PipelineAggregates::failures(totals)) + " failures";
    for (const auto& failed : totals.failed)
      text += ", failed " + std::to_string(failed.run) + " at " +
              to_string(failed.end.position.commit_lsn) + (failed.active ? " active" : "");
    for (const std::int64_t run : totals.active) text += ", active " + std::to_string(run);
    std::set<std::string> groups;
    for (const auto& [group, success] : totals.successes)
      groups.insert(", success of " + group.first + '/' + std::to_string(group.second.value_or(0)) +
                    ' ' + to_string(success.position.commit_lsn));
    for (const std::string& group : groups) text += group;
    text += '\n';
  }
  return text;
}

TEST(PipelineAggregates, KeptUpToDateIsAsOneMadeAnewUnlessItSaysThatItIsStale) {
  EXPECT_TRUE(rc::check([] {
    PipelineAggregates board;
    std::map<int, RunState> runs;
    const int changes = *rc::gen::inRange(1, 40);
    for (int i = 0; i < changes; ++i) {
      const int run = *rc::gen::inRange(0, 4);
      const RunState now = random_state();
      const auto known = runs.find(run);
      if (known == runs.end()) {
        board.add({1, run}, now);
      } else if (*rc::gen::inRange(0, 5) == 0) {
        board.remove({1, run}, known->second);
        runs.erase(known);
        continue;
      } else {
        board.replace({1, run}, known->second, now);
      }
      runs[run] = now;
    }
    PipelineAggregates anew;
    for (const auto& [run, state] : runs) anew.add({1, run}, state);
    if (!board.stale() && !board.groups_stale()) RC_ASSERT(told(board) == told(anew));
    board.begin_anew();
    for (const auto& [run, state] : runs) board.restore({1, run}, state);
    RC_ASSERT(told(board) == told(anew));
  }));
}

TEST(PipelineAggregates, IsStaleWhenTheLastSuccessIsTakenBack) {
  RunState succeeded, taken_back;
  succeeded.pipeline = taken_back.pipeline = "a";
  succeeded.success = End{{1, Lsn{5}, 0}, Timestamp()};
  PipelineAggregates board;
  board.add({1, 1}, succeeded);
  board.add({1, 2}, taken_back);
  board.replace({1, 1}, succeeded, taken_back);
  EXPECT_TRUE(board.stale());
  EXPECT_TRUE(board.groups_stale());
}

TEST(PipelineAggregates, OnlyItsGroupsAreStaleWhenARunMovesToAnother) {
  RunState succeeded;
  succeeded.pipeline = "a";
  succeeded.success = End{{1, Lsn{5}, 0}, Timestamp()};
  RunState moved = succeeded, other;
  moved.labels = "acme";
  other.pipeline = "a";
  PipelineAggregates board;
  board.add({1, 1}, succeeded);
  board.add({1, 2}, other);
  board.replace({1, 1}, succeeded, moved);
  EXPECT_FALSE(board.stale());
  EXPECT_TRUE(board.groups_stale());
}

TEST(PipelineAggregates, AChangeIsARunSavedOrRemovedAlsoOfTheNameThatItLeaves) {
  RunState run, renamed;
  run.pipeline = "a";
  run.last_event = Timestamp(std::chrono::seconds(5));
  renamed.pipeline = "b";
  PipelineAggregates board;
  const auto changes = [&](const char* pipeline) { return board.find(1, pipeline)->changes; };
  board.add({1, 1}, run);
  board.add({1, 2}, run);
  const auto two = changes("a");
  board.replace({1, 1}, run, run);
  EXPECT_GT(changes("a"), two);
  const auto three = changes("a");
  board.replace({1, 1}, run, renamed);
  EXPECT_GT(changes("a"), three);
  EXPECT_GT(changes("b"), 0);
  const auto four = changes("a");
  board.begin_anew();
  board.restore({1, 2}, run);
  board.restore({1, 1}, renamed);
  EXPECT_EQ(changes("a"), four) << "what is read again has not changed";
  EXPECT_EQ(board.find(1, "a")->first_event, run.last_event);
  board.remove({1, 2}, run);
  EXPECT_EQ(board.find(1, "a"), nullptr);
}

}  // namespace
}  // namespace walpulse::monitor
