#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "bench/mage_sim/slots.h"
#include "bench/mage_sim/story.h"
#include "bench/mage_sim/world.h"
#include "tests/bench/mage_sim/diary.h"

namespace walpulse::mage_sim {
namespace {

using Kind = Statement::Kind;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kLiveAtMs = 1'795'873'445'678;  // 2026-11-28T13:44:05.678Z

WorldOptions story(std::int64_t live_at_ms = kLiveAtMs) {
  WorldOptions options;
  options.pipelines = 12;
  options.scenario = Scenario::story;
  options.odds = odds_of(Scenario::story);
  options.history_ms = 2 * kDayMs;
  options.live_at_ms = live_at_ms;
  return options;
}

/// A run of the history, as it stands at its end.
struct Told {
  std::int64_t slot_ms = 0;
  std::string partner;
  Act last = Act::touch;  ///< Of the run, not of its blocks.
  std::string failed_block;
};
using History = std::map<std::string, std::vector<Told>>;

History told(const WorldOptions& options) {
  World world(options);
  Diary diary;
  std::map<std::int64_t, std::pair<std::string, Told>> runs;
  while (!world.live()) {
    auto transaction = *world.next();
    diary.execute(transaction);
    for (const Statement& statement : transaction.statements) {
      if (statement.kind == Kind::create_run)
        runs[statement.run->id] = {
            statement.pipeline->name,
            {*statement.run->execution_ms, statement.run->variables.value_or(""), Act::touch, ""}};
      if (statement.kind != Kind::act) continue;
      Told& run = runs.at(statement.ids.front()).second;
      if (statement.act == Act::block_fail) run.failed_block = statement.blocks.front();
      if (!of_blocks(statement.act)) run.last = statement.act;
    }
  }
  History history;
  for (const auto& [id, run] : runs) history[run.first].push_back(run.second);
  return history;
}

std::size_t failed(const std::vector<Told>& runs) {
  return static_cast<std::size_t>(
      std::ranges::count(runs, Act::fail, [](const Told& run) { return run.last; }));
}

TEST(Story, OnePipelineFailsAtOneBlockEveryTimeForTheLastHours) {
  const auto runs = told(story()).at("hourly_sales");
  ASSERT_GT(runs.size(), 40u);
  EXPECT_EQ(failed(runs), 7u);
  for (std::size_t i = runs.size() - 7; i < runs.size(); ++i)
    EXPECT_EQ(runs[i].failed_block, "load_sales");
}

TEST(Story, OneDidNotStartNineMinutesAgo) {
  const auto runs = told(story()).at("hourly_orders");
  EXPECT_EQ(failed(runs), 0u);
  EXPECT_EQ((kLiveAtMs - runs.back().slot_ms) / 60'000, 69);
}

TEST(Story, OneRunGoesOnForHours) {
  const auto runs = told(story()).at("crm_sync");
  ASSERT_EQ(runs.size(), 12u);  // enough to say what is usual
  EXPECT_EQ(runs.back().last, Act::start);
  EXPECT_GT(kLiveAtMs - runs.back().slot_ms, 3 * 3'600'000);
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) EXPECT_EQ(runs[i].last, Act::complete);
}

TEST(Story, OnePartnerOfFortyFailsEveryTime) {
  const History history = told(story());
  std::map<std::string, std::vector<Told>> partners;
  for (const Told& run : history.at("partner_import")) partners[run.partner].push_back(run);
  EXPECT_EQ(partners.size(), 40u);
  for (const auto& [partner, runs] : partners) {
    const bool failing = partner == R"({"partner": "hooli"})";
    EXPECT_EQ(failed(runs), failing ? runs.size() : 0u) << partner;
  }
}

TEST(Story, OneIsWellAgainAndTheOthersAlwaysWere) {
  const History history = told(story());
  EXPECT_EQ(failed(history.at("invoices")), 4u);
  EXPECT_EQ(history.at("invoices").back().last, Act::complete);
  for (const char* name : {"stock_levels", "web_clicks", "payments", "returns", "customer_360"})
    EXPECT_EQ(failed(history.at(name)), 0u) << name;
  EXPECT_EQ(history.size(), 12u);  // two beyond the cast
}

TEST(Story, WhatIsWantedByTheMorningRunsAtTheSameTimesWheneverItIsTold) {
  for (std::int64_t minute = 0; minute < 24 * 60; minute += 97)
    EXPECT_EQ(story_pipeline(9, kLiveAtMs + minute * 60'000).trigger.interval, "0 2,8,14,20 * * *");
}

TEST(Story, IsTheSameWheneverItIsTold) {
  for (std::int64_t hour = 0; hour < 24; ++hour) {
    const History history = told(story(kLiveAtMs + hour * 3'600'000 + hour * 131'000));
    EXPECT_EQ(failed(history.at("hourly_sales")), 7u) << hour;
    EXPECT_EQ(history.at("crm_sync").back().last, Act::start) << hour;
  }
}

TEST(Story, GoesOnByTheClock) {
  World world(story());
  Diary diary;
  std::int64_t last = 0;
  int calls = 0;
  while (last < 60'000) {
    const bool live = world.live();
    auto transaction = *world.next();
    diary.execute(transaction);
    ASSERT_EQ(transaction.due_ms.has_value(), live);
    if (!live) continue;
    EXPECT_GE(*transaction.due_ms, last);
    last = *transaction.due_ms;
    if (transaction.statements.front().kind == Kind::create_run) ++calls;
  }
  EXPECT_GT(calls, 5);
}

}  // namespace
}  // namespace walpulse::mage_sim
