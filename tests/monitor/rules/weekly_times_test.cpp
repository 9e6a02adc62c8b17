#include "monitor/rules/weekly_times.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string written(const std::vector<std::string>& texts) {
  const auto times = WeeklyTimes::read(texts);
  return times ? to_string(*times) : times.error().message;
}

TEST(WeeklyTimes, AreMinutesOfTheWeek) {
  EXPECT_THAT(WeeklyTimes::read({"Tue,Mon 00:01"}).value().minutes(), ElementsAre(1, 1'441));
  EXPECT_THAT(WeeklyTimes::read({"Sun 23:59"}).value().minutes(), ElementsAre(7 * 1'440 - 1));
}

TEST(WeeklyTimes, AreWrittenTheSameHoweverTheyWereGiven) {
  EXPECT_EQ(written({"Mon-Fri 07:00"}), "Mon-Fri 07:00");
  EXPECT_EQ(written({"mon,TUE,Wed-fri 07:00"}), "Mon-Fri 07:00");
  EXPECT_EQ(written({"07:00"}), "07:00");
  EXPECT_EQ(written({"Mon-Sun 07:00"}), "07:00");
  EXPECT_EQ(written({"Mon-Fri 19:00,07:00", "Sat 09:00", "Mon 07:00"}),
            "Mon-Fri 07:00,19:00, Sat 09:00");
  EXPECT_EQ(written({"Sat-Mon 09:30"}), "Mon 09:30, Sat-Sun 09:30");
  EXPECT_EQ(written({"Wed-Tue 09:30"}), "09:30");
}

TEST(WeeklyTimes, AreRefusedWithWhatIsWrong) {
  EXPECT_EQ(written({}), "the list is empty");
  EXPECT_THAT(written({""}), HasSubstr("is not days and a time"));
  EXPECT_THAT(written({"Mon at 07:00"}), HasSubstr("is not days and a time"));
  EXPECT_THAT(written({"Mon  07:00"}), HasSubstr("is not days and a time"));
  EXPECT_EQ(written({"Mo 07:00"}),
            "'Mo' is not a day (Mon Tue Wed Thu Fri Sat Sun) or a range of them");
  EXPECT_THAT(written({"Mon-Wed-Fri 07:00"}), HasSubstr("'Mon-Wed-Fri' is not a day"));
  EXPECT_THAT(written({"Mon- 07:00"}), HasSubstr("'Mon-' is not a day"));
  EXPECT_THAT(written({"Mon, 07:00"}), HasSubstr("'' is not a day"));
  for (const char* time : {"24:00", "07:60", "7:00", "07.00", "0700", "07:00:00", "7 am", "-1:00",
                           "07:0a", "\xc2\xbd:00"}) {
    EXPECT_THAT(written({"Mon " + std::string(time)}), HasSubstr("is not")) << time;
  }
  std::string every_minute = "00:00";
  for (int i = 1; i < 72; ++i) every_minute += i < 10 ? ",00:0" + std::to_string(i) : ",00:10";
  EXPECT_EQ(written({every_minute}), "has more than 500 times in a week");
}

}  // namespace
}  // namespace walpulse::rules
