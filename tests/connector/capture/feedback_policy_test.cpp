#include "connector/capture/feedback_policy.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kStart{1h};

FeedbackOptions options() {
  return {.interval = 2s, .advance_gap = 100ms, .probe_interval = 10s, .confirm = true};
}

TEST(FeedbackPolicy, AsksForAReplyAtOnceAndEveryTenSeconds) {
  FeedbackPolicy policy(options(), kStart);
  EXPECT_TRUE(policy.due(kStart, Lsn{}).value().reply_requested);
  EXPECT_FALSE(policy.due(kStart + 2s, Lsn{}).value().reply_requested);
  EXPECT_TRUE(policy.due(kStart + 10s, Lsn{}).value().reply_requested);
}

TEST(FeedbackPolicy, IsSilentNoLongerThanTheInterval) {
  FeedbackPolicy policy(options(), kStart);
  policy.due(kStart, Lsn{});
  EXPECT_FALSE(policy.due(kStart + 1999ms, Lsn{}));
  EXPECT_EQ(policy.next_due(Lsn{}), kStart + 2s);
  EXPECT_TRUE(policy.due(kStart + 2s, Lsn{}));
}

TEST(FeedbackPolicy, TellsAnAdvanceSoonButNotMoreOftenThanTheGap) {
  FeedbackPolicy policy(options(), kStart);
  policy.received(Lsn{500});
  policy.due(kStart, Lsn{});
  EXPECT_FALSE(policy.due(kStart + 99ms, Lsn{100}));
  EXPECT_EQ(policy.next_due(Lsn{100}), kStart + 100ms);
  EXPECT_EQ(policy.due(kStart + 100ms, Lsn{100}), (Feedback{Lsn{500}, Lsn{100}, false}));
  EXPECT_FALSE(policy.due(kStart + 300ms, Lsn{100})) << "nothing new";
}

TEST(FeedbackPolicy, AnswersAtOnceWhenAsked) {
  FeedbackPolicy policy(options(), kStart);
  policy.due(kStart, Lsn{});
  policy.reply_requested();
  EXPECT_TRUE(policy.due(kStart + 1ms, Lsn{}));
  EXPECT_FALSE(policy.due(kStart + 2ms, Lsn{})) << "answered";
}

TEST(FeedbackPolicy, InAHurryItAsksForAReplyAtOnce) {
  FeedbackPolicy policy(options(), kStart);
  policy.due(kStart, Lsn{});
  policy.send_now();
  EXPECT_LE(policy.next_due(Lsn{}), kStart + 1ms);
  EXPECT_TRUE(policy.due(kStart + 1ms, Lsn{}).value().reply_requested);
  EXPECT_FALSE(policy.due(kStart + 2ms, Lsn{})) << "once";
}

TEST(FeedbackPolicy, NeverConfirmsBeyondWhatWasReceived) {
  FeedbackPolicy policy(options(), kStart);
  policy.received(Lsn{100});
  EXPECT_EQ(policy.due(kStart, Lsn{900})->flushed, Lsn{100});
}

TEST(FeedbackPolicy, NeverGoesBack) {
  FeedbackPolicy policy(options(), kStart);
  policy.received(Lsn{100});
  policy.due(kStart, Lsn{100});
  EXPECT_EQ(policy.final_status(kStart, Lsn{50}).flushed, Lsn{100});
}

TEST(FeedbackPolicy, ALookReportsWhatItReceivedButConfirmsNothing) {
  auto look = options();
  look.confirm = false;
  FeedbackPolicy policy(look, kStart);
  policy.received(Lsn{100});
  EXPECT_EQ(policy.due(kStart, Lsn{100}), (Feedback{Lsn{100}, Lsn{}, true}));
}

TEST(StatusInterval, LiesWellInsideTheServersTimeout) {
  EXPECT_EQ(status_interval(60s), 10s);
  EXPECT_EQ(status_interval(8s), 2s);
  EXPECT_EQ(status_interval(0s), 10s) << "no timeout";
}

}  // namespace
}  // namespace walpulse::connector
