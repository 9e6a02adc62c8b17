#include "monitor/watch/pipeline_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

/// A Saturday.
constexpr Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + 12h};

rules::Rules rules_of(const std::string& text) {
  const std::vector<rules::RulesText> texts{{"rules.toml", text}};
  auto read = rules::read_rules(texts);
  EXPECT_TRUE(read.has_value()) << text;
  return read ? *std::move(read) : rules::Rules{};
}

End end(std::uint64_t lsn, std::chrono::minutes ago) { return {{1, Lsn{lsn}, 0}, kNow - ago}; }

LabelledEnd of(const std::string& partner, std::uint64_t lsn) {
  telemetry::Labels labels;
  if (!partner.empty()) labels.emplace("partner", partner);
  return {std::move(labels), std::nullopt, end(lsn, std::chrono::minutes(100 - lsn))};
}
LabelledFailures failed(const std::string& partner, std::uint64_t lsn, std::int64_t run) {
  const LabelledEnd one = of(partner, lsn);
  return {one.labels, std::nullopt, 1, one.end, one.end, run};
}

PipelineFacts facts() {
  PipelineFacts made;
  made.source = "mage";
  made.pipeline = "sync";
  made.known_since = kNow - 1000h;
  return made;
}

ActiveFacts active(std::int64_t id, std::chrono::minutes age, bool initial = false) {
  return {{id, initial, kNow - age, false}, {}, std::nullopt};
}

std::vector<std::pair<ProblemKind, std::string>> found(const PipelineFacts& facts,
                                                       const std::string& rules = "") {
  std::vector<std::pair<ProblemKind, std::string>> all;
  for (const Finding& each : judge_pipeline(facts, rules_of(rules), kNow).findings)
    all.emplace_back(each.key.kind, each.key.subject);
  return all;
}

PipelineFacts failing(std::uint64_t count) {
  PipelineFacts made = facts();
  made.success = end(10, 90min);
  made.failed.count = count;
  made.failed.first = FailedRun{7, end(20, 80min), "", std::nullopt};
  made.failed.last = FailedRun{9, end(40, 60min), "", std::nullopt};
  return made;
}

TEST(PipelineJudge, WithoutRulesAPipelineFailsWithItsFirstFailedEnd) {
  const auto judged = judge_pipeline(failing(3), rules_of(""), kNow);
  ASSERT_THAT(judged.findings, SizeIs(1));
  const Finding& finding = judged.findings[0];
  EXPECT_EQ(finding.key, (ProblemKey{ProblemKind::failing, "mage", "sync", ""}));
  EXPECT_EQ(finding.since, kNow - 80min);
  EXPECT_EQ(finding.severity, Severity::notify);
  EXPECT_THAT(finding.evidence, ElementsAre(Pair("failed_in_a_row", "3"), Pair("run", "9"),
                                            Pair("last_failed", "2026-11-28T11:00:00.000000Z")));
  EXPECT_EQ(judged.next, kInfinity);
}

TEST(PipelineJudge, RulesSayWhomItConcerns) {
  const auto rules = rules_of(R"([[pipeline]]
match = "sync"
severity = "page"
team = "crm"
owner = "crm@example.com"
runbook = "https://wiki.example.com/sync")");
  const auto judged = judge_pipeline(failing(1), rules, kNow);
  ASSERT_THAT(judged.findings, SizeIs(1));
  EXPECT_EQ(judged.findings[0].severity, Severity::page);
  EXPECT_THAT(judged.findings[0].evidence, Contains(Pair("team", "crm")));
  EXPECT_THAT(judged.findings[0].evidence, Contains(Pair("owner", "crm@example.com")));
  EXPECT_THAT(judged.findings[0].evidence,
              Contains(Pair("runbook", "https://wiki.example.com/sync")));
}

TEST(PipelineJudge, SoManyFailuresAsTheRulesSay) {
  const std::string patient = "[defaults]\nfail_after = 3";
  EXPECT_THAT(found(failing(2), patient), IsEmpty());
  EXPECT_THAT(found(failing(3), patient), SizeIs(1));
  EXPECT_THAT(found(failing(3), "[defaults]\nignore = true"), IsEmpty());
}

