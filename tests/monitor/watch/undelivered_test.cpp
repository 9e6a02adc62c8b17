#include "monitor/watch/undelivered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/storage/memory/memory_storage.h"

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
  const auto findings = undelivered_findings(channels);
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
  const auto storage = make_memory_storage(kNow);
  const auto put = [&](const std::string& channel, Timestamp ended) {
    ASSERT_TRUE(storage->begin(Intent::share));
    Delivery made;
    made.channel = channel;
    made.state = Delivery::State::given_up;
    made.ended = ended;
    storage->transaction().deliveries().save(made);
    ASSERT_TRUE(storage->commit());
  };
  const auto shown = [&](Timestamp now) {
    EXPECT_TRUE(storage->begin(Intent::read));
    const auto found = read_given_up(storage->transaction(), now);
    EXPECT_TRUE(storage->commit());
    return found;
  };
  put("data", kNow - kUndeliveredShown);
  put("data", kNow - 999h);
  const auto found = shown(kNow);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].count, 2);
  EXPECT_EQ(found[0].first, kNow - 999h);
  EXPECT_EQ(found[0].last.ended, kNow - kUndeliveredShown);
  EXPECT_THAT(shown(kNow + 1us), IsEmpty());
  EXPECT_THAT(undelivered_findings({}), IsEmpty());
}

}  // namespace
}  // namespace walpulse::monitor
