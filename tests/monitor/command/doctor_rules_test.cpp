#include "monitor/command/doctor_rules.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace walpulse::monitor {
namespace {

using doctor::Check;
using testing::HasSubstr;
using testing::IsEmpty;

class DoctorRulesTest : public testing::Test {
 protected:
  ~DoctorRulesTest() override { std::filesystem::remove(path_); }
  Check found(const std::string& text) {
    std::ofstream(path_) << text;
    return check_rules_file(path_).at(0);
  }

  const std::string path_ =
      testing::TempDir() + "walpulse doctor's " + std::to_string(::getpid()) + ".toml";
};

TEST_F(DoctorRulesTest, SaysNothingWithoutRules) { EXPECT_THAT(check_rules_file(""), IsEmpty()); }

TEST_F(DoctorRulesTest, IsContentWithRulesInOrder) {
  const Check check = found("[[pipeline]]\nseverity = \"page\"\n");
  EXPECT_EQ(check.level, Check::Level::ok);
  EXPECT_EQ(check.finding, path_ + ": 1 table in 1 file, 0 expectations, in order");
}

TEST_F(DoctorRulesTest, NamesTheFirstMistakeAndTheCommandThatNamesAll) {
  const Check check = found("[[pipeline]]\nseverity = 1\nfail_after = 0\n");
  EXPECT_EQ(check.level, Check::Level::fail);
  EXPECT_THAT(check.finding, HasSubstr("2 mistakes, serve would not start: " + path_ + ":2: "));
  EXPECT_THAT(check.remedy, testing::Eq("walpulse-monitor rules check \"" + path_ + "\""));
}

TEST_F(DoctorRulesTest, SeesWhatServeWouldRefuseToo) {
  EXPECT_EQ(found("[[expect]]\npipeline = \"x\"\nseverity = \"page\"\n").level, Check::Level::fail);
  std::filesystem::remove(path_);
  EXPECT_EQ(check_rules_file(path_).at(0).level, Check::Level::fail);
}

}  // namespace
}  // namespace walpulse::monitor
