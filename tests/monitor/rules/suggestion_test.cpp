#include "monitor/rules/suggestion.h"

#include <gmock/gmock.h>

#include <regex>

#include "tests/monitor/rules/reading.h"

namespace walpulse::rules {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

KnownPipeline known(const std::string& name) {
  KnownPipeline pipeline;
  pipeline.source = "mage";
  pipeline.pipeline = name;
  pipeline.completed = 100;
  pipeline.usual = 20min;
  pipeline.period = 24h;
  return pipeline;
}

std::string suggested(const KnownPipeline& pipeline) { return suggested_rules({{pipeline}}); }

/// As a person takes the marks away.
std::string uncommented(const std::string& text) {
  static const std::regex kMark("(^|\n)#(?=[^ \n])");
  return std::regex_replace(text, kMark, "$1");
}

TEST(Suggestion, SetsThreeTimesWhatIsUsualAndTwiceThePeriod) {
  const std::string text = suggested(known("fin_gl"));
  EXPECT_THAT(text,
              HasSubstr("\n# 'fin_gl': nine of ten of its 100 completed runs took at most 20m; "
                        "it is due at least every 1d\n"
                        "#[[pipeline]]\n"
                        "#match = \"fin_gl\"\n"
                        "#max_duration = \"1h\"\n"
                        "#fresh_within = \"2d\"\n"));
  const Policy policy = policy_for(uncommented(text), "fin_gl");
  EXPECT_EQ(policy.max_duration.value, Duration(1h));
  EXPECT_EQ(policy.fresh_within.value, Duration(48h));
}

TEST(Suggestion, RoundsUpToFiveMinutesAndThenToHours) {
  const auto limit = [](Duration usual) {
    KnownPipeline pipeline = known("a");
    pipeline.usual = usual;
    return *policy_for(uncommented(suggested(pipeline)), "a").max_duration.value;
  };
  EXPECT_EQ(limit(1s), Duration(5min));
  EXPECT_EQ(limit(100s), Duration(5min));
  EXPECT_EQ(limit(101s), Duration(10min));
  EXPECT_EQ(limit(20min), Duration(1h));
  EXPECT_EQ(limit(1201s), Duration(2h));
  EXPECT_EQ(limit(24h), Duration(72h));
}

TEST(Suggestion, ChangesNothingAsItStands) {
  KnownPipeline pipeline = known("fin_gl");
  pipeline.labels["partner"] = {{"acme", 8}, {"globex", 8}};
  const std::string text = suggested(pipeline);
  EXPECT_THAT(mistakes_in(text), IsEmpty());
  EXPECT_EQ(rules_of(text).table_count, 0u);
  const std::string without_comments = std::regex_replace(text, std::regex("#[^\n]*"), "");
  EXPECT_THAT(mistakes_in(without_comments), IsEmpty());
  EXPECT_THAT(mistakes_in(uncommented(text)), IsEmpty());
  EXPECT_EQ(rules_of(uncommented(text)).tables.size(), 1u);
}

TEST(Suggestion, NamesTheLabelOfMostValuesThatEachHaveEnoughRuns) {
  KnownPipeline pipeline = known("a");
  pipeline.labels["partner"] = {{"acme", 8}, {"globex", 9}, {"initech", 100}};
  pipeline.labels["region"] = {{"eu", 50}, {"us", 50}};
  pipeline.labels["alone"] = {{"x", 100}};
  pipeline.labels["rare"] = {{"x", 100}, {"y", 7}, {"z", 1}, {"w", 9}};
  pipeline.labels["a-b"] = {{"x", 100}, {"y", 100}, {"z", 100}, {"w", 100}};
  pipeline.labels["crowded"] = {{"x", 100}, {"y", 100}, {"z", 100}, {"w", 100}};
  pipeline.crowded_labels = {"crowded"};
  for (int i = 0; i < 21; ++i) pipeline.labels["flood"][std::to_string(i)] = 100;
  const std::string text = suggested(pipeline);
  EXPECT_THAT(text, AllOf(HasSubstr("#per = [\"partner\"]\n"),
                          HasSubstr("3 values of partner; its runs have 2 values of region\n")));
  for (const char* other : {"alone", "rare", "a-b", "crowded", "flood"}) {
    EXPECT_THAT(text, Not(HasSubstr(other)));
  }
  EXPECT_EQ(policy_for(uncommented(text), "a").per.value, Names{"partner"});
}

TEST(Suggestion, SetsNothingOfWhatTooLittleIsKnown) {
  KnownPipeline few = known("a");
  few.completed = kRunsToJudge - 1;
  few.period.reset();
  EXPECT_THAT(suggested(few), AllOf(Not(HasSubstr("max_duration =")),
                                    HasSubstr("# 1 pipeline without a table here: too few")));
  few.completed = kRunsToJudge;
  EXPECT_THAT(suggested(few), HasSubstr("#max_duration"));
  few.usual.reset();
  EXPECT_THAT(suggested(few), Not(HasSubstr("#max_duration")));
  KnownPipeline yearly = known("a");
  yearly.period = 366 * 24h;
  EXPECT_THAT(suggested(yearly), Not(HasSubstr("#fresh_within")));
  EXPECT_THAT(mistakes_in(uncommented(suggested(yearly))), IsEmpty());
}

TEST(Suggestion, IsEmptyWhereNothingIsKnown) { EXPECT_EQ(suggested_rules({}), ""); }

TEST(Suggestion, MatchesEachPipelineAndNoOtherWhateverItIsCalled) {
  const std::vector<std::string> names = {
      "fin_gl",     "*",  "a*b", "axb",    "{team}", "?[x]",         "back\\slash", "!not",
      "\"quoted\"", "'#", "a b", "\"\"\"", "übel",   "[[pipeline]]", "]",           "\\u0041"};
  std::vector<KnownPipeline> pipelines;
  for (const std::string& name : names) pipelines.push_back(known(name));
  for (std::size_t i = 0; i < names.size(); ++i) {
    pipelines[i].usual = std::chrono::hours(i + 1);
  }
  const std::string text = suggested_rules(pipelines);
  EXPECT_THAT(mistakes_in(text), IsEmpty());
  ASSERT_THAT(mistakes_in(uncommented(text)), IsEmpty());
  const Rules rules = rules_of(uncommented(text));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Policy policy = policy_of(rules, {names[i], {}, {}, {}});
    EXPECT_EQ(policy.max_duration.value, Duration(std::chrono::hours(3 * (i + 1)))) << names[i];
  }
  EXPECT_FALSE(policy_of(rules, {"acb", {}, {}, {}}).max_duration.value);
}

