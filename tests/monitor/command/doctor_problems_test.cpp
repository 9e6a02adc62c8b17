#include "monitor/command/doctor_problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/monitor/rules/reading.h"

namespace walpulse::monitor {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

MixedEnds mixed(const std::string& pipeline, const std::string& label = "partner",
                const std::string& source = "mage") {
  return {source, pipeline, label, "globex", 4, "acme"};
}

/// What a person pastes.
std::string pasted(const std::vector<MixedEnds>& found) {
  const auto checks = check_mixed_ends(found);
  EXPECT_THAT(checks, SizeIs(1));
  const std::string& remedy = checks[0].remedy;
  return remedy.substr(remedy.find('\n') + 1);
}

TEST(DoctorProblems, WarnsWithTheLinesOfARule) {
  EXPECT_THAT(check_mixed_ends(std::vector<MixedEnds>()), IsEmpty());
  const auto checks = check_mixed_ends({mixed("daily_sales")});
  ASSERT_THAT(checks, SizeIs(1));
  EXPECT_EQ(checks[0].finding,
            "ends alternate by label, which hides the one that fails: daily_sales failed 4 times "
            "in a row for partner=globex, not for acme");
  EXPECT_EQ(checks[0].remedy,
            "tell them apart in the rules file:\n[[pipeline]]\nmatch = \"daily_sales\"\n"
            "source = \"mage\"\nper = [\"partner\"]");
}

TEST(DoctorProblems, TheLinesAreOfThatPipelineAndNoOtherWhateverItIsCalled) {
  for (const char* name :
       {"fin_gl", "*", "a*b", "{team}", "?[x]", "back\\slash", "!not", "\"quoted\"", "'#", "a b",
        "\"\"\"", "\u00fcbel", "[[pipeline]]", "]", "\\u0041"}) {
    const std::string pipeline = name;
    const std::string text = pasted({mixed(pipeline, "partner", "the \"source\" *")});
    ASSERT_THAT(rules::mistakes_in(text), IsEmpty()) << text;
    const rules::Rules rules = rules::rules_of(text);
    const auto per = [&](const std::string& of, const std::string& source) {
      return rules::policy_of(rules, {of, source, std::nullopt, {}}).per.value;
    };
    EXPECT_EQ(per(pipeline, "the \"source\" *"), rules::Names{"partner"}) << text;
    EXPECT_THAT(per(pipeline, "mage"), IsEmpty()) << text;
    for (const char* other : {"axb", "a", "team", "x", "A", "anything"})
      EXPECT_THAT(per(other, "the \"source\" *"), IsEmpty()) << text;
  }
}

TEST(DoctorProblems, WhatNoRuleCanHoldGivesNoLinesAndTheNextOneDoes) {
  const std::vector<MixedEnds> odd = {
      mixed("a\nignore = true"), mixed("\xff"),         mixed(""), mixed(std::string(300, 'a')),
      mixed("a", "not a label"), mixed("a", "pipeline")};
  for (const MixedEnds& each : odd) {
    const auto checks = check_mixed_ends({each});
    ASSERT_THAT(checks, SizeIs(1));
    EXPECT_THAT(checks[0].remedy, Not(HasSubstr("[[")));
    EXPECT_THAT(checks[0].finding, Not(HasSubstr("\n")));
  }
  std::vector<MixedEnds> all = odd;
  all.push_back(mixed("daily_sales"));
  EXPECT_THAT(pasted(all), HasSubstr("match = \"daily_sales\""));
}

}  // namespace
}  // namespace walpulse::monitor
