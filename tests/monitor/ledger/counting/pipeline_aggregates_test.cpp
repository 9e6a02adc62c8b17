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
  if (*rc::gen::arbitrary<bool>()) state.success = Success{position(), Timestamp()};
  if (*rc::gen::arbitrary<bool>()) state.failed = position();
  return state;
}

/// What the board says, but for the last event, which never goes back.
std::string told(const PipelineAggregates& board) {
  std::string text;
  for (const auto& [key, totals] : board.pipelines()) {
    text += key.second + ": " + std::to_string(totals.runs) + " runs";
    if (totals.success) text += ", success " + to_string(totals.success->position.commit_lsn);
    for (const auto& failed : totals.failed) text += ", failed " + to_string(failed.commit_lsn);
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
        board.add(1, now);
      } else if (*rc::gen::inRange(0, 5) == 0) {
        board.remove(1, known->second);
        runs.erase(known);
        continue;
      } else {
        board.replace(1, known->second, now);
      }
      runs[run] = now;
    }
    if (board.stale()) return;
    PipelineAggregates anew;
    for (const auto& [run, state] : runs) anew.add(1, state);
    RC_ASSERT(told(board) == told(anew));
  }));
}

TEST(PipelineAggregates, IsStaleWhenTheLastSuccessIsTakenBack) {
  RunState succeeded, taken_back;
  succeeded.pipeline = taken_back.pipeline = "a";
  succeeded.success = Success{{1, Lsn{5}, 0}, Timestamp()};
  PipelineAggregates board;
  board.add(1, succeeded);
  board.add(1, taken_back);
  board.replace(1, succeeded, taken_back);
  EXPECT_TRUE(board.stale());
}

}  // namespace
}  // namespace walpulse::monitor
