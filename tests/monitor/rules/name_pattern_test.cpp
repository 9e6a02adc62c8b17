#include "monitor/rules/name_pattern.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

bool matches(const std::vector<std::string>& texts, std::string_view name) {
  Captures captures;
  return NamePattern::read(texts).value().matches(name, captures);
}

std::string refusal(const std::vector<std::string>& texts) {
  const auto pattern = NamePattern::read(texts);
  return pattern ? "" : pattern.error().message;
}

TEST(NamePattern, OneMustMatchAndNoExclusionMay) {
  const std::vector<std::string> texts{"!fin_tmp_*", "fin_*", "gl"};
  EXPECT_TRUE(matches(texts, "fin_sap"));
  EXPECT_TRUE(matches(texts, "gl"));
  EXPECT_FALSE(matches(texts, "fin_tmp_1"));
  EXPECT_FALSE(matches(texts, "hr"));
}

TEST(NamePattern, ExclusionsAloneMeanAllOthers) {
  EXPECT_TRUE(matches({"!test_*"}, "fin"));
  EXPECT_FALSE(matches({"!test_*"}, "test_1"));
}

TEST(NamePattern, TheFirstPatternThatMatchesCaptures) {
  const auto pattern = NamePattern::read({"x_{a}_{b}", "y_{a}"}).value();
  Captures captures{{"pipeline", "y_1"}};
  EXPECT_TRUE(pattern.matches("y_1", captures));
  EXPECT_THAT(captures, ElementsAre(Pair("pipeline", "y_1"), Pair("a", "1")));
  EXPECT_TRUE(pattern.always_captures("a"));
  EXPECT_FALSE(pattern.always_captures("b"));
  EXPECT_THAT(pattern.capture_names(), ElementsAre("a", "b"));
}

TEST(NamePattern, IsRefusedWithWhatIsWrong) {
  EXPECT_EQ(refusal({}), "the list is empty");
  EXPECT_EQ(refusal({"a", "b", "a"}), "names 'a' twice");
  EXPECT_THAT(refusal({"a", "!{b}"}), HasSubstr("cannot capture"));
  EXPECT_THAT(refusal({"a", "!"}), HasSubstr("empty"));
  std::vector<std::string> many;
  for (int i = 0; i < 201; ++i) many.push_back(std::to_string(i));
  EXPECT_EQ(refusal(many), "has more than 200 patterns");
}

}  // namespace
}  // namespace walpulse::rules
