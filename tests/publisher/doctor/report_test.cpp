#include "publisher/doctor/report.h"

#include <gtest/gtest.h>

namespace walpulse::doctor {
namespace {

using Level = Check::Level;

const std::vector<Check> kChecks = {
    {"role", Level::ok, "may read"},
    {"clock", Level::warn, "is behind", "chronyc makestep"},
    {"wal_level", Level::fail, "is replica", "ALTER SYSTEM", true, "a superuser"},
    {"sink", Level::fail, "no such topic", "create it", false, "", "take another"},
};

TEST(DoctorReport, ShowsBeneathEachFindingHowToFixItAndNothingThatSaysNothing) {
  EXPECT_EQ(text(kChecks),
            "ok    role                may read\n"
            "warn  clock               is behind\n"
            "      fix: chronyc makestep\n"
            "FAIL  wal_level           is replica\n"
            "      fix: ALTER SYSTEM\n"
            "      as: a superuser\n"
            "      restart: needed\n"
            "FAIL  sink                no such topic\n"
            "      fix: create it\n"
            "      or: take another\n"
            "2 failed, 1 warning, 1 ok\n");
  EXPECT_EQ(text({}), "0 failed, 0 warnings, 0 ok\n");
}

TEST(DoctorReport, SaysACommandThatMendsSeveralOnce) {
  const std::vector<Check> gap = {
      {"slot", Level::fail, "is lost", "recover", false, "mage"},
      {"clock", Level::warn, "is behind", "chronyc makestep"},
      {"identity", Level::fail, "was altered", "recover", false, "mage"},
      {"table", Level::fail, "is another", "recover", false, "mage"},
      {"note", Level::warn, "nothing mends this"},
      {"other", Level::warn, "nor this"},
  };
  EXPECT_EQ(text(gap),
            "FAIL  slot                is lost\n"
            "      fix: recover\n"
            "      as: mage\n"
            "warn  clock               is behind\n"
            "      fix: chronyc makestep\n"
            "FAIL  identity            was altered\n"
            "      fix: as above, of slot\n"
            "FAIL  table               is another\n"
            "      fix: as above, of slot\n"
            "warn  note                nothing mends this\n"
            "warn  other               nor this\n"
            "3 failed, 3 warnings, 0 ok\n");
}

TEST(DoctorReport, FailsWhereOneCheckDoes) {
  EXPECT_EQ(exit_code(kChecks), 1);
  EXPECT_EQ(exit_code({kChecks[0], kChecks[1]}), 0);
  EXPECT_EQ(exit_code({}), 0);
}

TEST(DoctorReport, TheJsonHoldsEveryCheckByItsFields) {
  EXPECT_EQ(
      json({kChecks[2]}),
      R"({"failed":1,"warnings":0,"checks":[{"name":"wal_level","level":"fail",)"
      R"("finding":"is replica","remedy":"ALTER SYSTEM","restart":true,"as":"a superuser","otherwise":""}]})"
      "\n");
}

TEST(FailedCheck, ShowsTheErrorsOwnRemedyBeforeAnyOther) {
  const Check own = failed("pull", {ErrorKind::denied, "HTTP 404; gone", "create it"}, "see role");
  EXPECT_EQ(own.level, Level::fail);
  EXPECT_EQ(own.finding, "HTTP 404; gone");
  EXPECT_EQ(own.remedy, "create it");
  EXPECT_EQ(failed("pull", {ErrorKind::denied, "HTTP 404; gone"}, "see role").remedy, "see role");
}

}  // namespace
}  // namespace walpulse::doctor
