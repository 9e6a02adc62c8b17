#include "monitor/rules/mistake.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

TEST(Mistake, IsOneLineWhateverTheFileHolds) {
  EXPECT_EQ(to_string(Mistake{"a.toml", 3, "severity", "'x' is not it", R"(severity = "page")"}),
            R"(a.toml:3: severity: 'x' is not it; for example  severity = "page")");
  EXPECT_EQ(to_string(Mistake{"a.toml", 0, "", "cannot be read", ""}), "a.toml: cannot be read");
  EXPECT_EQ(to_string(Mistake{"a\nb.toml", 1, "", "x\r\n\x1b[31m", ""}), "a b.toml:1: x   [31m");
}

TEST(Mistake, RepeatsNoMoreThanTheBeginningOfALongText) {
  EXPECT_EQ(in_quotes("a\nb"), "'a b'");
  EXPECT_EQ(in_quotes(std::string(100, 'a')), "'" + std::string(80, 'a') + "...'");
  std::string letters;
  for (int i = 0; i < 60; ++i) letters += "é";
  EXPECT_EQ(in_quotes(letters), "'" + letters.substr(0, 80) + "...'") << "no letter is cut";
  EXPECT_EQ(in_quotes("a\xff"
                      "b"),
            "'a...'");
}

TEST(MistakeList, CountsWhatItDoesNotKeep) {
  MistakeList list;
  for (int i = 0; i < 1'003; ++i) list.add({"a.toml", i, "", "x", ""});
  const Mistakes mistakes = std::move(list).take();
  ASSERT_EQ(mistakes.size(), 1'001u);
  EXPECT_EQ(to_string(mistakes.back()), "3 more mistakes");
}

}  // namespace
}  // namespace walpulse::rules
