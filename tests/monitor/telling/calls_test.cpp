#include "monitor/telling/calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
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
    context_.sources.back().table = "public.pipeline_run";
    context_.sources.emplace_back();
    context_.sources.back().id = 8;
    context_.sources.back().name = "mage";
    context_.sources.back().table = "public.pipeline_schedule";
  }
  /// Among the triggers that are known; without a name: it was deleted.
  void trigger(std::int64_t id, std::uint64_t lsn, std::optional<std::string> name) {
    rows_.resize(std::max(rows_.size(), static_cast<std::size_t>(id) + 1));
    TableRow& row = rows_[static_cast<std::size_t>(id)];
    RowEntry& entry = row.entries.emplace_back();
    entry.position = {1, Lsn{lsn}, 0};
    entry.operation = name ? schema::Operation::insert : schema::Operation::remove;
    mage::PipelineSchedule schedule;
    schedule.id = id;
    schedule.name = name;
    if (name) entry.row = schedule;
    EXPECT_TRUE(ledger_->compose([&](Transaction& in, const Context&) {
      const std::vector<StoredTableRow> kept{{{8, id}, false, row}};
      in.table_rows().save(kept);
      return std::vector<Composed>{};
    }));
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
      clock_.look({}, ServerClock::Clock::time_point{}, wall);
      calls = calls_of(in, context_, happenings, rules_, clock_, wall);
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
  ServerClock clock_;
  std::vector<TableRow> rows_;
};

TEST_F(Calls, ATriggerIsWhatItIsCalledAndNothingWhereThatIsNotKnown) {
  trigger(3, 10, "nightly");
  trigger(4, 11, "hourly");
  trigger(5, 12, "nightly");
  trigger(5, 13, std::nullopt);
  rules(
      "[[after]]\ntrigger = \"nightly\"\nis = [\"completed\", \"orphaned\"]\ncall = \"dbt\"\n"
      "body = '{\"by\": \"{trigger}\", \"id\": \"{trigger_id}\"}'\n"
      "[[after]]\nmatch = \"all\"\nis = \"completed\"\ncall = \"dbt\"\nbody = '\"{trigger}\"'\n");
  std::vector<Happening> happenings;
  for (const std::int64_t each : {3, 4, 5, 6}) {
    happenings.push_back(ended(each, each == 5 ? "ORPHANED" : "COMPLETED"));
    happenings.back().trigger = each;
    happenings.back().made_by = "trigger";
  }
  happenings.push_back(ended(9));  // by hand
  auto calls = route(happenings);
  ASSERT_THAT(calls, SizeIs(2)) << "what has another trigger, or none that is known, is not meant";
  EXPECT_EQ(calls[0].content, R"({"by":"nightly","id":3})");
  EXPECT_EQ(calls[1].content, R"({"by":"nightly","id":5})") << "as it was last called";
  for (Happening& each : happenings) each.pipeline = "all";
  calls = route(happenings);
  ASSERT_THAT(calls, SizeIs(6));
  EXPECT_EQ(calls[2].content, "\"hourly\"");
  EXPECT_EQ(calls[4].content, "null") << "no such trigger is known";
  EXPECT_EQ(calls[5].content, "null");
}

TEST_F(Calls, TablesThatDifferInWhatTheyAreAboutHaveKeysOfTheirOwn) {
  const std::string common =
      "[[after]]\nis = \"completed\"\ncall = \"dbt\"\nat_most = \"1 per hour\"\n";
  std::string afters;
  for (const char* about : {"", "match = \"sales_*\"", "match = [\"sales_*\", \"!sales_us\"]",
                            "source = \"mage\"", "trigger = \"nightly\"", "label.a = \"x\"",
                            "label.b = \"x\"", "body = '\"{run}\"'", "body = '\"{pipeline}\"'"})
    afters += common + about + "\n";
  rules(afters);
  trigger(3, 10, "nightly");
  Happening one = ended(1);
  one.trigger = 3;
  one.labels = {{"a", "x"}, {"b", "x"}};
  const auto calls = route({one});
  std::set<std::string> keys;
  for (const Delivery& call : calls) {
    EXPECT_EQ(call.state, State::waiting);
    keys.insert(call.key);
  }
  EXPECT_THAT(keys, SizeIs(9));
}

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
  const auto young = route({ended(1, "COMPLETED", kNow - 59min)});
  EXPECT_EQ(young[0].state, State::waiting);
  EXPECT_EQ(young[0].expires, kNow + 1min);
  const auto old = route({ended(2, "COMPLETED", kNow - 1h - 1s)});
  EXPECT_EQ(old[0].state, State::too_old);
  EXPECT_EQ(old[0].ended, kNow);
  EXPECT_THAT(old[0].answer, HasSubstr("not_older_than, 1h"));
  rules("[[after]]\nis = \"completed\"\ncall = \"dbt\"\nnot_older_than = \"off\"\n");
  const auto ageless = route({ended(3, "COMPLETED", kNow - 1000h)});
  EXPECT_EQ(ageless[0].state, State::waiting);
  EXPECT_FALSE(ageless[0].expires);
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
