#include "monitor/rules/coverage.h"

#include <gmock/gmock.h>

#include "tests/monitor/rules/reading.h"

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

KnownPipeline known(const std::string& name) {
  KnownPipeline pipeline;
  pipeline.source = "mage";
  pipeline.pipeline = name;
  pipeline.triggers = {"nightly"};
  pipeline.labels["partner"] = {{"acme", 3}, {"globex", 1}};
  return pipeline;
}

std::vector<std::string> covered(const std::string& text,
                                 const std::vector<KnownPipeline>& pipelines) {
  const Rules rules = rules_of(text);
  const Coverage coverage = coverage_of(rules, pipelines);
  std::vector<std::string> lines;
  for (const auto& [place, matched] : coverage.tables) {
    lines.push_back(std::to_string(place.line) + ": " + std::to_string(matched));
  }
  for (const std::string& name : coverage.unmatched) lines.push_back(name);
  return lines;
}

TEST(Coverage, CountsThePipelinesOfEachTableAndNamesTheOthers) {
  EXPECT_THAT(covered("[[pipeline]]\nmatch = \"fin_*\"\nteam = \"a\"\n"
                      "[[pipeline]]\nmatch = [\"fin_gl\", \"hr\"]\nteam = \"b\"\n"
                      "[[pipeline]]\nmatch = \"gone_*\"\nteam = \"c\"\n",
                      {known("fin_gl"), known("fin_ap"), known("ops"), known("x")}),
              ElementsAre("1: 2", "4: 1", "7: 0", "ops", "x"));
}

TEST(Coverage, CountsWhoIsToldAndWhatIsCalledToo) {
  EXPECT_THAT(covered("[channel.a]\ntype = 'log'\n[[notify]]\nto = 'a'\n"
                      "[[notify]]\nmatch = 'gone_*'\nto = 'a'\n"
                      "[[quiet]]\nmatch = 'x'\nevery = '02:00-03:00'\nreason = 'r'\n"
                      "[[pipeline]]\nmatch = 'fin'\nteam = 't'\n",
                      {known("fin"), known("x")}),
              ElementsAre("5: 0", "8: 1", "12: 1", "x"))
      << "in the order of the file; quiet alone does not describe a pipeline";
}

TEST(Coverage, DoesNotCountWhatHoldsForAll) {
  EXPECT_THAT(covered("[defaults]\nfail_after = 2\n[[pipeline]]\nteam = \"a\"\n", {known("x")}),
              ElementsAre("x"));
}

TEST(Coverage, LooksAtSourcesTriggersAndLabelsToo) {
  const auto count = [](const std::string& condition) {
    return covered("[[pipeline]]\n" + condition + "\nteam = \"a\"\n", {known("x")}).front();
  };
  EXPECT_EQ(count("source = \"mage\""), "1: 1");
  EXPECT_EQ(count("source = \"other\""), "1: 0");
  EXPECT_EQ(count("trigger = \"night*\""), "1: 1");
  EXPECT_EQ(count("trigger = \"hourly\""), "1: 0");
  EXPECT_EQ(count("label.partner = \"globex\""), "1: 1");
  EXPECT_EQ(count("label.partner = \"initech\""), "1: 0");
  EXPECT_EQ(count("label.region = \"eu\""), "1: 0");
  EXPECT_EQ(count("label.partner = \"acme\"\nlabel.region = \"eu\""), "1: 0");
}

TEST(Coverage, CallsNothingUnmatchedOfWhichItDoesNotKnowAll) {
  KnownPipeline pipeline = known("x");
  pipeline.crowded_labels = {"region"};
  EXPECT_THAT(covered("[[pipeline]]\nlabel.region = \"eu\"\nteam = \"a\"\n", {pipeline}),
              ElementsAre("1: 1"));
}

TEST(Coverage, OfNothingIsNothing) {
  EXPECT_THAT(covered("", {}), IsEmpty());
  EXPECT_THAT(covered("[[pipeline]]\nmatch = \"a\"\nteam = \"a\"\n", {}), ElementsAre("1: 0"));
}

}  // namespace
}  // namespace walpulse::rules
