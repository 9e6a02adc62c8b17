#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "bench/mage_sim/slots.h"
#include "bench/mage_sim/world.h"
#include "tests/bench/mage_sim/diary.h"

namespace walpulse::mage_sim {
namespace {

using Kind = Statement::Kind;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kLiveAtMs = 1'795'873'445'678;  // 2026-11-28T13:44:05.678Z

WorldOptions six_hours() {
  WorldOptions options;
  options.pipelines = 7;
  options.seed = 9;
  options.history_ms = 6 * kHourMs;
  options.live_at_ms = kLiveAtMs;
  options.odds.full_retry = 0;
  return options;
}

Diary history_of(const WorldOptions& options) {
  World world(options);
  Diary diary;
  while (!world.live()) {
    auto transaction = *world.next();
    diary.execute(transaction);
  }
  return diary;
}

TEST(History, EachSlotOfATriggerHasOneRunMadeWithinTenSeconds) {
  WorldOptions options = six_hours();
  World world(options);
  Diary diary;
  std::map<std::string, std::vector<std::int64_t>> dates;
  while (!world.live()) {
    auto transaction = *world.next();
    diary.execute(transaction);
    const Statement& statement = transaction.statements.front();
    if (statement.kind != Kind::create_run || !statement.pipeline->trigger.timed()) continue;
    dates[statement.pipeline->trigger.interval].push_back(*statement.run->execution_ms);
    EXPECT_LE(*statement.run->execution_ms, *transaction.at_ms);
    EXPECT_GT(*statement.run->execution_ms, *transaction.at_ms - 10'000);
  }
  EXPECT_EQ(dates.size(), 3u);  // The others have no slot in those hours.
  for (const auto& [interval, found] : dates) {
    std::vector<std::int64_t> expected;
    for (auto slot = slot_after(interval, kLiveAtMs - options.history_ms);
         slot + 10'000 <= kLiveAtMs; slot = slot_after(interval, slot))
      expected.push_back(slot);
    EXPECT_EQ(found, expected) << interval;
  }
}

TEST(History, TimeNeverGoesBackAndEndsWhereTheLivePartBegins) {
  World world(six_hours());
  Diary diary;
  std::int64_t last = kLiveAtMs - 6 * kHourMs;
  int live = 0;
  while (live < 100) {
    const bool over = world.live();
    auto transaction = *world.next();
    diary.execute(transaction);
    EXPECT_EQ(transaction.at_ms.has_value(), !over);
    if (over) {
      ++live;
      continue;
    }
    EXPECT_GE(*transaction.at_ms, last);
    EXPECT_LT(*transaction.at_ms, kLiveAtMs);
    EXPECT_EQ(transaction.statements.size(), 1u);
    EXPECT_FALSE(transaction.early || transaction.roll_back_first || transaction.savepoint);
    last = *transaction.at_ms;
  }
}

TEST(History, EachTriggerIsThereBeforeAnyRun) {
  const Diary diary = history_of(six_hours());
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_EQ(count(diary.transactions.at(i), Kind::create_trigger), 1u);
  for (std::size_t i = 7; i < diary.transactions.size(); ++i)
    EXPECT_EQ(count(diary.transactions.at(i), Kind::create_trigger), 0u);
}

TEST(History, ItsRunsAreNotThoseThatTheLimitCounts) {
  WorldOptions options = six_hours();
  options.runs_max = 20;
  World world(options);
  Diary diary;
  while (auto transaction = world.next()) diary.execute(*transaction);
  EXPECT_GT(world.history_count(), 100u);
  EXPECT_EQ(world.created_count(), world.history_count() + 20);
}

TEST(History, TheSameInstantAndSeedMakeTheSameOne) {
  EXPECT_EQ(history_of(six_hours()).text, history_of(six_hours()).text);
}

TEST(History, WithoutOneTheWorldIsLiveAtOnce) {
  WorldOptions options = six_hours();
  options.history_ms = 0;
  EXPECT_TRUE(World(options).live());
}

}  // namespace
}  // namespace walpulse::mage_sim
