#include "publisher/config/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::config {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> values(std::string_view text) {
  const auto entries = parse_config(text);
  if (!entries) return {"error: " + entries.error().message};
  return entries->empty() ? std::vector<std::string>{} : entries->front().values;
}

TEST(ConfigFile, ReadsStringsNumbersAndSwitches) {
  EXPECT_EQ(values("a = \"x\""), std::vector<std::string>{"x"});
  EXPECT_EQ(values("a='x y'"), std::vector<std::string>{"x y"});
  EXPECT_EQ(values("a = 1_000"), std::vector<std::string>{"1000"});
  EXPECT_EQ(values("\"a\" = true # yes"), std::vector<std::string>{"true"});
}

TEST(ConfigFile, KeepsWhatASecretMayHold) {
  EXPECT_EQ(values(R"(dsn = "password='a#b,c \"d\" \\'")"),
            std::vector<std::string>{R"(password='a#b,c "d" \')"});
  EXPECT_EQ(values(R"(dsn = 'back\slash')"), std::vector<std::string>{R"(back\slash)"});
}

TEST(ConfigFile, ReadsArraysOverSeveralLines) {
  EXPECT_EQ(values("a = [\n  'x', # first\n  'y',\n]\n"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(values("a = []"), std::vector<std::string>{});
}

TEST(ConfigFile, KnowsTheLineOfEachKey) {
  const auto entries = parse_config("# head\r\n\r\na = 1\r\nb = 2\r\n");
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].line, 3);
  EXPECT_EQ((*entries)[1].line, 4);
}

TEST(ConfigFile, RefusesWhatItDoesNotKnowWithTheLine) {
  EXPECT_THAT(values("\n[run]\n").front(), HasSubstr("line 2: tables are not used"));
  EXPECT_THAT(values("a = 1\nb = 1.5").front(), HasSubstr("line 2: a value is a string"));
  EXPECT_THAT(values("a = [['x']]").front(), HasSubstr("a value is a string"));
  for (const char* text : {"a = x", "a = \"x", "a = 1 2", "a", "a = ['x' 'y']", "a = ['x'",
                           "a = \"\\q\"", "a = 1 #\x01", "= 1"}) {
    EXPECT_THAT(values(text).front(), HasSubstr("error: line 1: ")) << text;
  }
  EXPECT_THAT(values("a = 1\na = 2").front(), HasSubstr("line 2: "));
}

}  // namespace
}  // namespace walpulse::config