TEST(Suggestion, LeavesOutWhatNoPatternCanHold) {
  const std::vector<KnownPipeline> pipelines = {known("a\nb"), known("\xff"),
                                                known(std::string(300, 'a')), known("fin_gl")};
  const std::string text = suggested_rules(pipelines);
  EXPECT_THAT(text, HasSubstr("# 3 pipelines without a table here: no pattern"));
  EXPECT_EQ(rules_of(uncommented(text)).tables.size(), 1u);
}

TEST(Suggestion, NamesTheSourceWhereThereAreSeveral) {
  std::vector<KnownPipeline> pipelines = {known("daily"), known("daily")};
  pipelines[1].source = "other";
  pipelines[1].usual = 10min;
  const std::string text = uncommented(suggested_rules(pipelines));
  const Rules rules = rules_of(text);
  EXPECT_EQ(policy_of(rules, {"daily", "mage", {}, {}}).max_duration.value, Duration(1h));
  EXPECT_EQ(policy_of(rules, {"daily", "other", {}, {}}).max_duration.value, Duration(30min));
  EXPECT_THAT(suggested(known("daily")), Not(HasSubstr("#source")));
}

TEST(Suggestion, StaysWithinTheBoundsOfAFileHoweverManyThereAre) {
  std::vector<KnownPipeline> pipelines(kSuggestedMax + 5, known(std::string(128, '"')));
  for (std::size_t i = 0; i < pipelines.size(); ++i) {
    pipelines[i].pipeline.replace(0, std::to_string(i).size(), std::to_string(i));
    for (int value = 0; value < 20; ++value) {
      pipelines[i].labels["partner"][std::string(200, 'x') + std::to_string(value)] = 100;
    }
  }
  const std::string text = suggested_rules(pipelines);
  EXPECT_THAT(text, HasSubstr("# 5 pipelines more without a table here"));
  EXPECT_THAT(mistakes_in(uncommented(text)), IsEmpty());
}

}  // namespace
}  // namespace walpulse::rules
