#include "monitor/access/reader_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace walpulse::monitor {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ReaderTokens, AreLinesOfANameAndAToken) {
  const auto tokens = ReaderTokens::read(
      "# for the wall\r\n\n  wall \t 0123456789abcdef  \r\nfedcba9876543210\nana "
      "old-old-old-old-1\n"
      "ana new-new-new-new-1");
  ASSERT_TRUE(tokens) << to_string(tokens.error());
  EXPECT_EQ(tokens->name_of("0123456789abcdef"), "wall");
  EXPECT_EQ(tokens->name_of("fedcba9876543210"), "token");
  EXPECT_EQ(tokens->name_of("old-old-old-old-1"), "ana");
  EXPECT_EQ(tokens->name_of("new-new-new-new-1"), "ana");
  for (const char* nobodys : {"", "0123456789abcde", "0123456789abcdeg", "0123456789abcdef0",
                              "wall", "wall 0123456789abcdef", "# for the wall"})
    EXPECT_FALSE(tokens->name_of(nobodys)) << nobodys;
}

TEST(ReaderTokens, ThatAreNoneAreNamedByTheirLineAndNotQuoted) {
  for (const char* text : {"0123456789abcdef\nshort", "0123456789abcdef\nana sh ort-but-two-words",
                           "0123456789abcdef\nana 0123456789\x01short"}) {
    const auto tokens = ReaderTokens::read(text);
    ASSERT_FALSE(tokens) << text;
    EXPECT_THAT(to_string(tokens.error()), HasSubstr("line 2"));
    EXPECT_THAT(to_string(tokens.error()), Not(HasSubstr("short")));
  }
  for (const char* text : {"", "\n\n", "# nothing\n"}) EXPECT_FALSE(ReaderTokens::read(text));
}

TEST(ReaderTokens, OfNoFileSayWhich) {
  const auto tokens = ReaderTokens::open("/nonexistent/tokens");
  ASSERT_FALSE(tokens);
  EXPECT_THAT(to_string(tokens.error()), HasSubstr("/nonexistent/tokens"));
}

TEST(ReaderTokens, AreReadFromAFileThatIsNoLargerThanItMayBe) {
  const std::string file = testing::TempDir() + "walpulse-tokens-" + std::to_string(::getpid());
  std::ofstream(file) << "ana 0123456789abcdef\n";
  const auto tokens = ReaderTokens::open(file);
  ASSERT_TRUE(tokens) << to_string(tokens.error());
  EXPECT_EQ(tokens->name_of("0123456789abcdef"), "ana");
  std::ofstream(file) << std::string(70'000, '#');
  EXPECT_FALSE(ReaderTokens::open(file));
  EXPECT_FALSE(ReaderTokens::open(testing::TempDir())) << "a folder";
  std::remove(file.c_str());
}

}  // namespace
}  // namespace walpulse::monitor
