#include "monitor/rules/weekly_hours.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Span = WeeklyHours::Span;

WeeklyHours hours(const std::string& text) { return WeeklyHours::read({text}).value(); }
Timestamp at(const std::string& text) { return parse_timestamp(text).value(); }
TimeZone lisbon() { return TimeZone::named("Europe/Lisbon").value(); }

TEST(WeeklyHours, AreWrittenByDays) {
  EXPECT_THAT(hours("Mon,Tue 08:00-18:00").spans(), ElementsAre(Span{480, 1080}, Span{1920, 2520}));
  EXPECT_EQ(hours("00:00-24:00").spans(), (std::vector{Span{0, 10080}}));
  EXPECT_THAT(hours("Sun 22:00-06:00").spans(), ElementsAre(Span{0, 360}, Span{9960, 10080}));
  EXPECT_THAT(WeeklyHours::read({"Mon 08:00-10:00", "Mon 09:00-11:00"})->spans(),
              ElementsAre(Span{480, 660}));
}

TEST(WeeklyHours, RefuseWhatIsNone) {
  for (const std::string text :
       {"", "Mon", "08:00", "8:00-9:00", "Mon 08:00-08:00", "Xyz 08:00-09:00", "Mon 08:00-24:01",
        "Mon 08:00-09:00-10:00", "Mon  08:00-09:00"}) {
    EXPECT_FALSE(WeeklyHours::read({text})) << text;
  }
  EXPECT_THAT(
      WeeklyHours::read(std::vector<std::string>(72, "08:00-09:00,10:00-11:00")).error().message,
      HasSubstr("more than 500"));
}

TEST(WeeklyHours, OpenAndCloseByTheClocksOfTheZone) {
  const WeeklyHours office = hours("Mon-Fri 08:00-18:00");
  const TimeZone zone = lisbon();
  EXPECT_TRUE(is_open(office, zone, at("2026-07-01T07:30:00Z"))) << "08:30 in Lisbon";
  EXPECT_FALSE(is_open(office, zone, at("2026-07-01T17:00:00Z")));
  EXPECT_EQ(opens_at(office, zone, at("2026-07-03T17:00:00Z")), at("2026-07-06T07:00:00Z"));
  EXPECT_EQ(opens_at(office, zone, at("2026-07-03T12:00:00Z")), at("2026-07-03T12:00:00Z"));
  EXPECT_EQ(closes_at(office, zone, at("2026-07-03T12:00:00Z")), at("2026-07-03T17:00:00Z"));
}

TEST(WeeklyHours, GoOverTheEndOfTheWeek) {
  const WeeklyHours night = hours("Sun 22:00-06:00");
  EXPECT_EQ(closes_at(night, TimeZone(), at("2026-07-05T23:00:00Z")), at("2026-07-06T06:00:00Z"));
  EXPECT_EQ(closes_at(hours("00:00-24:00"), TimeZone(), at("2026-07-05T23:00:00Z")), kInfinity);
}

TEST(WeeklyHours, EndLaterThanNowWhereClocksGoBack) {
  // On 25 October 2026 clocks in Lisbon go from 02:00 back to 01:00 (01:00 UTC).
  const WeeklyHours early = hours("Sun 01:00-01:30");
  const Timestamp second_time = at("2026-10-25T01:15:00Z");
  EXPECT_TRUE(is_open(early, lisbon(), second_time));
  EXPECT_EQ(closes_at(early, lisbon(), second_time), at("2026-10-25T01:30:00Z"));
  // In spring 01:00 to 02:00 is passed over: what is in it is over at once.
  EXPECT_FALSE(is_open(early, lisbon(), at("2026-03-29T01:15:00Z")));
}

TEST(WeeklyHours, JoinedHaveTheHoursOfBoth) {
  const WeeklyHours both = hours("Mon 08:00-10:00").joined(hours("Mon 09:00-12:00"));
  EXPECT_THAT(both.spans(), ElementsAre(Span{480, 720}));
  EXPECT_EQ(both.text(), "Mon 08:00-10:00, Mon 09:00-12:00");
}

}  // namespace
}  // namespace walpulse::rules
