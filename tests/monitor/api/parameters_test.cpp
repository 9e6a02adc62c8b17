#include "monitor/api/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace walpulse::monitor::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

constexpr std::array<std::string_view, 4> kAllowed = {"state", "label.*", "page_size",
                                                      "page_token"};
constexpr std::array<std::string_view, 2> kStates = {"open", "closed"};

http::Query query(std::string_view text) { return *http::parse_query(text); }

std::string error_of(
    std::string_view text, const std::function<void(Parameters&)>& read = [](Parameters&) {}) {
  const http::Query asked = query(text);
  Parameters parameters("/runs", asked);
  parameters.allow(kAllowed);
  read(parameters);
  return parameters.error() ? std::string(parameters.error()->name) : "";
}

TEST(Parameters, WhatIsNotKnownIsRefusedWithWhatIsAllowed) {
  const http::Query asked = query("stat=open");
  Parameters parameters("/runs", asked);
  parameters.allow(kAllowed);
  ASSERT_TRUE(parameters.error());
  EXPECT_EQ(parameters.error()->name, "unknown-parameter");
  EXPECT_EQ(parameters.error()->parameter, "stat");
  EXPECT_THAT(parameters.error()->allowed, Contains("state"));
}

TEST(Parameters, ALabelOfAnyNameIsKnown) {
  EXPECT_EQ(error_of("label.partner=acme&label._x9=b"), "");
  EXPECT_EQ(error_of("label.=acme"), "unknown-parameter");
  EXPECT_EQ(error_of("label.*=acme"), "unknown-parameter");
  EXPECT_EQ(error_of("label.a-b=acme"), "unknown-parameter");
  EXPECT_EQ(error_of("label.a%00=acme"), "unknown-parameter");
}

TEST(Parameters, NothingStandsThereTwice) {
  EXPECT_EQ(error_of("state=open&state=closed"), "bad-value");
  EXPECT_EQ(error_of("label.a=1&label.a=2"), "bad-value");
}

TEST(Parameters, ChoicesAreOfTheList) {
  const auto read = [](Parameters& parameters) { parameters.choices("state", kStates); };
  EXPECT_EQ(error_of("state=open,closed", read), "");
  EXPECT_EQ(error_of("state=", read), "bad-value");
  EXPECT_EQ(error_of("state=open,", read), "bad-value");
  EXPECT_EQ(error_of("state=OPEN", read), "bad-value");
  const http::Query asked = query("state=closed,open");
  EXPECT_THAT(Parameters("/runs", asked).choices("state", kStates), ElementsAre("closed", "open"));
}

TEST(Parameters, PageSizesAreFrom1To200) {
  const auto read = [](Parameters& parameters) { parameters.page_size(); };
  for (const char* good : {"1", "200", "50"})
    EXPECT_EQ(error_of(std::string("page_size=") + good, read), "") << good;
  for (const char* bad : {"0", "201", "-1", "1.5", "+5", "", "99999999999999999999", "0x10"})
    EXPECT_EQ(error_of(std::string("page_size=") + bad, read), "bad-value") << bad;
}

TEST(Parameters, InstantsHaveAZone) {
  const auto instant_of = [](std::string_view text) {
    const http::Query asked = query(text);
    Parameters parameters("/runs", asked);
    auto instant = parameters.instant("at");
    return std::pair(instant, parameters.error().has_value());
  };
  EXPECT_EQ(instant_of("at=2026-11-28T07:00:00Z").first,
            instant_of("at=2026-11-28T08:00:00+01:00").first);
  EXPECT_TRUE(instant_of("at=2026-11-28T07:00:00Z").first.has_value());
  for (const char* bad : {"at=", "at=2026-11-28", "at=infinity", "at=2026-11-28T07:00:00",
                          "at=2026-11-28 07:00:00%2B00", "at=1764313200", "at=%00"})
    EXPECT_TRUE(instant_of(bad).second) << bad;
}

TEST(Parameters, DurationsAreWholeUnits) {
  const auto seconds_of = [](std::string_view text) -> std::int64_t {
    const http::Query asked = query(text);
    Parameters parameters("/runs", asked);
    const auto duration = parameters.duration("window");
    return duration ? duration->count() : -1;
  };
  EXPECT_EQ(seconds_of("window=90s"), 90);
  EXPECT_EQ(seconds_of("window=24h"), 86'400);
  EXPECT_EQ(seconds_of("window=999999d"), 999'999LL * 86'400);
  for (const char* bad : {"0h", "24", "h", "-1h", "1w", "1.5h", "9999999s", "", "+1h"})
    EXPECT_EQ(seconds_of(std::string("window=") + bad), -1) << bad;
}

TEST(Parameters, DaysAreOfTheCalendar) {
  const auto is_day = [](std::string_view text) {
    const http::Query asked = query(text);
    Parameters parameters("/schedule", asked);
    return parameters.day("day").has_value();
  };
  EXPECT_TRUE(is_day("day=2026-11-28"));
  EXPECT_TRUE(is_day("day=2028-02-29"));
  for (const char* bad :
       {"2026-02-29", "2026-13-01", "2026-1-1", "20261128", "2026-11-28T", "+026-11-28", ""})
    EXPECT_FALSE(is_day(std::string("day=") + bad)) << bad;
}

TEST(PageToken, IsGoodForItsOwnListAlone) {
  const http::Query one = query("state=open&label.a=1&page_size=5");
  const http::Query same = query("label.a=1&state=open&page_size=50&page_token=x");
  const http::Query other = query("state=closed&label.a=1");
  const PageMark mark{{1, INT64_MIN, INT64_MAX}, "d\xC3\xA9j\xC3\xA0"};
  const std::string token = encode_page_token(list_of("/runs", one), mark);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  EXPECT_EQ(decode_page_token(list_of("/runs", same), token), mark);
  EXPECT_EQ(decode_page_token(list_of("/runs", other), token), std::nullopt);
  EXPECT_EQ(decode_page_token(list_of("/problems", one), token), std::nullopt);
}

TEST(PageToken, OfNoneOfOursIsExpired) {
  const auto read = [](Parameters& parameters) { parameters.page_mark(); };
  for (const char* bad : {"x", "e30", "W10", "WzFd", "%25", "WzEsIjEiLFtdLCIiXQ"})
    EXPECT_EQ(error_of(std::string("page_token=") + bad, read), "page-token-expired") << bad;
  EXPECT_EQ(error_of("page_token=", read), "bad-value");
}

}  // namespace
}  // namespace walpulse::monitor::api
