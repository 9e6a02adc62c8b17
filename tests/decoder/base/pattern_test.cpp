#include "decoder/base/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace walpulse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_view_literals;

TEST(Pattern, MatchesTheWholeTextOrNot) {
  const Pattern either("a+|b");
  EXPECT_TRUE(either.matches("aaa"));
  EXPECT_TRUE(either.matches("b"));
  EXPECT_FALSE(either.matches("ab"));
  EXPECT_FALSE(either.matches("a\n"));
  EXPECT_FALSE(either.matches(""));
  EXPECT_TRUE(Pattern("a*").matches(""));
  EXPECT_TRUE(Pattern("a*").matches(std::string_view()));
}

TEST(Pattern, TellsWhatItsGroupsTook) {
  const Pattern pair("(([a-z]+):)?([0-9]+)");
  EXPECT_THAT(pair.parts("abc:12"), ElementsAre("abc:12", "abc:", "abc", "12"));
  EXPECT_THAT(pair.parts("12"), ElementsAre("12", "", "", "12"));
  EXPECT_THAT(pair.parts("abc:"), IsEmpty());
}

TEST(Pattern, FindsAPiece) {
  const Pattern digits("[0-9]{2}");
  EXPECT_TRUE(digits.is_in("a12b"));
  EXPECT_FALSE(digits.is_in("1a2"));
  EXPECT_FALSE(digits.is_in(""));
}

TEST(Pattern, ReplacesEveryPiece) {
  const Pattern word("\\brun\\b");
  EXPECT_EQ(word.replaced("run a run_id of run", "job"), "job a run_id of job");
  EXPECT_EQ(word.replaced("runrun", "job"), "runrun");
  EXPECT_EQ(word.replaced("", "job"), "");
  EXPECT_EQ(Pattern("x*").replaced("ab", "-"), "ab");
}

TEST(Pattern, TakesANulAndBytesThatAreNoUtf8ForBytes) {
  const Pattern no_space("[^[:space:]]+");
  EXPECT_TRUE(no_space.matches("a\0b"sv));
  EXPECT_FALSE(no_space.matches("a\0 b"sv));
  EXPECT_TRUE(no_space.matches("\xff\xfe\x80"));
}

TEST(Pattern, TakesAMegabyteWithoutAStackAsDeep) {
  const std::string long_text(1 << 20, 'a');
  const Pattern name("[^[:space:]@]+@[^[:space:]@]+");
  EXPECT_TRUE(name.matches(long_text + "@" + long_text));
  EXPECT_FALSE(name.matches(long_text));
}

TEST(Pattern, RefusesWhatIsNoExpression) { EXPECT_THROW(Pattern("(a"), std::invalid_argument); }

}  // namespace
}  // namespace walpulse
