#include "monitor/watch/undelivered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Timestamp kNow = Timestamp(std::chrono::hours(500'000));

GivenUp given_up(const std::string& channel, Timestamp first, Timestamp last) {
  GivenUp made{channel, 3, first, {}};
  made.last.id = 12;
  made.last.channel = channel;
  made.last.of = "problems 12, 13";
  made.last.ended = last;
  made.last.answer = "HTTP 404: no_service";
  return made;
}

TEST(Undelivered, IsOneProblemForEachChannel) {
  const std::vector<GivenUp> channels{given_up("data", kNow - 2h, kNow - 1h),
                                      given_up("oncall", kNow - 1h, kNow - 1h)};
  const auto findings = undelivered_findings(channels, kNow);
  ASSERT_THAT(findings, SizeIs(2));
  const Finding& data = findings[0];
  EXPECT_EQ(data.key, (ProblemKey{ProblemKind::undelivered, "", "data", ""}));
  EXPECT_EQ(data.since, kNow - 2h);
  EXPECT_EQ(data.severity, Severity::page);
  EXPECT_EQ(data.evidence, (Evidence{{"channel", "data"},
                                     {"given_up", "3"},
                                     {"delivery", "12"},
                                     {"of", "problems 12, 13"},
                                     {"answer", "HTTP 404: no_service"}}));
}

TEST(Undelivered, IsOverAWeekAfterTheLastWasGivenUp) {
  const std::vector<GivenUp> channels{given_up("data", kNow - 999h, kNow - kUndeliveredShown)};
  EXPECT_THAT(undelivered_findings(channels, kNow), SizeIs(1));
  EXPECT_THAT(undelivered_findings(channels, kNow + 1us), IsEmpty());
  EXPECT_THAT(undelivered_findings({}, kNow), IsEmpty());
}

}  // namespace
}  // namespace walpulse::monitor
