#include "monitor/rules/policy.h"

#include <gmock/gmock.h>

#include <chrono>

#include "tests/monitor/rules/reading.h"

namespace walpulse::rules {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Policy, HasItsDefaultsWhereNobodySaysAnything) {
  const Policy policy = policy_for("", "fin");
  EXPECT_EQ(policy.severity.value, Severity::notify);
  EXPECT_EQ(policy.fail_after.value, 1u);
  EXPECT_EQ(policy.start_within.value, 5min);
  EXPECT_EQ(policy.waiting.value, 15min);
  EXPECT_FALSE(policy.max_duration.value || policy.done_by.value || policy.fresh_within.value);
  EXPECT_FALSE(policy.runs.value);
  EXPECT_FALSE(policy.ignore.value);
  EXPECT_THAT(policy.team.value, IsEmpty());
}

TEST(Policy, LaterTablesWinKeyByKey) {
  const Rules rules = rules_of(R"(
[defaults]
fail_after = 3
owner = "all@example.com"
[[pipeline]]
match = "fin_*"
severity = "page"
team = "finance"
[[pipeline]]
match = "*_gl"
severity = "record"
)");
  const Subject subject{"fin_gl", {}, {}, {}};
  EXPECT_EQ(row(rules, subject, "severity"), "record (rules.toml:11)");
  EXPECT_EQ(row(rules, subject, "team"), "finance (rules.toml:8)");
  EXPECT_EQ(row(rules, subject, "fail_after"), "3 (rules.toml:3)");
  EXPECT_EQ(row(rules, subject, "waiting"), "15m (default)");
  EXPECT_EQ(row(rules, {"hr", {}, {}, {}}, "severity"), "notify (default)");
}

TEST(Policy, DefaultsComeFirstWhereverTheyStand) {
  const Rules rules =
      rules_of("[[pipeline]]\nseverity = \"page\"\n[defaults]\nseverity = \"record\"\n");
  EXPECT_EQ(row(rules, {"x", {}, {}, {}}, "severity"), "page (rules.toml:2)");
}

TEST(Policy, OffTakesAwayWhatWasSaid) {
  const Rules rules = rules_of(R"(
[[pipeline]]
team = "finance"
start_within = "1h"
fail_after = 2
runs = "scheduled"
per = ["partner"]
done_by = "07:00"
fresh_within = "1d"
expect_each.partner = ["a"]
expect_each.region = ["eu"]
[[pipeline]]
match = "a"
team = "off"
start_within = "off"
waiting = "off"
fail_after = "off"
runs = "off"
per = "off"
expect_each.partner = "off"
[[pipeline]]
match = "b"
expect_each = "off"
done_by = "off"
)");
  const Subject a{"a", {}, {}, {}};
  EXPECT_EQ(row(rules, a, "team"), "off (rules.toml:14)");
  EXPECT_EQ(row(rules, a, "start_within"), "off (rules.toml:15)");
  EXPECT_EQ(row(rules, a, "waiting"), "off (rules.toml:16)");
  EXPECT_EQ(row(rules, a, "fail_after"), "off (rules.toml:17)");
  EXPECT_EQ(row(rules, a, "runs"), "off (rules.toml:18)");
  EXPECT_EQ(row(rules, a, "per"), "off (rules.toml:19)");
  EXPECT_EQ(row(rules, a, "expect_each.partner"), "");
  EXPECT_EQ(row(rules, a, "expect_each.region"), "eu (rules.toml:11)");
  EXPECT_THAT(policy_of(rules, {"b", {}, {}, {}}).expect_each, IsEmpty());
}

TEST(Policy, CapturesFillTeamOwnerAndRunbook) {
  const Policy policy = policy_for(R"(
[[pipeline]]
match = "ing_{team}_{system}_*"
team = "{team}"
owner = "{system}-{team}@example.com"
runbook = "https://wiki.example.com/{system}#{pipeline}"
)",
                                   "ing_fin_s&p_gl");
  EXPECT_EQ(policy.team.value, "fin");
  EXPECT_EQ(policy.owner.value, "s&p-fin@example.com");
  EXPECT_EQ(policy.runbook.value, "https://wiki.example.com/s%26p#ing_fin_s%26p_gl");
}

