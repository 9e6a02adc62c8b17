#include "monitor/telling/calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "monitor/storage/ledger_factory.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using State = Delivery::State;

constexpr Timestamp kNow{std::chrono::seconds(1'763'676'000)};

class Calls : public ::testing::Test {
 protected:
  Calls() {
    EXPECT_TRUE(ledger_->lead(1h));
    context_.sources.emplace_back();
    context_.sources.back().id = 7;
    context_.sources.back().name = "mage";
  }
  void rules(const std::string& afters) {
    const std::vector<rules::RulesText> texts{
        {"rules.toml",
         "[channel.dbt]\ntype = \"webhook\"\nurl = \"https://dbt.example.com\"\n" + afters}};
    auto read = rules::read_rules(texts);
    ASSERT_TRUE(read.has_value()) << to_string(read.error().front());
    rules_ = *std::move(read);
  }
  static Happening ended(std::int64_t run, const std::string& status = "COMPLETED",
                         Timestamp at = kNow) {
    Happening happening;
    happening.source = 7;
    happening.run = run;
    happening.status = status;
    happening.at = at;
    happening.pipeline = "sales_eu";
    return happening;
  }
  /// What follows, and is kept.
  std::vector<Delivery> route(const std::vector<Happening>& happenings, Timestamp wall = kNow) {
    std::vector<Delivery> calls;
    EXPECT_TRUE(ledger_->look([&](Transaction& in, const Context&) {
      calls = calls_of(in, context_, happenings, rules_, wall);
    }));
    EXPECT_TRUE(ledger_->compose([&](Transaction&, const Context&) {
      std::vector<Composed> kept;
      kept.reserve(calls.size());
      for (const Delivery& each : calls) kept.push_back({each, {}});
      return kept;
    }));
    return calls;
  }

  std::unique_ptr<Ledger> ledger_ = make_memory_ledger({});
  Context context_;
  rules::Rules rules_;
};

TEST_F(Calls, EachTableThatMatchesCallsWithItsBodyAndAKeyOfItsOwn) {
  rules(
      "[[after]]\nmatch = \"sales_{region}\"\nis = \"completed\"\ncall = \"dbt\"\n"
      "body = '{\"region\": \"{region}\", \"run\": \"{run}\"}'\n"
      "[[after]]\nis = [\"completed\", \"failed\"]\ncall = \"dbt\"\n"
      "[[after]]\nmatch = \"other\"\nis = \"completed\"\ncall = \"dbt\"\n");
  const auto calls = route({ended(812), ended(813, "CANCELLED")});
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0].content, R"({"region":"eu","run":812})");
  EXPECT_THAT(calls[1].content, HasSubstr("\"key\":\"" + calls[1].key + '"'));
  for (const Delivery& call : calls) {
    EXPECT_EQ(call.kind, Delivery::Kind::call);
    EXPECT_EQ(call.state, State::waiting);
    EXPECT_EQ(call.channel, "dbt");
    EXPECT_EQ(call.subject, "mage:812");
    EXPECT_EQ(call.of, "run mage:812 COMPLETED");
    EXPECT_THAT(call.key, HasSubstr("/mage:812/COMPLETED/1"));
  }
  EXPECT_NE(calls[0].key, calls[1].key);
  EXPECT_EQ(route({ended(812)})[0].key, calls[0].key) << "of a ledger that was filled again";
}

TEST_F(Calls, WithoutTablesNothingFollows) {
  rules("");
  EXPECT_THAT(route({ended(1)}), IsEmpty());
}

TEST_F(Calls, WhatEndedTooLongAgoIsShownAndNotMade) {
  rules("[[after]]\nis = \"completed\"\ncall = \"dbt\"\nnot_older_than = \"1h\"\n");
  EXPECT_EQ(route({ended(1, "COMPLETED", kNow - 1h)})[0].state, State::waiting);
  const auto old = route({ended(2, "COMPLETED", kNow - 1h - 1s)});
  EXPECT_EQ(old[0].state, State::too_old);
  EXPECT_EQ(old[0].ended, kNow);
  EXPECT_THAT(old[0].answer, HasSubstr("not_older_than, 1h"));
  rules("[[after]]\nis = \"completed\"\ncall = \"dbt\"\nnot_older_than = \"off\"\n");
  EXPECT_EQ(route({ended(3, "COMPLETED", kNow - 1000h)})[0].state, State::waiting);
}

TEST_F(Calls, MoreThanAtMostAreShownAndNotMadeAndEachTableCountsItsOwn) {
  rules(
      "[[after]]\nis = \"completed\"\ncall = \"dbt\"\nat_most = \"2 per hour\"\n"
      "not_older_than = \"off\"\n"
      "[[after]]\nis = \"failed\"\ncall = \"dbt\"\nat_most = \"1 per hour\"\n");
  const auto first = route({ended(1), ended(2), ended(3)});
  EXPECT_EQ(first[1].state, State::waiting);
  EXPECT_EQ(first[2].state, State::dropped);
  EXPECT_THAT(first[2].answer, StartsWith("more than at_most, 2 per hour"));
  EXPECT_EQ(route({ended(4)}, kNow + 3599s)[0].state, State::dropped);
  EXPECT_EQ(route({ended(5, "FAILED")}, kNow + 3599s)[0].state, State::waiting);
  EXPECT_EQ(route({ended(6)}, kNow + 3601s)[0].state, State::waiting)
      << "what was not made keeps nothing from being made";
}

}  // namespace
}  // namespace walpulse::monitor