/// One partner fails each time, another succeeds each time, in turns.
PipelineFacts in_turns() {
  PipelineFacts made = facts();
  made.success = end(40, 60min);
  made.successes = {of("acme", 40)};
  made.failures = {failed("globex", 35, 8), failed("globex", 15, 4), failed("globex", 25, 6)};
  return made;
}

TEST(PipelineJudge, ToldApartOnePartnersFailuresStandWhateverAnothersDo) {
  const std::string per = "[defaults]\nper = [\"partner\"]";
  EXPECT_THAT(found(in_turns()), IsEmpty()) << "the pipeline's last end is a success";
  const auto judged = judge_pipeline(in_turns(), rules_of(per), kNow);
  ASSERT_THAT(judged.findings, SizeIs(1));
  const Finding& finding = judged.findings[0];
  EXPECT_EQ(finding.key.subject, "sync partner=globex");
  EXPECT_EQ(finding.since, kNow - 85min);
  EXPECT_THAT(finding.evidence, Contains(Pair("failed_in_a_row", "3")));
  EXPECT_THAT(finding.evidence, Contains(Pair("run", "8")));
  EXPECT_THAT(finding.evidence, Contains(Pair("pipeline", "sync")));
  EXPECT_THAT(finding.evidence, Contains(Pair("label.partner", "globex")));
}

TEST(PipelineJudge, OnlyWhatLiesBehindThePartnersOwnSuccessCounts) {
  PipelineFacts some = in_turns();
  some.successes.push_back(of("globex", 20));
  const auto judged = judge_pipeline(some, rules_of("[defaults]\nper = [\"partner\"]"), kNow);
  ASSERT_THAT(judged.findings, SizeIs(1));
  EXPECT_THAT(judged.findings[0].evidence, Contains(Pair("failed_in_a_row", "2")));
  some.successes.back() = of("globex", 36);
  EXPECT_THAT(found(some, "[defaults]\nper = [\"partner\"]"), IsEmpty());
}

TEST(PipelineJudge, RunsWithoutTheLabelAreThePipelines) {
  PipelineFacts some = facts();
  some.failures = {failed("", 30, 3), failed("acme", 20, 2)};
  EXPECT_THAT(found(some, "[defaults]\nper = [\"partner\"]"),
              UnorderedElementsAre(Pair(ProblemKind::failing, "sync"),
                                   Pair(ProblemKind::failing, "sync partner=acme")));
}

TEST(PipelineJudge, WhatIsExpectedOfALabelIsJudgedByTheTablesOfThatLabel) {
  PipelineFacts some = facts();
  some.successes = {of("acme", 90)};
  const auto judged = judge_pipeline(some, rules_of(R"([[pipeline]]
match = "sync"
fresh_within = "1h"
expect_each.partner = ["acme", "globex", "initech"]
[[pipeline]]
label.partner = "globex"
team = "globex"
severity = "page"
[[pipeline]]
label.partner = "initech"
ignore = true)"),
                                     kNow);
  ASSERT_THAT(judged.findings, SizeIs(1));
  EXPECT_EQ(judged.findings[0].key.subject, "sync partner=globex");
  EXPECT_EQ(judged.findings[0].severity, Severity::page);
  EXPECT_THAT(judged.findings[0].evidence, Contains(Pair("team", "globex")));
}

TEST(PipelineJudge, TellsTriggersApartByTheirNames) {
  PipelineFacts some = facts();
  some.trigger_names = std::make_shared<const std::map<std::int64_t, std::string>>(
      std::map<std::int64_t, std::string>{{1, "nightly"}});
  LabelledFailures known = failed("", 30, 3), unknown = failed("", 31, 4);
  known.schedule = 1;
  unknown.schedule = 2;
  some.failures = {unknown, known};
  EXPECT_THAT(found(some, "[defaults]\nper = [\"trigger\"]"),
              UnorderedElementsAre(Pair(ProblemKind::failing, "sync"),
                                   Pair(ProblemKind::failing, "sync trigger=nightly")));
}

