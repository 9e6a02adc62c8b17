#include "bench/mage_sim/script.h"

#include <gtest/gtest.h>

namespace walpulse::mage_sim {
namespace {

Odds calm() {
  Odds odds;
  for (const auto& [name, member] : kOddsNames) odds.*member = 0;
  return odds;
}

std::vector<Act> acts(const Script& script) {
  std::vector<Act> result;
  for (const Step& step : script) result.push_back(step.act);
  return result;
}

TEST(Script, AnUneventfulRunStartsAndCompletes) {
  Random random(1);
  EXPECT_EQ(acts(write_script(random, calm())), (std::vector{Act::start, Act::complete}));
}

TEST(Script, ASkippedRunIsCancelledBeforeItStarts) {
  Odds odds = calm();
  odds.skip = 1;
  Random random(1);
  EXPECT_EQ(acts(write_script(random, odds)), std::vector{Act::cancel});
}

TEST(Script, AnInitFailureThatIsWrittenTwiceIsSetBackBeforeItStarts) {
  Odds odds = calm();
  odds.init_failure = odds.fail_twice = odds.retry = 1;
  Random random(1);
  EXPECT_EQ(acts(write_script(random, odds)),
            (std::vector{Act::fail, Act::fail, Act::reset, Act::start, Act::complete}));
}

TEST(Script, ARunThatIsCancelledBeforeItsStartRunsAfterAllWithoutBeingStamped) {
  Odds odds = calm();
  odds.cancel_initial = odds.retry_cancelled = 1;
  Random random(1);
  EXPECT_EQ(acts(write_script(random, odds)),
            (std::vector{Act::cancel, Act::resume, Act::complete}));
}

TEST(Script, ABlockFailsBeforeItsRunAndIsSetBackBeforeTheRunGoesOn) {
  Odds odds = calm();
  odds.blocks = 1;
  odds.fail = odds.retry = 1;
  Random random(1);
  const auto script = acts(write_script(random, odds));
  const std::vector<Act> begin(script.begin(), script.begin() + 7);
  EXPECT_EQ(begin, (std::vector{Act::block_create, Act::start, Act::block_start, Act::block_fail,
                                Act::fail, Act::block_reset, Act::resume}));
}

TEST(Script, ARetryNeverFollowsARunThatStillRuns) {
  Random random(7);
  Odds odds;
  odds.retry = odds.fail = 0.5;
  for (int i = 0; i < 1000; ++i) {
    bool running = false;
    for (const Step& step : write_script(random, odds)) {
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
