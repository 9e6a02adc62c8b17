#include "monitor/telling/composer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "monitor/messages/message.h"
#include "monitor/storage/ledger_factory.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Phase = Notice::Phase;

/// A Saturday, 10:00 UTC.
constexpr Timestamp kNow =
    Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)) + 10h;

class ComposerTest : public ::testing::Test {
 protected:
  ComposerTest() { EXPECT_TRUE(ledger_->lead(1h)); }

  void rules(const std::string& text) {
    const std::vector<rules::RulesText> texts{{"rules.toml", text}};
    auto read = rules::read_rules(texts);
    ASSERT_TRUE(read.has_value()) << to_string(read.error().front());
    in_force_ = {std::make_shared<const rules::Rules>(*std::move(read)), text};
  }
  static Notice notice(const std::string& channel, Phase phase, std::int64_t problem,
                       std::chrono::seconds noted = 0s, const std::string& target = "") {
    Notice notice;
    notice.channel = channel;
    notice.target = target;
    notice.phase = phase;
    notice.problem.id = problem;
    notice.problem.finding.key = {ProblemKind::failing, "mage", "p" + std::to_string(problem), ""};
    notice.problem.finding.since = notice.problem.opened = kNow;
    if (phase == Phase::closed) notice.problem.closed = kNow + noted;
    notice.noted = kNow + noted;
    return notice;
  }
  void note(std::vector<Notice> notices) {
    ProblemUpdate update;
    update.notices = [&](Transaction&, const ProblemUpdate&) { return notices; };
    EXPECT_TRUE(ledger_->keep(update).value());
  }
  void note(const std::string& channel, Phase phase, std::int64_t problem,
            std::chrono::seconds noted = 0s, const std::string& target = "") {
    note({notice(channel, phase, problem, noted, target)});
  }
  /// Composes as a round does. The messages that were made: where, and their first lines.
  std::vector<std::pair<std::string, std::string>> round(std::chrono::seconds now) {
    std::vector<Composed> plan;
    EXPECT_TRUE(ledger_->look([&](Transaction& in, const Context& context) {
      plan = composer_.plan(in, context, in_force_, kNow + now);
    }));
    EXPECT_TRUE(ledger_->compose([&](Transaction&, const Context&) { return plan; }));
    std::vector<std::pair<std::string, std::string>> made;
    for (const Composed& each : plan) {
      if (!each.message) continue;
      const auto message = messages::message_from(each.message->content);
      EXPECT_TRUE(message);
      made.emplace_back(each.message->channel + each.message->subject,
                        messages::headline_of(*message));
    }
    return made;
  }
  std::vector<Delivery> deliveries() {
    std::vector<Delivery> found;
    EXPECT_TRUE(
        ledger_->look([&](Transaction& in, const Context&) { found = in.deliveries().list({}); }));
    return found;
  }
  std::size_t waiting() {
    std::size_t count = 0;
    EXPECT_TRUE(ledger_->look([&](Transaction& in, const Context&) {
      for (const auto& each : in.notices().channels())
        count += static_cast<std::size_t>(each.count);
    }));
    return count;
  }

  std::unique_ptr<Ledger> ledger_ = make_memory_ledger({});
  rules::RuleBook::InForce in_force_;
  Composer composer_{{"https://walpulse.example.com", ""}};
};

TEST_F(ComposerTest, CollectsBeforeTheFirstMessageAndBetweenTwo) {
  rules(
      "[channel.data]\ntype = \"log\"\n[[notify]]\nto = \"data\"\nfirst = \"15s\"\nthen = "
      "\"10m\"\n");
  note("data", Phase::opened, 1);
  note("data", Phase::opened, 2, 14s);
  EXPECT_THAT(round(14s), IsEmpty());
  EXPECT_THAT(round(15s), ElementsAre(Pair("data", HasSubstr("p1"))));
  EXPECT_THAT(round(16s), IsEmpty());
  note("data", Phase::closed, 1, 20s);
  EXPECT_THAT(round(614s), IsEmpty());
  EXPECT_THAT(round(615s), ElementsAre(Pair("data", HasSubstr("p1 is fine again"))));
  const auto made = deliveries();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[1].of, "problems 1, 2");
  EXPECT_EQ(made[0].of, "problem 1");
  EXPECT_NE(made[0].key, made[1].key);
  EXPECT_EQ(waiting(), 0u);
}

