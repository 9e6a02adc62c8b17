#include "bench/mage_sim/script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace walpulse::mage_sim {
namespace {

Odds calm() {
  Odds odds;
  for (const auto& [name, member] : kOddsNames) odds.*member = 0;
  return odds;
}

constexpr std::size_t kBlocks = 3;

Script write(Random& random, const Odds& odds, bool by_web = false) {
  return write_script(random, odds, kBlocks, by_web);
}

Odds with_blocks() {
  Odds odds = calm();
  odds.blocks = 1;
  return odds;
}

std::vector<Act> acts(const Script& script) {
  std::vector<Act> result;
  for (const Step& step : script) result.push_back(step.act);
  return result;
}

TEST(Script, AnUneventfulRunStartsAndCompletes) {
  Random random(1);
  EXPECT_EQ(acts(write(random, calm())), (std::vector{Act::start, Act::complete}));
}

TEST(Script, ASkippedRunIsCancelledBeforeItStarts) {
  Odds odds = calm();
  odds.skip = 1;
  Random random(1);
  EXPECT_EQ(acts(write(random, odds)), std::vector{Act::cancel});
}

TEST(Script, AnInitFailureThatIsWrittenTwiceIsSetBackBeforeItStarts) {
  Odds odds = calm();
  odds.init_failure = odds.fail_twice = odds.retry = 1;
  Random random(1);
  EXPECT_EQ(acts(write(random, odds)),
            (std::vector{Act::fail, Act::fail, Act::reset, Act::start, Act::complete}));
}

TEST(Script, ARunThatIsCancelledBeforeItsStartRunsAfterAllWithoutBeingStamped) {
  Odds odds = calm();
  odds.cancel_initial = odds.retry_cancelled = 1;
  Random random(1);
  EXPECT_EQ(acts(write(random, odds)), (std::vector{Act::cancel, Act::resume, Act::complete}));
}

// Of the run alone, and which blocks came to which end.
struct Course {
  std::vector<Act> run;
  std::vector<Act> last;  ///< Of each block, the newest act on it.
  int timed_out = 0;
};

Course course(const Script& script) {
  Course course{{}, std::vector<Act>(kBlocks, Act::touch), 0};
  for (const Step& step : script) {
    if (!of_blocks(step.act)) {
      course.run.push_back(step.act);
    } else if (step.act != Act::blocks_cancel && step.act != Act::blocks_reset) {
      course.last.at(step.block) = step.act;
      if (step.act == Act::block_time_out) ++course.timed_out;
    }
  }
  return course;
}

TEST(Script, TheSchedulersRunHasItsBlocksBeforeItStartsAndEndsAfterThem) {
  Random random(1);
  const auto script = acts(write(random, with_blocks()));
  EXPECT_EQ(script,
            (std::vector{Act::block_create, Act::block_create, Act::block_create, Act::start,
                         Act::block_queue, Act::block_start, Act::block_complete, Act::block_queue,
                         Act::block_start, Act::block_complete, Act::block_queue, Act::block_start,
                         Act::block_complete, Act::complete}));
}

TEST(Script, TheWebProcessMakesTheBlocksWithTheRun) {
  Random random(1);
  const Script script = write(random, with_blocks(), true);
  for (std::size_t i = 0; i < kBlocks; ++i) EXPECT_EQ(script.at(i).wait_ms, 0);
  EXPECT_GT(script.at(kBlocks).wait_ms, 0);
  EXPECT_EQ(script.at(kBlocks).act, Act::start);
}

TEST(Script, ASkippedRunAndOneThatDoesNotInitialiseHaveNoBlocks) {
  for (const auto member : {&Odds::skip, &Odds::init_failure}) {
    Odds odds = with_blocks();
    odds.*member = 1;
    Random random(1);
    for (const Act act : acts(write(random, odds, true))) EXPECT_FALSE(of_blocks(act));
  }
}

TEST(Script, ABlockFailsBeforeItsRunAndTheOthersAreCancelledInOneUpdateAfterIt) {
  Odds odds = with_blocks();
  odds.fail = 1;
  odds.retries_max = 0;
  Random random(1);
  int cancelled = 0;
  for (int i = 0; i < 50; ++i) {
    const Script script = write(random, odds);
    const auto failed = std::find_if(script.begin(), script.end(),
                                     [](const Step& step) { return step.act == Act::block_fail; });
    ASSERT_NE(failed, script.end());
    EXPECT_EQ(std::next(failed)->act, Act::fail);
    const bool others = failed->block + 1 < kBlocks;
    EXPECT_EQ(script.back().act, others ? Act::blocks_cancel : Act::fail);
    cancelled += others ? 1 : 0;
  }
  EXPECT_GT(cancelled, 10);
}

TEST(Script, AFailureThatIsAllowedLeavesTheBlocksBehindItUpstreamFailed) {
  Odds odds = with_blocks();
  odds.fail = odds.fail_with_completed_at = 1;
  Random random(2);
  bool seen = false;
  for (int i = 0; i < 20; ++i) {
    const Course told = course(write(random, odds));
    EXPECT_EQ(told.run, (std::vector{Act::start, Act::fail_ended}));
    bool failed = false;
    for (const Act act : told.last) {
      EXPECT_EQ(act, failed                   ? Act::block_fail_upstream
                     : act == Act::block_fail ? Act::block_fail
                                              : Act::block_complete);
      seen = seen || failed;
      failed = failed || act == Act::block_fail;
    }
    EXPECT_TRUE(failed);
  }
  EXPECT_TRUE(seen);
}

TEST(Script, ARunTimesOutWithoutAFailedBlockAndABlockWithAnEmptyOne) {
  Odds odds = with_blocks();
  odds.fail = odds.run_timeout = 1;
  Random random(3);
  for (const Act act : course(write(random, odds)).last) {
    EXPECT_NE(act, Act::block_fail);
    EXPECT_NE(act, Act::block_time_out);
  }
  odds.run_timeout = 0;
  odds.block_timeout = 1;
  EXPECT_EQ(course(write(random, odds)).timed_out, 1);
}

TEST(Script, ARetrySetsTheBlocksBackBeforeItsRunAndGoesOnWithTheOneThatFailed) {
  Odds odds = with_blocks();
  odds.fail = odds.retry = 0.5;
  Random random(4);
  int retries = 0;
  for (int i = 0; i < 200; ++i) {
    const Script script = write(random, odds);
    for (std::size_t at = 0; at < script.size(); ++at) {
      if (script[at].act != Act::resume) continue;
      ++retries;
      EXPECT_EQ(script[at - 1].act, Act::blocks_reset);
      EXPECT_EQ(script[at + 1].act, Act::block_queue);
      EXPECT_EQ(script[at + 1].block, script[at - 1].block);
    }
  }
  EXPECT_GT(retries, 50);
}

TEST(Script, AConditionThatDoesNotHoldIsNoFailure) {
  Odds odds = with_blocks();
  odds.condition = 1;
  Random random(1);
  const Course told = course(write(random, odds));
  EXPECT_EQ(told.run, (std::vector{Act::start, Act::complete}));
  EXPECT_EQ(told.last,
            (std::vector{Act::block_complete, Act::block_complete, Act::block_fail_condition}));
}

TEST(Script, ARunCancelledBeforeItsStartHasItsBlocksCancelledAndSetBack) {
  Odds odds = with_blocks();
  odds.cancel_initial = odds.retry_cancelled = 1;
  Random random(1);
  auto script = acts(write(random, odds, true));
  script.resize(7);
  EXPECT_EQ(script, (std::vector{Act::block_create, Act::block_create, Act::block_create,
                                 Act::cancel, Act::blocks_cancel, Act::blocks_reset, Act::resume}));
}

TEST(Script, WhatWasSetBackWithOthersGoesOnWhereItsBlocksEnded) {
  Random random(1);
  const Script script = write_rerun(random, with_blocks(), Blocks{kBlocks, 2}, kBlocks);
  EXPECT_EQ(acts(script), (std::vector{Act::start, Act::block_queue, Act::block_start,
                                       Act::block_complete, Act::complete}));
  EXPECT_EQ(script.at(1).block, 2u);
}

TEST(Script, ARetryNeverFollowsARunThatStillRuns) {
  Random random(7);
  Odds odds;
  odds.retry = odds.fail = 0.5;
  for (int i = 0; i < 1000; ++i) {
    bool running = false;
    for (const Step& step : write(random, odds)) {
      if (step.act == Act::resume || step.act == Act::start) {
        EXPECT_FALSE(running);
        running = true;
      }
      if (step.act == Act::complete || step.act == Act::fail || step.act == Act::fail_ended ||
          step.act == Act::cancel) {
        running = false;
      }
    }
  }
}

TEST(Script, AgesReachFromTheInsertToTheFirstEnd) {
  const Script script{{10, Act::start}, {20, Act::touch}, {30, Act::fail}, {40, Act::resume}};
  EXPECT_EQ(planned_ages(script).created_ms, 60);
  EXPECT_EQ(planned_ages(script).started_ms, 50);
}

}  // namespace
}  // namespace walpulse::mage_sim
