#include "monitor/delivery/what_to_tell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace walpulse::monitor {
namespace {

using Phase = Notice::Phase;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WhatToTell : public ::testing::Test {
 protected:
  void note(Phase phase, const std::string& subject, ProblemKind kind = ProblemKind::failing,
            const std::string& instance = "") {
    Notice notice;
    notice.id = std::int64_t(notices_.size()) + 1;
    notice.phase = phase;
    notice.problem.finding.key = {kind, "mage", subject, instance};
    notices_.push_back(notice);
  }
  std::vector<std::int64_t> told() {
    std::vector<std::int64_t> ids;
    for (const Told& each : what_to_tell(notices_)) ids.push_back(each.notice->id);
    return ids;
  }
  std::vector<Notice> notices_;
};

TEST_F(WhatToTell, OneThingOfEachProblemInTheOrderOfTheNotices) {
  EXPECT_THAT(told(), IsEmpty());
  note(Phase::opened, "daily");
  note(Phase::closed, "weekly");
  note(Phase::opened, "daily", ProblemKind::stale);
  note(Phase::found, "hourly");
  EXPECT_THAT(told(), ElementsAre(1, 2, 3, 4));
}

TEST_F(WhatToTell, NotWhatIsOverBeforeAnybodyHeardOfIt) {
  note(Phase::opened, "daily");
  note(Phase::opened, "weekly");
  note(Phase::closed, "daily");
  EXPECT_THAT(told(), ElementsAre(2));
}

TEST_F(WhatToTell, ThatItIsOverWhereItWasToldBefore) {
  note(Phase::closed, "daily");
  note(Phase::opened, "daily");
  note(Phase::closed, "daily");
  EXPECT_THAT(told(), ElementsAre(3));
}

TEST_F(WhatToTell, WhatIsStillTheCase) {
  note(Phase::opened, "daily");
  note(Phase::closed, "daily");
  note(Phase::opened, "daily");
  EXPECT_THAT(told(), ElementsAre(3));
  EXPECT_FALSE(what_to_tell(notices_)[0].flaps());
}

TEST_F(WhatToTell, ThatItComesAndGoes) {
  for (int i = 0; i < 3; ++i) {
    note(Phase::opened, "daily");
    note(Phase::closed, "daily");
  }
  ASSERT_THAT(told(), ElementsAre(6));
  EXPECT_TRUE(what_to_tell(notices_)[0].flaps());
  EXPECT_EQ(what_to_tell(notices_)[0].opened, 3u);
}

TEST_F(WhatToTell, ARepetitionSaysLessThanTheNewsBesideIt) {
  note(Phase::opened, "daily");
  note(Phase::repeated, "daily");
  note(Phase::repeated, "weekly");
  EXPECT_THAT(told(), ElementsAre(1, 3));
}

TEST_F(WhatToTell, ASubjectUnderAnotherNameIsTheSame) {
  note(Phase::opened, "daily nightly", ProblemKind::not_started, "#daily trigger=7");
  note(Phase::closed, "daily renamed", ProblemKind::not_started, "#daily trigger=7");
  EXPECT_THAT(told(), IsEmpty());
}

}  // namespace
}  // namespace walpulse::monitor
