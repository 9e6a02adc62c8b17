#include "bench/mage_sim/scenario.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "bench/mage_sim/slots.h"
#include "bench/mage_sim/world.h"
#include "tests/bench/mage_sim/diary.h"

namespace walpulse::mage_sim {
namespace {

using Kind = Statement::Kind;

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kBeganMs = 1'795'873'445'678;  // 2026-11-28T13:44:05.678Z

WorldOptions of(Scenario scenario, std::int64_t history_minutes = 0) {
  WorldOptions options;
  options.pipelines = 14;
  options.seed = 3;
  options.scenario = scenario;
  options.odds = odds_of(scenario);
  options.history_ms = history_minutes * kMinute;
  options.live_at_ms = kBeganMs;
  return options;
}

/// Calls `look` with each of the first `transactions` of the scenario.
template <class Look>
void watch(const WorldOptions& options, int transactions, Look look) {
  World world(options);
  Diary diary;
  for (int i = 0; i < transactions; ++i) {
    auto transaction = world.next();
    if (!transaction) return;
    diary.execute(*transaction);
    look(*transaction);
  }
}

TEST(Scenario, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const auto& one : kScenarios) names.insert(one.name);
  EXPECT_EQ(names.size(), kScenarios.size());
}

TEST(Scenario, ABurstIsHundredsOfRunsThatWaitForNothing) {
  int unpaced = 0;
  watch(of(Scenario::burst), 400, [&](const Transaction& transaction) {
    unpaced += transaction.unpaced ? static_cast<int>(count(transaction, Kind::create_run)) : 0;
  });
  EXPECT_EQ(unpaced, 300);
}

TEST(Scenario, ABurstKeepsToTheLimitOfRuns) {
  WorldOptions options = of(Scenario::burst);
  options.runs_max = 40;
  World world(options);
  Diary diary;
  while (auto transaction = world.next()) diary.execute(*transaction);
  EXPECT_EQ(world.created_count(), 40u);
}

TEST(Scenario, InAnOutageNothingIsMadeAndThenEverythingIsDue) {
  bool still = false;
  int behind = 0;
  watch(of(Scenario::outage), 600, [&](const Transaction& transaction) {
    if (transaction.still_ms > 0) {
      EXPECT_TRUE(transaction.statements.empty());
      still = true;
    } else if (still && transaction.unpaced) {
      EXPECT_EQ(count(transaction, Kind::create_run), 0u);
      ++behind;
    }
  });
  EXPECT_TRUE(still);
  EXPECT_GT(behind, 20);
}

// How many runs were set going again four times or more.
int often_retried(Scenario scenario) {
  std::map<std::int64_t, int> retries;
  watch(of(scenario), 8000, [&](const Transaction& transaction) {
    for (const Statement& statement : transaction.statements)
      if (statement.kind == Kind::act && revives(statement.act))
        for (const auto id : statement.ids) ++retries[id];
  });
  return static_cast<int>(std::count_if(retries.begin(), retries.end(),
                                        [](const auto& one) { return one.second >= 4; }));
}

TEST(Scenario, ARetryStormRetriesRunsOverAndOver) {
  EXPECT_GT(often_retried(Scenario::retry_storm), 20);
  EXPECT_LT(often_retried(Scenario::steady), 5);
}

TEST(Scenario, ADeadSchedulerMakesNoRunOfASlotWhileApiRunsGoOn) {
  int api = 0;
  std::set<const Pipeline*> triggers;
  watch(of(Scenario::scheduler_dead), 2000, [&](const Transaction& transaction) {
    for (const Statement& statement : transaction.statements) {
      if (statement.kind == Kind::create_trigger && statement.pipeline->trigger.timed())
        triggers.insert(statement.pipeline);
      if (statement.kind != Kind::create_run) continue;
      EXPECT_FALSE(statement.pipeline->trigger.timed());
      ++api;
    }
  });
  EXPECT_EQ(triggers.size(), 10u);
  EXPECT_GT(api, 50);
}

TEST(Scenario, ADeadSchedulerDiedInTheLastEighthOfTheHistory) {
  std::int64_t newest = 0;
  watch(of(Scenario::scheduler_dead, 480), 5000, [&](const Transaction& transaction) {
    for (const Statement& statement : transaction.statements)
      if (statement.kind == Kind::create_run && statement.pipeline->trigger.timed())
        newest = std::max(newest, transaction.at_ms.value_or(kBeganMs));
  });
  EXPECT_LT(newest, kBeganMs - 60 * kMinute);
  EXPECT_GT(newest, kBeganMs - 70 * kMinute);
}

TEST(Scenario, ASlotIsDueWhenADeadSchedulersPartBegins) {
  const Pipeline pipeline = pipeline_of(0, Scenario::scheduler_dead, kBeganMs);
  const auto slot = slot_at_or_before(pipeline.trigger.interval, kBeganMs);
  EXPECT_GT(slot, kBeganMs - 9 * kMinute);
  EXPECT_LT(slot, kBeganMs - 5 * kMinute);
  EXPECT_GT(pipeline.trigger.age_ms, 60 * kMinute);  // It was enabled before that slot.
}

TEST(Scenario, LateRunsAreMadeMinutesAfterTheirSlotOrStartedThatLate) {
  std::map<std::int64_t, std::int64_t> made_at;
  int made_late = 0;
  int started_late = 0;
  WorldOptions options = of(Scenario::late, 480);
  options.odds.full_retry = options.odds.init_failure = 0;
  watch(options, 3000, [&](const Transaction& transaction) {
    if (!transaction.at_ms) return;
    for (const Statement& statement : transaction.statements) {
      if (statement.kind == Kind::create_run && statement.pipeline->trigger.timed()) {
        const auto late = *transaction.at_ms - *statement.run->execution_ms;
        if (statement.pipeline->made_late) {
          EXPECT_GE(late, 2 * kMinute);
          EXPECT_LT(late, 9 * kMinute);
          ++made_late;
        } else {
          EXPECT_LT(late, kMinute);
          made_at[statement.ids.front()] = *transaction.at_ms;
        }
      }
      if (statement.kind != Kind::act || statement.act != Act::start) continue;
      const auto found = made_at.find(statement.ids.front());
      if (found == made_at.end()) continue;
      EXPECT_GE(*transaction.at_ms - found->second, 2 * kMinute);
      ++started_late;
    }
  });
  EXPECT_GT(made_late, 10);
  EXPECT_GT(started_late, 10);
}

TEST(Scenario, OrphansNeverEnd) {
  std::map<std::int64_t, const Pipeline*> active;
  std::set<std::int64_t> orphans;
  watch(of(Scenario::orphan), 3000, [&](const Transaction& transaction) {
    for (const Statement& statement : transaction.statements) {
      if (statement.kind == Kind::create_run && !statement.run->backfill)
        active[statement.ids.front()] = statement.pipeline;
      if (statement.kind == Kind::delete_trigger)
        for (const auto& [id, pipeline] : active)
          if (pipeline == statement.pipeline) orphans.insert(id);
      if (statement.kind != Kind::act || !ends(statement.act)) continue;
      for (const auto id : statement.ids) {
        EXPECT_EQ(orphans.count(id), 0u);
        active.erase(id);
      }
    }
  });
  EXPECT_GT(orphans.size(), 50u);
}

}  // namespace
}  // namespace walpulse::mage_sim