TEST(Policy, CapturesMayComeFromSourceTriggerAndLabels) {
  const Rules rules = rules_of(R"(
[[pipeline]]
source = "mage_{site}"
trigger = "{kind}_*"
label.partner = ["{partner}", "!test"]
owner = "{site}/{kind}/{partner}"
)");
  const Subject subject{"x", "mage_eu", "nightly_1", {{"partner", "acme"}}};
  EXPECT_EQ(row(rules, subject, "owner"), "eu/nightly/acme (rules.toml:6)");
}

TEST(Policy, ATableDoesNotMatchWhatIsNotKnown) {
  const Rules rules = rules_of(R"(
[[pipeline]]
source = "*"
severity = "page"
[[pipeline]]
trigger = "*"
fail_after = 7
[[pipeline]]
label.partner = "!acme"
team = "others"
)");
  const Subject nothing{"x", {}, {}, {}};
  EXPECT_EQ(row(rules, nothing, "severity"), "notify (default)");
  EXPECT_EQ(row(rules, nothing, "fail_after"), "1 (default)");
  EXPECT_EQ(row(rules, nothing, "team"), "off (default)");
  const Subject all{"x", "mage", "nightly", {{"partner", "globex"}}};
  EXPECT_EQ(row(rules, all, "severity"), "page (rules.toml:4)");
  EXPECT_EQ(row(rules, all, "fail_after"), "7 (rules.toml:7)");
  EXPECT_EQ(row(rules, all, "team"), "others (rules.toml:10)");
  EXPECT_EQ(row(rules, {"x", {}, {}, {{"partner", "acme"}}}, "team"), "off (default)");
}

TEST(Policy, WhatRunsForEverHasNoDeadlines) {
  const Rules rules = rules_of(R"(
[defaults]
done_by = "07:00"
max_duration = "2h"
expect_each.partner = ["a"]
[[pipeline]]
match = "stream_*"
runs = "for_ever"
down_for = "10m"
[[pipeline]]
match = "api_*"
runs = "on_demand"
)");
  const Policy stream = policy_of(rules, {"stream_1", {}, {}, {}});
  EXPECT_FALSE(stream.done_by.value || stream.max_duration.value || stream.start_within.value);
  EXPECT_EQ(stream.down_for.value, 10min);
  EXPECT_THAT(stream.expect_each, IsEmpty());
  EXPECT_EQ(row(rules, {"stream_1", {}, {}, {}}, "done_by"), "off (rules.toml:8)");
  const Policy other = policy_of(rules, {"fin", {}, {}, {}});
  EXPECT_TRUE(other.done_by.value && other.start_within.value);
  EXPECT_FALSE(other.down_for.value);
  EXPECT_THAT(other.expect_each.at("partner").value, ElementsAre("a"));
  EXPECT_FALSE(policy_of(rules, {"api_1", {}, {}, {}}).start_within.value);
}

TEST(Policy, DurationsAreWrittenInTheGreatestUnit) {
  EXPECT_EQ(to_string(Duration(90s)), "90s");
  EXPECT_EQ(to_string(Duration(120min)), "2h");
  EXPECT_EQ(to_string(Duration(26h)), "26h");
  EXPECT_EQ(to_string(Duration(720h)), "30d");
  EXPECT_EQ(to_string(Duration(1'500ms)), "1500ms");
}

TEST(Policy, AThousandTablesForAThousandPipelines) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) {
    text += "[[pipeline]]\nmatch = [\"ing_{team}_*_" + std::to_string(i) +
            "\", \"!tmp_*\"]\nteam = \"{team}\"\nmax_duration = \"2h\"\n";
  }
  const Rules rules = rules_of(text);
  std::size_t found = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto policy = policy_of(rules, {"ing_fin_sap_" + std::to_string(i), {}, {}, {}});
    found += policy.team.value == "fin" && policy.max_duration.value == 2h ? 1 : 0;
  }
  EXPECT_EQ(found, 1'000u);
}

}  // namespace
}  // namespace walpulse::rules
