#include "publisher/config/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::config {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

template <class Parse>
std::string refusal(const Parse& parse, const char* text) {
  const auto parsed = parse(text);
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Duration, ReadsMillisecondsSecondsMinutesHoursAndDays) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("15m"), 15min);
  EXPECT_EQ(parse_duration("36h"), 36h);
  EXPECT_EQ(parse_duration("30d"), 720h);
  EXPECT_EQ(parse_duration("0d"), 0s);
}

TEST(Duration, ZeroNeedsNoUnitAndNothingElseGoesWithout) {
  EXPECT_EQ(parse_duration("0"), 0s);
  EXPECT_EQ(parse_duration("00"), 0s);
  EXPECT_EQ(refusal(parse_duration, "10"), "'10' lacks a unit (ms, s, m, h or d)");
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text : {"", "s", "-1", "-1s", "1.5h", "1w", "1 s", "1S", "1h30m", "s1", "+1s",
                           "99999999999999999999", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_THAT(refusal(parse_duration, "1w"), HasSubstr("has no unit of time"));
  EXPECT_THAT(refusal(parse_duration, "soon"), HasSubstr("is not a time"));
}

TEST(Duration, HasALongest) {
  EXPECT_EQ(parse_duration("1000000000h"), kDurationMax);
  for (const char* text :
       {"1000000001h", "41666667d", "18446744073709551615ms", "18446744073709551615d"}) {
    EXPECT_THAT(refusal(parse_duration, text), HasSubstr("longer than any time")) << text;
  }
}

TEST(Bytes, ReadsBinaryUnits) {
  EXPECT_EQ(parse_bytes("1048576"), 1u << 20);
  EXPECT_EQ(parse_bytes("512KiB"), 512u << 10);
  EXPECT_EQ(parse_bytes("16MiB"), 16u << 20);
  EXPECT_EQ(parse_bytes("1GiB"), 1u << 30);
  for (const char* text : {"", "MiB", "-1", "16MB", "16 MiB", "18446744073709551615GiB"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
}

TEST(Number, IsWholeAndHasAGreatest) {
  EXPECT_EQ(parse_number("0", 9), 0u);
  EXPECT_EQ(parse_number("9", 9), 9u);
  for (const char* text : {"", "10", "-1", "1.0", "0x1", "1 "}) {
    EXPECT_FALSE(parse_number(text, 9)) << text;
  }
}

TEST(Switch, IsTrueOrFalse) {
  EXPECT_EQ(parse_switch("true"), true);
  EXPECT_EQ(parse_switch("false"), false);
  EXPECT_FALSE(parse_switch("yes"));
}

TEST(List, IsSplitAtCommas) {
  EXPECT_EQ(split_list("a,b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(split_list("a"), std::vector<std::string>{"a"});
  EXPECT_EQ(split_list("a, b"), (std::vector<std::string>{"a", " b"}));
}

}  // namespace
}  // namespace walpulse::config