PipelineFacts with_triggers(std::map<std::int64_t, std::string> names) {
  PipelineFacts some = facts();
  some.trigger_names =
      std::make_shared<const std::map<std::int64_t, std::string>>(std::move(names));
  for (const auto& [id, name] : *some.trigger_names) {
    some.failures.push_back(failed("acme", static_cast<std::uint64_t>(50 - id), id));
    some.failures.back().schedule = id;
    some.active.push_back(active(id, 20min, true));
    some.active.back().schedule = id;
  }
  return some;
}

std::vector<ProblemKey> keys(const PipelineFacts& facts, const std::string& rules) {
  std::vector<ProblemKey> all;
  for (const Finding& each : judge_pipeline(facts, rules_of(rules), kNow).findings)
    all.push_back(each.key);
  return all;
}

TEST(PipelineJudge, ATriggerIsTheSameWhateverItIsCalledAndTwoOfOneNameAreTwo) {
  const std::string per = "[defaults]\nper = [\"trigger\", \"partner\"]";
  const auto before = keys(with_triggers({{7, "nightly"}, {8, "nightly"}}), per);
  ASSERT_THAT(before, SizeIs(4));
  EXPECT_EQ(before[0],
            (ProblemKey{ProblemKind::failing, "mage", "sync trigger=nightly partner=acme",
                        "#sync trigger=7 partner=acme"}));
  const auto after = keys(with_triggers({{7, "by day"}, {8, "nightly"}}), per);
  ASSERT_THAT(after, SizeIs(4));
  EXPECT_EQ(after[0].subject, "sync trigger=by day partner=acme");
  std::set<ProblemKey> one, other;
  for (const ProblemKey& key : before) one.insert(identity(key));
  for (const ProblemKey& key : after) other.insert(identity(key));
  EXPECT_EQ(one, other);
  EXPECT_THAT(one, SizeIs(4));
}

TEST(PipelineJudge, AllRunsOfASubjectThatWaitAreOneProblem) {
  PipelineFacts some = facts();
  for (std::int64_t id = 1; id <= 5000; ++id) {
    some.active.push_back(active(id, 20min, true));
    some.active.back().labels = {{"partner", id % 2 == 0 ? "acme" : "globex"}};
    if (id % 10 == 0) some.active.back().run.orphaned = true;
  }
  EXPECT_THAT(found(some), UnorderedElementsAre(Pair(ProblemKind::waiting, "sync"),
                                                Pair(ProblemKind::abandoned, "sync")));
  const auto apart = judge_pipeline(some, rules_of("[defaults]\nper = [\"partner\"]"), kNow);
  ASSERT_THAT(apart.findings, SizeIs(3)) << "globex abandoned none";
  EXPECT_EQ(apart.findings[0].key,
            (ProblemKey{ProblemKind::waiting, "mage", "sync partner=acme", ""}));
  EXPECT_THAT(apart.findings[0].evidence,
              ElementsAre(Pair("run", "2"), Pair("runs", "2000"), Pair("limit", "15m"),
                          Pair("pipeline", "sync"), Pair("label.partner", "acme")));
}

TEST(PipelineJudge, OfRunsThatAreStuckTheOneOfTheWorstSeverityStandsForAll) {
  PipelineFacts some = facts();
  some.active = {active(1, 40min, true), active(2, 20min, true)};
  some.active[1].labels = {{"partner", "acme"}};
  const auto judged = judge_pipeline(some, rules_of(R"([[pipeline]]
label.partner = "acme"
severity = "page"
owner = "acme@example.com")"),
                                     kNow);
  ASSERT_THAT(judged.findings, SizeIs(1));
  EXPECT_EQ(judged.findings[0].severity, Severity::page);
  EXPECT_EQ(judged.findings[0].since, kNow - 40min);
  EXPECT_THAT(judged.findings[0].evidence,
              ElementsAre(Pair("run", "2"), Pair("runs", "2"), Pair("run.partner", "acme"),
                          Pair("limit", "15m"), Pair("owner", "acme@example.com")));
}