TEST_F(ComposerTest, WhatIsOverBeforeItIsToldIsNotTold) {
  rules("[channel.data]\ntype = \"log\"\n");
  note("data", Phase::opened, 1);
  note("data", Phase::closed, 1, 5s);
  EXPECT_THAT(round(15s), IsEmpty());
  EXPECT_EQ(waiting(), 0u);
  EXPECT_THAT(deliveries(), IsEmpty());
}

TEST_F(ComposerTest, EachPlaceOfAChannelHasItsOwnMessages) {
  rules("[channel.data]\ntype = \"log\"\n");
  note("data", Phase::opened, 1, 0s, "#a");
  note("data", Phase::opened, 2, 0s, "#b");
  EXPECT_THAT(round(15s), UnorderedElementsAre(Pair("data#a", HasSubstr("p1")),
                                               Pair("data#b", HasSubstr("p2"))));
  note("data", Phase::opened, 3, 20s, "#c");
  EXPECT_THAT(round(35s), ElementsAre(Pair("data#c", HasSubstr("p3"))))
      << "a message at one place keeps none at another";
}

TEST_F(ComposerTest, HoursHoldWhatDoesNotPage) {
  rules(
      "[channel.data]\ntype = \"log\"\n[[notify]]\nto = \"data\"\nfirst = \"1s\"\n"
      "hours = \"Mon-Fri 08:00-18:00\"\n");
  note("data", Phase::opened, 1);
  EXPECT_THAT(round(1s), IsEmpty());
  EXPECT_THAT(round(46h - 1s), IsEmpty());
  EXPECT_THAT(round(46h), ElementsAre(Pair("data", HasSubstr("p1")))) << "Monday, 08:00";
}

