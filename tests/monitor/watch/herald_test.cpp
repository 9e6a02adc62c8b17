#include "monitor/watch/herald.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "monitor/watch/pipeline_judge.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

Timestamp at(std::chrono::seconds since) {
  return Timestamp(std::chrono::hours(24 * 20'000)) + since;
}

/// A leader's rounds over problems that the test opens and closes.
class HeraldTest : public ::testing::Test {
 protected:
  void rules(const std::string& text) {
    const std::vector<rules::RulesText> texts{{"rules.toml", text}};
    auto read = rules::read_rules(texts);
    ASSERT_TRUE(read.has_value()) << to_string(read.error().front());
    rules_ = *std::move(read);
  }
  static Problem problem(const std::string& pipeline, ProblemKind kind = ProblemKind::failing) {
    Problem problem;
    problem.finding.key = {kind, "mage", pipeline, ""};
    return problem;
  }
  std::int64_t open(Problem problem) {
    update_.changes.opened.push_back(std::move(problem));
    return next_ + static_cast<std::int64_t>(update_.changes.opened.size()) - 1;
  }
  void close(std::int64_t id) {
    const auto found = std::ranges::find(open_, id, &Problem::id);
    ASSERT_NE(found, open_.end());
    update_.changes.closed.push_back(*found);
  }
  /// As a round keeps it; "opened daily data#x" for each notice.
  std::vector<std::string> keep(std::chrono::seconds now) {
    Herald::Scene scene{&rules_, open_, mutes_, at(now)};
    for (Problem& each : update_.changes.opened) each.id = next_++;
    const auto notices = herald_.notices(update_, scene);
    herald_.remember(notices);
    for (const Problem& each : update_.changes.closed)
      std::erase_if(open_, [&](const Problem& one) { return one.id == each.id; });
    for (const Problem& each : update_.changes.changed)
      *std::ranges::find(open_, each.id, &Problem::id) = each;
    for (const Problem& each : update_.changes.opened) open_.push_back(each);
    update_ = {};
    std::vector<std::string> texts;
    for (const Notice& each : notices) {
      constexpr const char* kPhases[] = {"opened", "closed", "repeated", "found", "unmuted"};
      texts.push_back(std::string(kPhases[static_cast<std::size_t>(each.phase)]) + ' ' +
                      each.problem.finding.key.subject + ' ' + each.channel + each.target);
      EXPECT_EQ(each.noted, at(now));
      EXPECT_EQ(each.problem.id == 0, each.is_greeting()) << "what is kept has an id";
    }
    return texts;
  }
  void mute(const std::string& pipeline, std::optional<Timestamp> until = {}) {
    Mute& mute = mutes_.emplace_back();
    mute.pipeline = pipeline;
    mute.until = until;
  }

  rules::Rules rules_;
  Herald herald_;
  std::vector<Problem> open_;
  std::vector<Mute> mutes_;
  ProblemUpdate update_;
  std::int64_t next_ = 1;
};

constexpr const char* kOneChannel = "[channel.data]\ntype = \"log\"\n";

TEST_F(HeraldTest, WhatBeginsAndEndsIsToldOnce) {
  rules(kOneChannel);
  const auto id = open(problem("daily"));
  EXPECT_THAT(keep(0s), ElementsAre("opened daily data"));
  EXPECT_THAT(keep(5s), IsEmpty());
  close(id);
  EXPECT_THAT(keep(10s), ElementsAre("closed daily data"));
  EXPECT_THAT(keep(15s), IsEmpty());
}

TEST_F(HeraldTest, WithoutChannelsNobodyIsTold) {
  rules("");
  open(problem("daily"));
  EXPECT_THAT(keep(0s), IsEmpty());
}

TEST_F(HeraldTest, AnOpenProblemIsRepeatedAfterAWhile) {
  rules(std::string(kOneChannel) + "[[notify]]\nto = \"data\"\nrepeat = \"1h\"\n");
  open(problem("daily"));
  keep(0s);
  EXPECT_THAT(keep(3599s), IsEmpty());
  EXPECT_THAT(keep(3600s), ElementsAre("repeated daily data"));
  EXPECT_THAT(keep(3605s), IsEmpty());
}

TEST_F(HeraldTest, TheFirstLookFindsAndLaterOnesOpen) {
  rules(kOneChannel);
  open(problem("daily"));
  open(problem(""));
  update_.looked = {{"mage", at(0s)}};
  EXPECT_THAT(keep(0s), UnorderedElementsAre("found daily data", "opened  data", "found  data"))
      << "a whole source is told of at once";
}

TEST_F(HeraldTest, OfTheFirstLookThoseHearWhoMayHearOfItsSource) {
  rules(
      "[channel.data]\ntype = \"log\"\n[channel.finance]\ntype = \"log\"\n"
      "[channel.oncall]\ntype = \"pagerduty\"\ntoken_file = \"/k\"\n"
      "[[notify]]\nsource = \"finance*\"\nto = \"finance\"\n"
      "[[notify]]\nsource = \"mag*\"\nto = [\"data\", \"oncall\"]\n");
  update_.looked = {{"mage", at(0s)}};
  EXPECT_THAT(keep(0s), UnorderedElementsAre("found  data"));
}

TEST_F(HeraldTest, EachPlaceHearsOnceOfTheFirstLookWhateverItIsFor) {
  rules(
      "[channel.data]\ntype = \"log\"\n[channel.oncall]\ntype = \"log\"\n"
      "[channel.teams]\ntype = \"slack\"\ntoken_file = \"/t\"\nchannel = \"#{team}-data\"\n"
      "[[notify]]\nseverity = \"page\"\nto = \"oncall\"\n"
      "[[notify]]\nmatch = \"x\"\nto = [\"data\", \"oncall\", \"teams\"]\n");
  update_.looked = {{"mage", at(0s)}};
  EXPECT_THAT(keep(0s), UnorderedElementsAre("found  data", "found  oncall"))
      << "nobody knows which team to greet";
  EXPECT_THAT(keep(86'400s * 9), IsEmpty()) << "it is no problem, and never repeated";
}

TEST_F(HeraldTest, WhatIsMutedIsToldWhenItsMuteRanOutAndThenItsEndToo) {
  rules(kOneChannel);
  mute("da*", at(60s));
  const auto id = open(problem("daily"));
  const auto other = open(problem("dawn"));
  EXPECT_THAT(keep(0s), IsEmpty());
  close(other);
  EXPECT_THAT(keep(30s), IsEmpty()) << "nobody was told that it began";
  EXPECT_THAT(keep(60s), ElementsAre("unmuted daily data"));
  mute("daily");
  EXPECT_THAT(keep(65s), IsEmpty());
  close(id);
  EXPECT_THAT(keep(70s), ElementsAre("closed daily data"));
}

TEST_F(HeraldTest, WhatIsPlannedIsToldWhereItOutlivesThePlan) {
  rules(std::string(kOneChannel) +
        "[[quiet]]\nmatch = \"daily\"\nfrom = \"2024-10-04 00:00\"\nuntil = \"2024-10-04 01:00\"\n"
        "reason = \"CHG-1\"\n");
  open(problem("daily"));
  EXPECT_THAT(keep(0s), IsEmpty());
  EXPECT_THAT(keep(3599s), IsEmpty());
  EXPECT_THAT(keep(3600s), ElementsAre("opened daily data"));
}

TEST_F(HeraldTest, WhatHasACauseIsToldWhereItOutlivesIt) {
  rules(kOneChannel);
  Problem below = problem("daily", ProblemKind::not_started);
  below.told = false;
  const auto id = open(below);
  EXPECT_THAT(keep(0s), IsEmpty());
  below.told = true;
  below.id = id;
  update_.changes.changed.push_back(below);
  EXPECT_THAT(keep(5s), ElementsAre("opened daily data"));
}

TEST_F(HeraldTest, OtherRulesTellOthersAndThoseWhoWereToldHearTheEnd) {
  rules(kOneChannel);
  const auto id = open(problem("daily"));
  keep(0s);
  rules("[channel.oncall]\ntype = \"log\"\n");
  EXPECT_THAT(keep(5s), ElementsAre("opened daily oncall"));
  close(id);
  EXPECT_THAT(keep(10s), UnorderedElementsAre("closed daily data", "closed daily oncall"));
}

constexpr const char* kTeamOfATrigger =
    "[channel.all]\ntype = \"log\"\n[channel.crm]\ntype = \"log\"\n"
    "[[pipeline]]\nmatch = \"sync\"\ntrigger = \"nightly\"\nteam = \"crm\"\nwaiting = \"5m\"\n"
    "max_duration = \"1h\"\n"
    "[[notify]]\nteam = \"crm\"\nto = \"crm\"\n[[notify]]\notherwise = true\nto = \"all\"\n";

/// Runs of one trigger, as the judge finds them by the rules.
std::vector<Finding> judged(const rules::Rules& rules, bool failed, bool orphaned, bool initial) {
  constexpr Timestamp kNow = Timestamp(std::chrono::hours(24 * 20'000));
  PipelineFacts facts;
  facts.source = "mage";
  facts.pipeline = "sync";
  facts.known_since = kNow - 1000h;
  facts.trigger_names = std::make_shared<const std::map<std::int64_t, std::string>>(
      std::map<std::int64_t, std::string>{{7, "nightly"}, {8, "hourly"}});
  if (failed) {
    const End end{{1, Lsn{20}, 0}, kNow - 1h};
    facts.failures = {{{}, 7, 1, end, end, 1}};
  } else {
    facts.active = {{{1, initial, kNow - 10h, orphaned}, {{"partner", "acme"}}, 7}};
  }
  return judge_pipeline(facts, rules, kNow).findings;
}

TEST_F(HeraldTest, TheTeamOfATriggerIsToldWhateverTheKind) {
  struct Case {
    ProblemKind kind;
    bool failed, orphaned, initial;
  };
  for (const Case& each : {Case{ProblemKind::failing, true, false, false},
                           Case{ProblemKind::abandoned, false, true, false},
                           Case{ProblemKind::waiting, false, false, true},
                           Case{ProblemKind::too_long, false, false, false}}) {
    for (const bool apart : {true, false}) {
      if (each.failed && !apart) continue;  // then they are the whole pipeline's
      rules(std::string(kTeamOfATrigger) + (apart ? "[defaults]\nper = \"trigger\"\n" : ""));
      const auto findings = judged(rules_, each.failed, each.orphaned, each.initial);
      ASSERT_THAT(findings, SizeIs(1));
      Problem problem;
      problem.finding = findings[0];
      EXPECT_EQ(problem.finding.key.kind, each.kind);
      EXPECT_THAT(problem.finding.evidence, Contains(Pair("team", "crm")));
      const rules::Subject subject = rule_subject(problem.finding);
      EXPECT_EQ(subject.trigger, "nightly");
      EXPECT_EQ(subject.labels.contains("trigger"), false);
      EXPECT_EQ(subject.labels.contains("partner"), !each.failed);
      const auto id = open(problem);
      const std::string name = findings[0].key.subject;
      EXPECT_THAT(keep(0s), ElementsAre("opened " + name + " crm"));
      close(id);
      keep(1s);
    }
  }
}

TEST_F(HeraldTest, AChannelIsNotToldThatItTakesNothing) {
  rules(
      "[channel.data]\ntype = \"log\"\n[channel.oncall]\ntype = \"log\"\n"
      "[[notify]]\nto = [\"data\", \"oncall\"]\n");
  Problem lost = problem("data", ProblemKind::undelivered);
  lost.finding.key.source.clear();
  open(lost);
  EXPECT_THAT(keep(0s), ElementsAre("opened data oncall"));
}

}  // namespace
}  // namespace walpulse::monitor