TEST(PipelineJudge, ARunsOwnLabelsDecideItsLimits) {
  PipelineFacts some = facts();
  some.active = {active(1, 90min), active(2, 90min), active(3, 20min, true)};
  some.active[0].labels = {{"partner", "acme"}};
  const std::string limits =
      "[[pipeline]]\nmatch = \"*\"\nlabel.partner = \"acme\"\n"
      "max_duration = \"1h\"";
  EXPECT_THAT(found(some, limits), UnorderedElementsAre(Pair(ProblemKind::too_long, "sync"),
                                                        Pair(ProblemKind::waiting, "sync")));
  EXPECT_THAT(found(some), ElementsAre(Pair(ProblemKind::waiting, "sync")));
  for (const Finding& finding : judge_pipeline(some, rules_of(limits), kNow).findings) {
    const bool is_long = finding.key.kind == ProblemKind::too_long;
    EXPECT_THAT(finding.evidence, Contains(Pair("limit", is_long ? "1h" : "15m")));
    EXPECT_EQ(
        std::ranges::count(finding.evidence, "rule", [](const auto& each) { return each.first; }),
        is_long ? 1 : 0)
        << "what is built in was written nowhere";
  }
}

TEST(PipelineJudge, AnAbandonedRunIsToldOnce) {
  PipelineFacts some = facts();
  some.active = {active(1, 90min)};
  some.active[0].run.orphaned = true;
  EXPECT_THAT(found(some, "[[pipeline]]\nmatch = \"*\"\nruns = \"for_ever\""),
              UnorderedElementsAre(Pair(ProblemKind::abandoned, "sync"),
                                   Pair(ProblemKind::not_running, "sync")));
}

TEST(PipelineJudge, FreshWithinEachOfTheExpectedValues) {
  PipelineFacts some = facts();
  some.success = end(90, 10min);
  some.successes = {of("acme", 90), of("globex", 10)};
  const std::string fresh = "[defaults]\nfresh_within = \"1h\"\n";
  EXPECT_THAT(found(some, fresh), IsEmpty());
  EXPECT_THAT(found(some, fresh + "expect_each.partner = [\"acme\", \"globex\", \"initech\"]"),
              ElementsAre(Pair(ProblemKind::stale, "sync partner=globex"),
                          Pair(ProblemKind::stale, "sync partner=initech")));
}

TEST(PipelineJudge, NotDoneByTheDeadline) {
  PipelineFacts some = facts();
  const std::string done_by = "[defaults]\ndone_by = \"Mon-Sun 07:00\"\n";
  const FactsWanted wanted = facts_wanted(rules_of(done_by), "mage", "sync", kNow);
  EXPECT_EQ(wanted.deadline, kNow - 5h);
  EXPECT_EQ(wanted.before_deadline, kNow - 29h);
  EXPECT_FALSE(wanted.apart);
  some.deadline = DeadlineFacts{kNow - 5h, std::nullopt, {}};
  EXPECT_THAT(found(some, done_by), ElementsAre(Pair(ProblemKind::not_done, "sync")));
  EXPECT_EQ(judge_pipeline(some, rules_of(done_by), kNow).next, kNow + 19h);
  some.deadline->completed = {{}};
  EXPECT_THAT(found(some, done_by), IsEmpty());
  some.deadline->slots_done = false;
  EXPECT_THAT(found(some, done_by), SizeIs(1)) << "its slots decide where it has some";
  some.deadline->slots_done = true;
  EXPECT_THAT(found(some, done_by), IsEmpty());
  some.deadline->slots_done = false;
  some.known_since = kNow - 4h;
  EXPECT_THAT(found(some, done_by), IsEmpty()) << "nobody knows what was before the ledger";
}

TEST(PipelineJudge, EachOfTheExpectedValuesIsDone) {
  const std::string each =
      "[defaults]\ndone_by = \"07:00\"\nexpect_each.partner = [\"acme\", \"globex\"]";
  EXPECT_TRUE(facts_wanted(rules_of(each), "mage", "sync", kNow).apart);
  PipelineFacts some = facts();
  some.deadline = DeadlineFacts{kNow - 5h, true, {{{"partner", "acme"}}}};
  EXPECT_THAT(found(some, each), ElementsAre(Pair(ProblemKind::not_done, "sync partner=globex")));
}

TEST(PipelineJudge, HostileNamesAreNames) {
  PipelineFacts some = failing(1);
  some.pipeline = std::string("a\0b\n*\xff", 6);
  EXPECT_THAT(found(some), ElementsAre(Pair(ProblemKind::failing, some.pipeline)));
}

}  // namespace
}  // namespace walpulse::monitor