TEST_F(ComposerTest, HoweverManyHoursHoldTheyHideNothing) {
  rules(
      "[channel.data]\ntype = \"log\"\n[[notify]]\nto = \"data\"\nhours = \"Mon-Fri 08:00-18:00\"\n"
      "[[notify]]\nmatch = \"p99999\"\nto = \"data\"\nfirst = \"1s\"\n");
  std::vector<Notice> held;
  for (int number = 1; number <= 20'001; ++number)
    held.push_back(notice("data", Phase::opened, number));
  note(std::move(held));
  EXPECT_THAT(round(1min), IsEmpty());
  note("data", Phase::opened, 99'999, 2min);
  EXPECT_THAT(round(3min), ElementsAre(Pair("data", HasSubstr("p99999"))));
  EXPECT_EQ(waiting(), 20'001u);
}

TEST_F(ComposerTest, TheFirstLookDelaysNoMessage) {
  rules("[channel.data]\ntype = \"log\"\n");
  Notice greeting = notice("data", Phase::found, 0);
  greeting.problem.finding.key.subject.clear();
  note({greeting, notice("data", Phase::found, 7)});
  EXPECT_THAT(round(15s), ElementsAre(Pair("data", HasSubstr("1 was failing already"))));
  EXPECT_EQ(deliveries().at(0).kind, Delivery::Kind::greeting);
  EXPECT_EQ(deliveries().at(0).of, "problem 7");
  note("data", Phase::opened, 8, 20s);
  EXPECT_THAT(round(35s), ElementsAre(Pair("data", HasSubstr("p8"))));
  note({greeting});
  EXPECT_THAT(round(635s), ElementsAre(Pair("data", HasSubstr("watches mage. From now on"))));
  EXPECT_EQ(deliveries().at(0).of, "the first look");
  EXPECT_EQ(deliveries().at(0).kind, Delivery::Kind::greeting);
}

TEST_F(ComposerTest, AGreetingIsHeldByTheHoursOfItsPlace) {
  rules(
      "[channel.data]\ntype = \"log\"\n[[notify]]\nmatch = \"fin_*\"\nto = \"data\"\n"
      "hours = \"Mon-Fri 08:00-18:00\"\n");
  Notice greeting = notice("data", Phase::found, 0);
  greeting.problem.finding.key.subject.clear();
  note({greeting});
  EXPECT_THAT(round(1h), IsEmpty());
  EXPECT_THAT(round(46h), ElementsAre(Pair("data", HasSubstr("walpulse watches"))))
      << "Monday, 08:00";
}

TEST_F(ComposerTest, WhatWasDueInHoursThatAreOverTakesNothingAlong) {
  rules(
      "[channel.data]\ntype = \"log\"\n[[notify]]\nmatch = \"p1\"\nto = \"data\"\nfirst = \"1s\"\n"
      "hours = \"Sat 09:00-10:30\"\n[[notify]]\nmatch = \"p2\"\nto = \"data\"\nfirst = \"2h\"\n");
  note("data", Phase::opened, 1, 1790s);
  note("data", Phase::opened, 2, 1790s);
  EXPECT_THAT(round(30min), IsEmpty()) << "its time came a little before, and is over";
  EXPECT_THAT(round(1h), IsEmpty());
  EXPECT_THAT(round(2h + 1789s), IsEmpty());
  EXPECT_THAT(round(2h + 1790s), ElementsAre(Pair("data", HasSubstr("p2"))));
  EXPECT_THAT(round(7 * 24h - 1h - 1s), IsEmpty());
  EXPECT_THAT(round(7 * 24h - 1h), ElementsAre(Pair("data", HasSubstr("p1"))));
}

TEST_F(ComposerTest, WhatComesToWhatIsHeldIsLookedAtAgain) {
  rules(
      "[channel.data]\ntype = \"log\"\n[[notify]]\nto = \"data\"\nfirst = \"1h\"\n"
      "[[notify]]\nmatch = \"p2\"\nto = \"data\"\nfirst = \"1s\"\n");
  note("data", Phase::opened, 1);
  EXPECT_THAT(round(1s), IsEmpty());
  note("data", Phase::opened, 2, 2s);
  EXPECT_THAT(round(2s), IsEmpty());
  EXPECT_THAT(round(3s), ElementsAre(Pair("data", HasSubstr("p1"))))
      << "what is urgent takes the other along";
}

TEST_F(ComposerTest, OtherRulesHoldForWhatWaits) {
  rules("[channel.data]\ntype = \"log\"\n[[notify]]\nto = \"data\"\nfirst = \"1h\"\n");
  note("data", Phase::opened, 1);
  note("gone", Phase::opened, 1);
  EXPECT_THAT(round(1s), IsEmpty());
  EXPECT_EQ(waiting(), 1u) << "a channel that is no more is not waited for";
  rules("[channel.data]\ntype = \"log\"\n[[notify]]\nto = \"data\"\nfirst = \"2s\"\n");
  EXPECT_THAT(round(2s), ElementsAre(Pair("data", HasSubstr("p1"))));
}

TEST_F(ComposerTest, WhatCouldNotBeKeptIsComposedAgain) {
  rules("[channel.data]\ntype = \"log\"\n");
  note("data", Phase::opened, 1);
  std::vector<Composed> lost;
  EXPECT_TRUE(ledger_->look([&](Transaction& in, const Context& context) {
    lost = composer_.plan(in, context, in_force_, kNow + 15s);
  }));
  EXPECT_EQ(lost.size(), 1u);
  EXPECT_THAT(round(15s), ElementsAre(Pair("data", HasSubstr("p1"))));
}

TEST_F(ComposerTest, DetailsNoneKeepsNames) {
  rules("[channel.data]\ntype = \"log\"\ndetails = \"none\"\n");
  note("data", Phase::opened, 1);
  EXPECT_THAT(round(15s), ElementsAre(Pair("data", "A pipeline: Failing")));
}

TEST_F(ComposerTest, ManyAreOneMessage) {
  rules("[channel.data]\ntype = \"log\"\n");
  for (int i = 1; i <= 500; ++i) note("data", Phase::opened, i);
  EXPECT_THAT(round(15s), ElementsAre(Pair("data", HasSubstr("500 pipelines failed"))));
  EXPECT_EQ(waiting(), 0u);
}

}  // namespace
}  // namespace walpulse::monitor
