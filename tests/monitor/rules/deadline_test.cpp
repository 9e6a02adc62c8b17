#include "monitor/rules/deadline.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

using ::testing::HasSubstr;

Timestamp at(std::string_view text) { return parse_timestamp(text).value(); }

std::string seconds(Timestamp instant) { return to_rfc3339(instant).substr(0, 19) + "Z"; }

/// The deadlines around an instant: "PREVIOUS NEXT".
std::string around(const std::string& times, const std::string& zone, std::string_view instant) {
  const auto read = WeeklyTimes::read({times}).value();
  const auto found = TimeZone::named(zone).value();
  return seconds(previous_deadline(read, found, at(instant))) + " " +
         seconds(next_deadline(read, found, at(instant)));
}

TEST(Deadline, IsOfTheDaysThatAreNamed) {
  // 2026-11-27 is a Friday.
  EXPECT_EQ(around("Mon-Fri 07:00", "UTC", "2026-11-28T12:00:00Z"),
            "2026-11-27T07:00:00Z 2026-11-30T07:00:00Z");
  EXPECT_EQ(around("Sat 07:00", "UTC", "2026-11-27T23:59:59Z"),
            "2026-11-21T07:00:00Z 2026-11-28T07:00:00Z");
}

TEST(Deadline, IsItsOwnPreviousOne) {
  EXPECT_EQ(around("07:00", "UTC", "2026-11-28T07:00:00Z"),
            "2026-11-28T07:00:00Z 2026-11-29T07:00:00Z");
  EXPECT_EQ(around("07:00", "UTC", "2026-11-28T06:59:59.999999Z"),
            "2026-11-27T07:00:00Z 2026-11-28T07:00:00Z");
}

TEST(Deadline, FollowsTheClocksOfItsZone) {
  EXPECT_EQ(around("07:00", "Europe/Lisbon", "2026-07-01T12:00:00Z"),
            "2026-07-01T06:00:00Z 2026-07-02T06:00:00Z");
  EXPECT_EQ(around("Mon 07:00", "Asia/Tokyo", "2026-11-29T22:00:00Z"),
            "2026-11-29T22:00:00Z 2026-12-06T22:00:00Z");
}

TEST(Deadline, ATimeThatClocksPassOverIsTheInstantOfTheChange) {
  EXPECT_EQ(around("02:30", "Europe/Berlin", "2026-03-29T01:00:00Z"),
            "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  EXPECT_EQ(around("02:10,02:50", "Europe/Berlin", "2026-03-29T00:59:59Z"),
            "2026-03-28T01:50:00Z 2026-03-29T01:00:00Z");
}

TEST(Deadline, ATimeThatClocksShowTwiceIsTheFirst) {
  EXPECT_EQ(around("02:30", "Europe/Berlin", "2026-10-25T00:30:00Z"),
            "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
  EXPECT_EQ(around("02:30", "Europe/Berlin", "2026-10-25T01:30:00Z"),
            "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z")
      << "the second 02:30 is none";
}

TEST(Deadline, ADayThatAZoneLeftOutIsTheInstantOfTheChange) {
  // Samoa had no 2011-12-30.
  EXPECT_EQ(around("Fri 12:00", "Pacific/Apia", "2011-12-30T10:00:00Z"),
            "2011-12-30T10:00:00Z 2012-01-05T22:00:00Z");
}

TEST(Deadline, ExistsForEveryInstant) {
  for (const char* zone : {"UTC", "America/New_York"}) {
    const auto times = WeeklyTimes::read({"Wed 07:00"}).value();
    const auto found = TimeZone::named(zone).value();
    for (const Timestamp instant : {kMinusInfinity, Timestamp(), kInfinity}) {
      EXPECT_GT(previous_deadline(times, found, instant), at("1899-12-01T00:00:00Z"));
      EXPECT_LT(next_deadline(times, found, instant), at("9999-12-31T00:00:00Z"));
    }
  }
}

TEST(TimeZone, IsFoundByItsNameAlone) {
  EXPECT_EQ(TimeZone::named("Europe/Lisbon").value().name(), "Europe/Lisbon");
  EXPECT_EQ(TimeZone().name(), "UTC");
  EXPECT_EQ(TimeZone::named("Europe/Lisbo").error().message,
            "'Europe/Lisbo' is not a time zone; did you mean Europe/Lisbon?");
  EXPECT_THAT(TimeZone::named("europe/lisbon").error().message, HasSubstr("Europe/Lisbon?"));
  for (const char* name :
       {"", "../../etc/passwd", "/etc/passwd", "right/Europe/Lisbon", "tzdata.zi", "leapseconds",
        "EST5EDT4,M3.2.0,M11.1.0", "Europe", "localtime"}) {
    EXPECT_FALSE(TimeZone::named(name)) << name;
  }
}

}  // namespace
}  // namespace walpulse::rules
