#include "monitor/command/rules_check.h"

#include <gmock/gmock.h>

#include "tests/monitor/rules/reading.h"

namespace walpulse::monitor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LedgerPipelines known(const std::vector<std::string>& names) {
  LedgerPipelines known;
  for (const std::string& name : names) {
    known.pipelines.emplace_back();
    known.pipelines.back().source = "mage";
    known.pipelines.back().pipeline = name;
  }
  return known;
}

const std::string kText =
    "[[pipeline]]\nmatch = \"fin_*\"\nteam = \"a\"\n[[pipeline]]\nmatch = \"gone\"\nteam = \"b\"\n";

TEST(RulesCheck, TellsOfEachTableAndWarnsOfWhatMatchesNothing) {
  const CoverageText text = text_of(rules::rules_of(kText), known({"fin_gl", "ops", "x\ny"}));
  EXPECT_THAT(text.lines, ElementsAre("rules.toml:1: matches 1 of 3 pipelines",
                                      "2 pipelines match no table: 'ops', 'x y'"));
  EXPECT_THAT(text.warnings, ElementsAre("rules.toml:4: warning: matches 0 of 3 pipelines"));
}

TEST(RulesCheck, NamesNoMoreThanTenThatNothingMatches) {
  std::vector<std::string> names;
  for (char c = 'a'; c < 'm'; ++c) names.emplace_back(1, c);
  const CoverageText text = text_of(rules::rules_of(""), known(names));
  EXPECT_THAT(text.lines, ElementsAre("12 pipelines match no table: 'a', 'b', 'c', 'd', 'e', 'f', "
                                      "'g', 'h', 'i', 'j' and 2 more"));
  EXPECT_THAT(text_of(rules::rules_of(""), known({"a"})).lines,
              ElementsAre("1 pipeline matches no table: 'a'"));
}

TEST(RulesCheck, SaysWhereItDoesNotKnowAll) {
  LedgerPipelines some = known({"fin_gl"});
  some.all = false;
  EXPECT_EQ(text_of(rules::rules_of(kText), some).warnings.size(), 2u);
}

TEST(RulesCheck, HoldsNothingAgainstAnEmptyLedger) {
  const CoverageText text = text_of(rules::rules_of(kText), {});
  EXPECT_THAT(text.lines, IsEmpty());
  EXPECT_THAT(text.warnings, ElementsAre("warning: the ledger knows no pipeline yet: nothing was "
                                         "held against it"));
}

}  // namespace
}  // namespace walpulse::monitor
