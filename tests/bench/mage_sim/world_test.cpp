#include "bench/mage_sim/world.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "bench/mage_sim/payload.h"
#include "tests/bench/mage_sim/diary.h"

namespace walpulse::mage_sim {
namespace {

using Kind = Statement::Kind;

Diary live(std::uint64_t seed, std::uint64_t runs, const Odds& odds = {}) {
  WorldOptions options;
  options.pipelines = 5;
  options.runs_max = runs;
  options.seed = seed;
  options.odds = odds;
  World world(options);
  Diary diary;
  while (auto transaction = world.next()) diary.execute(*transaction);
  EXPECT_EQ(world.created_count(), runs);
  return diary;
}

TEST(World, TheSeedAloneDecides) {
  EXPECT_EQ(live(3, 500).text, live(3, 500).text);
  EXPECT_NE(live(3, 500).text, live(4, 500).text);
}

TEST(World, ComesToAnEndWithAsManyRunsAsAsked) { live(1, 1000); }

TEST(World, EachRunOfABackfillHasATransactionOfItsOwn) {
  Odds odds;
  odds.backfill = 0.5;
  std::size_t steps = 0;
  for (const Transaction& transaction : live(2, 500, odds).transactions) {
    EXPECT_LE(count(transaction, Kind::create_run), 1u);
    steps += count(transaction, Kind::backfill_step);
  }
  EXPECT_GT(steps, 100u);
}

TEST(World, ATransactionThatBeganEarlyIsTheOnlyOneAtATime) {
  Odds odds;
  odds.early = 0.5;
  bool begun = false;
  int ended = 0;
  for (const Transaction& transaction : live(2, 500, odds).transactions) {
    if (count(transaction, Kind::begin_early) > 0) {
      EXPECT_FALSE(std::exchange(begun, true));
    }
    if (!transaction.early) continue;
    EXPECT_TRUE(std::exchange(begun, false));
    EXPECT_FALSE(transaction.roll_back_first || transaction.savepoint || transaction.renamed);
    ++ended;
  }
  EXPECT_GT(ended, 3);
}

TEST(World, ARunUnderWayWhoseTriggerIsDeletedNeitherStartsNorEndsByItself) {
  Odds odds;
  odds.delete_trigger = 0.05;
  odds.cancel_orphan = odds.manual = odds.backfill = odds.purge = odds.remove = 0;
  std::set<std::int64_t> orphans;
  const Diary diary = live(5, 1000, odds);
  std::map<std::int64_t, const Pipeline*> active;
  for (const Transaction& transaction : diary.transactions) {
    for (const Statement& statement : transaction.statements) {
      if (statement.kind == Kind::create_run) active[statement.ids.front()] = statement.pipeline;
      if (statement.kind == Kind::delete_trigger)
        for (const auto& [id, pipeline] : active)
          if (pipeline == statement.pipeline) orphans.insert(id);
      if (statement.kind != Kind::act) continue;
      for (const std::int64_t id : statement.ids) {
        if (orphans.count(id) > 0) {
          EXPECT_FALSE(statement.act == Act::start || ends(statement.act)) << id;
        } else if (ends(statement.act)) {
          active.erase(id);
        } else if (revives(statement.act)) {
          orphans.erase(id);
        }
      }
    }
  }
  EXPECT_GT(orphans.size(), 10u);
}

TEST(World, AChangedKeyIsTheOneByWhichTheRunGoesOn) {
  Odds odds;
  odds.change_key = 0.3;
  std::set<std::int64_t> gone;
  for (const Transaction& transaction : live(5, 500, odds).transactions) {
    for (const Statement& statement : transaction.statements) {
      if (statement.kind == Kind::delete_trigger) continue;
      for (const std::int64_t id : statement.ids) EXPECT_EQ(gone.count(id), 0u);
      if (statement.kind == Kind::change_key) gone.insert(statement.ids.front());
    }
  }
  EXPECT_GT(gone.size(), 100u);
}

TEST(World, ATriggerIsMadeBeforeItsFirstRunAndBlocksAfterTheirRun) {
  Odds odds;
  odds.blocks = 1;
  std::set<const Pipeline*> triggered;
  std::set<std::int64_t> made;
  std::size_t blocks = 0;
  for (const Transaction& transaction : live(6, 300, odds).transactions) {
    for (const Statement& statement : transaction.statements) {
      if (statement.kind == Kind::create_trigger) triggered.insert(statement.pipeline);
      if (statement.kind == Kind::create_run) {
        EXPECT_TRUE(statement.backfill || triggered.count(statement.pipeline) > 0);
        made.insert(statement.ids.front());
      }
      if (statement.kind != Kind::create_block) continue;
      EXPECT_EQ(made.count(statement.ids.front()), 1u);
      ++blocks;
    }
  }
  EXPECT_GT(blocks, 500u);
}

TEST(World, ABackfillHasTheBlocksOfEachRunBetweenItsRuns) {
  Odds odds;
  odds.blocks = odds.backfill = 1;
  odds.skip = odds.init_failure = odds.early = 0;
  Kind last = Kind::act;
  for (const Transaction& transaction : live(6, 100, odds).transactions) {
    if (transaction.statements.empty()) continue;
    const Statement& statement = transaction.statements.front();
    if (statement.kind == Kind::create_run) {
      EXPECT_NE(last, Kind::create_run);
    }
    last = statement.kind;
  }
}

TEST(World, FailedRunsThatAreSetBackTogetherHaveTheirBlocksSetBackBefore) {
  Odds odds;
  odds.blocks = 1;
  odds.fail = 0.6;
  odds.retry = 0;
  odds.retry_failed = 0.1;
  Act last = Act::touch;
  int resets = 0;
  for (const Transaction& transaction : live(7, 300, odds).transactions) {
    const Act act = transaction.statements.front().act;
    if (act == Act::reset) {
      EXPECT_EQ(last, Act::blocks_reset);
      ++resets;
    }
    last = act;
  }
  EXPECT_GT(resets, 3);
}

TEST(Payload, BlocksOfAPipelineHaveDistinctNames) {
  for (std::size_t i = 0; i < 60; ++i) {
    const auto names = block_names(i);
    EXPECT_GE(names.size(), 2u);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
  }
}

TEST(Payload, PipelinesHaveDistinctNames) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < 500; ++i) names.insert(pipeline_name(i));
  EXPECT_EQ(names.size(), 500u);
}

TEST(Payload, LargeVariablesAreStoredOutOfLine) {
  Random random(1);
  const auto json = variables_json(random, "\"acme\"", true);
  ASSERT_TRUE(json.has_value());
  EXPECT_GT(json->size(), 8'192u);
  EXPECT_EQ(json->rfind(R"({"partner": "acme", )", 0), 0u);
}

}  // namespace
}  // namespace walpulse::mage_sim
