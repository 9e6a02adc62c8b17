#include "monitor/rules/glob.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

bool matches(std::string_view pattern, std::string_view name) {
  return Glob::read(pattern).value().matches(name);
}

Captures captured(std::string_view pattern, std::string_view name) {
  const Glob glob = Glob::read(pattern).value();
  Captures captures;
  EXPECT_TRUE(glob.matches(name, &captures)) << pattern << " " << name;
  // The names of captures are views of the pattern, which ends here.
  static const std::string kNames[] = {"a", "b", "team", "system"};
  for (auto& [key, value] : captures) {
    for (const std::string& each : kNames) {
      if (each == key) key = each;
    }
  }
  return captures;
}

std::string refusal(std::string_view pattern) {
  const auto glob = Glob::read(pattern);
  return glob ? "" : glob.error().message;
}

TEST(Glob, StandsForItselfWithoutWildcards) {
  EXPECT_TRUE(matches("fin_gl", "fin_gl"));
  EXPECT_FALSE(matches("fin_gl", "fin_gl2"));
  EXPECT_FALSE(matches("fin_gl", "Fin_gl"));
  EXPECT_FALSE(matches("fin_gl", ""));
  EXPECT_TRUE(matches("a.b+c(d)^$", "a.b+c(d)^$")) << "nothing else is special";
}

TEST(Glob, AStarIsAnyTextAlsoNone) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*", "anything"));
  EXPECT_TRUE(matches("fin_*", "fin_"));
  EXPECT_FALSE(matches("fin_*", "fin"));
  EXPECT_TRUE(matches("*_daily", "a_daily_daily"));
  EXPECT_TRUE(matches("a*b*c", "abbc"));
  EXPECT_FALSE(matches("a*b*c", "acb"));
}

TEST(Glob, TheBeginningAndTheEndDoNotOverlap) {
  EXPECT_FALSE(matches("aba*aba", "aba"));
  EXPECT_FALSE(matches("ab*ba", "aba"));
  EXPECT_TRUE(matches("ab*ba", "abba"));
  EXPECT_FALSE(matches("a*bc*c", "abc"));
}

TEST(Glob, ACaptureTakesAtLeastOneCharacterAndAsFewAsItCan) {
  EXPECT_THAT(captured("ing_{team}_{system}_*", "ing_fin_sap_gl_daily"),
              ElementsAre(Pair("team", "fin"), Pair("system", "sap")));
  EXPECT_THAT(captured("{a}_{b}", "x_y_z"), ElementsAre(Pair("a", "x"), Pair("b", "y_z")));
  EXPECT_THAT(captured("{a}__{b}", "___x"), ElementsAre(Pair("a", "_"), Pair("b", "x")));
  EXPECT_FALSE(matches("fin_{system}", "fin_"));
  EXPECT_FALSE(matches("{a}_x", "_x"));
  EXPECT_THAT(captured("{a}", "übel"), ElementsAre(Pair("a", "übel")));
}

TEST(Glob, IsRefusedWithWhatIsWrong) {
  EXPECT_EQ(refusal(""), "a pattern is empty");
  EXPECT_THAT(refusal("a?"), HasSubstr("only * and {name} stand for others"));
  EXPECT_THAT(refusal("[ab]"), HasSubstr("has a ["));
  EXPECT_THAT(refusal("a\\b"), HasSubstr("has a \\ before what stands for itself"));
  EXPECT_THAT(refusal("a\\"), HasSubstr("has a \\"));
  EXPECT_THAT(refusal("a{b"), HasSubstr("has a { without its }"));
  EXPECT_THAT(refusal("a}b"), HasSubstr("has a } without its {"));
  EXPECT_THAT(refusal("{}"), HasSubstr("not a name"));
  EXPECT_THAT(refusal("{a b}"), HasSubstr("not a name"));
  EXPECT_THAT(refusal("{a}_{a}"), HasSubstr("captures {a} twice"));
  EXPECT_THAT(refusal("{a}{b}"), HasSubstr("no text between them"));
  EXPECT_THAT(refusal("**"), HasSubstr("no text between them"));
  EXPECT_THAT(refusal("a\nb"), HasSubstr("'a b' has a control character"));
  EXPECT_THAT(refusal(std::string(257, 'a')), HasSubstr("is longer than 256 bytes"));
  EXPECT_EQ(refusal(std::string(256, 'a')), "");
  EXPECT_THAT(refusal("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*"), HasSubstr("has more than 16"));
}

TEST(Glob, ABackslashMakesTheNextStandForItself) {
  EXPECT_TRUE(matches("a\\*b\\{c\\}", "a*b{c}"));
  EXPECT_FALSE(matches("a\\*", "ab"));
  EXPECT_TRUE(matches("\\?\\[\\]\\!\\\\*", "?[]!\\x"));
  EXPECT_THAT(captured("\\{{a}\\}", "{x}"), ElementsAre(Pair("a", "x")));
  EXPECT_FALSE(Glob::read("fin_\\*").value().covers(Glob::read("fin_*").value()));
}

TEST(Glob, EveryNameHasAPatternOfItsOwn) {
  for (const std::string_view name : {"fin_gl", "*", "a*b", "{a}", "a{b", "?[x]", "\\", "\\*",
                                      "!fin", "a!b", "\"'#", " ", "übel"}) {
    const auto pattern = Glob::only(name);
    ASSERT_TRUE(pattern) << name;
    EXPECT_TRUE(matches(*pattern, name)) << *pattern;
    EXPECT_FALSE(pattern->starts_with('!'));
    EXPECT_FALSE(matches(*pattern, std::string(name) + "x"));
    EXPECT_FALSE(matches(*pattern, "x" + std::string(name)));
  }
  EXPECT_FALSE(matches(Glob::only("a*b").value(), "axb"));
  for (const std::string& name : {std::string(), std::string("a\nb"), std::string("\xff"),
                                  std::string(257, 'a'), std::string(129, '*')}) {
    EXPECT_FALSE(Glob::only(name)) << name;
  }
  EXPECT_EQ(Glob::only(std::string(128, '*')).value().size(), Glob::kBytesMax);
}

TEST(Glob, AHostileNameCostsNoMoreThanItsLengthTimesThePattern) {
  const std::string name(100'000, 'a');
  EXPECT_FALSE(matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", name));
  EXPECT_FALSE(matches("*aaaaaaaaaaaaaaaaaaaaaaab*aaaaaaaaaaaaaaaaaaaaaab*", name));
}

TEST(Glob, CoversAnotherWhoseEveryNameItMatches) {
  const auto covers = [](std::string_view bound, std::string_view pattern) {
    return Glob::read(bound).value().covers(Glob::read(pattern).value());
  };
  EXPECT_TRUE(covers("fin_*", "fin_{system}_*"));
  EXPECT_TRUE(covers("fin_*", "fin_*"));
  EXPECT_TRUE(covers("fin_*", "fin_gl"));
  EXPECT_TRUE(covers("*", "*x*"));
  EXPECT_FALSE(covers("fin_*", "fin*"));
  EXPECT_FALSE(covers("fin_*", "*"));
  EXPECT_FALSE(covers("fin_*", "*fin_"));
  EXPECT_FALSE(covers("fin_gl", "fin_{a}"));
  EXPECT_FALSE(covers("*_x", "fin_*"));
}

}  // namespace
}  // namespace walpulse::rules
