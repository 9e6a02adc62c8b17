#include "monitor/delivery/attempt.h"

#include <gtest/gtest.h>

#include <string>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using State = Delivery::State;
using Verdict = Answer::Verdict;

const Timestamp kStart = Timestamp(std::chrono::hours(500'000));

Delivery claimed(unsigned attempts) {
  Delivery delivery;
  delivery.created = kStart;
  delivery.attempts = attempts;
  delivery.answer = "before";
  return delivery;
}

TEST(Attempt, PausesDoubleUpToTenMinutes) {
  EXPECT_EQ(pause_max(1), 5s);
  EXPECT_EQ(pause_max(2), 10s);
  EXPECT_EQ(pause_max(7), 320s);
  EXPECT_EQ(pause_max(8), 10min);
  EXPECT_EQ(pause_max(4'000'000'000), 10min);
  EXPECT_EQ(pause_max(0), 5s);
}

TEST(Attempt, WhatWasTakenIsSentAndWhatNeverWillBeIsGivenUp) {
  const Attempted sent = after_answer(claimed(1), {Verdict::taken, {}, "ok"}, kStart + 1s, 0.5);
  EXPECT_EQ(sent.state, State::sent);
  EXPECT_EQ(sent.ended, kStart + 1s);
  EXPECT_EQ(sent.answer, "ok");
  const Attempted never = after_answer(claimed(1), {Verdict::never, 5s, "HTTP 404"}, kStart, 0.5);
  EXPECT_EQ(never.state, State::given_up);
  EXPECT_EQ(never.ended, kStart);
}

TEST(Attempt, TheRestIsTriedAgainAfterAJitteredPause) {
  const auto due = [](unsigned attempts, Answer answer, double draw) {
    const Attempted attempted = after_answer(claimed(attempts), answer, kStart + 1h, draw);
    EXPECT_EQ(attempted.state, State::waiting);
    EXPECT_FALSE(attempted.ended);
    EXPECT_TRUE(attempted.counts);
    return attempted.due - (kStart + 1h);
  };
  EXPECT_EQ(due(1, {}, 0), 0s);
  EXPECT_EQ(due(1, {}, 0.5), 2500ms);
  EXPECT_EQ(due(20, {}, 0.999), 599'400ms);
  EXPECT_EQ(due(1, {Verdict::again, 30s, ""}, 0.5), 32'500ms);
  EXPECT_EQ(due(1, {Verdict::again, 999h, ""}, 0), 1h);
}

TEST(Attempt, OneThatGotOnGoesOnAtOnceAndHasNotFailed) {
  const Attempted part = after_answer(claimed(9), {Verdict::partly, {}, "40 of 100"}, kStart, 0.9);
  EXPECT_EQ(part.state, State::waiting);
  EXPECT_EQ(part.due, kStart);
  EXPECT_FALSE(part.counts);
  EXPECT_EQ(part.answer, "40 of 100");
}

TEST(Attempt, IsGivenUpAfterADayAndTriedOnceMoreJustThen) {
  const Timestamp end = kStart + kGivenUpAfter;
  const Attempted before = after_answer(claimed(200), {}, end - 1s, 0.9);
  EXPECT_EQ(before.state, State::waiting);
  EXPECT_EQ(before.due, end);
  EXPECT_EQ(after_answer(claimed(201), {}, end, 0.9).state, State::given_up);
  Delivery again = claimed(202);
  again.repeated = end + 5h;
  EXPECT_EQ(after_answer(again, {}, end + 6h, 0.9).state, State::waiting);
  EXPECT_EQ(after_answer(again, {}, end + 29h, 0.9).state, State::given_up);
}

TEST(Attempt, WhatAReceiverSaysIsKeptInPart) {
  const std::string euros = [] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "\xE2\x82\xAC";
    return text;
  }();
  const std::string kept = after_answer(claimed(1), {Verdict::again, {}, euros}, kStart, 0).answer;
  EXPECT_LE(kept.size(), 1'000u);
  EXPECT_EQ(kept.size() % 3, 0u);  // no character is cut in two
}

TEST(Attempt, OneThatWasNotBegunHasSaidNothing) {
  const Attempted given_back = not_begun(claimed(3), kStart + 1s);
  EXPECT_FALSE(given_back.counts);
  EXPECT_EQ(given_back.due, kStart + 1s);
  EXPECT_EQ(given_back.answer, "before");
  EXPECT_TRUE(cut_off(claimed(3), kStart).counts);
}

TEST(Attempt, WhatMayNotBeCalledAnyMoreIsTooOldOrGivenUpWhereItWasCalledInVain) {
  Delivery call = claimed(1);
  EXPECT_FALSE(after_expiry(call, kStart + 999h));
  call.expires = kStart + 1h;
  EXPECT_FALSE(after_expiry(call, kStart + 1h - 1us));
  const auto never_called = after_expiry(call, kStart + 1h);
  ASSERT_TRUE(never_called);
  EXPECT_EQ(never_called->state, State::too_old);
  EXPECT_EQ(never_called->ended, kStart + 1h);
  EXPECT_FALSE(never_called->counts);
  EXPECT_EQ(never_called->answer.find("before; it was to be called by "), 0u);
  call.attempts = 2;
  const auto in_vain = after_expiry(call, kStart + 20h);
  ASSERT_TRUE(in_vain);
  EXPECT_EQ(in_vain->state, State::given_up);
  EXPECT_FALSE(in_vain->counts);
  const Attempted last = after_answer(call, {Verdict::again, 30min, ""}, kStart + 45min, 0.5);
  EXPECT_EQ(last.state, State::waiting);
  EXPECT_EQ(last.due, kStart + 1h) << "nobody need wait for longer to be told";
}

}  // namespace
}  // namespace walpulse::monitor
