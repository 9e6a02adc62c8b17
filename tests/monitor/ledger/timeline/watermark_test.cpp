#include "monitor/ledger/timeline/watermark.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::testing {
namespace {

using namespace std::chrono_literals;

constexpr IntakeTime kSettle = 3min;

schema::Heartbeat heartbeat_of(std::uint64_t sequence) {
  schema::Heartbeat beat = heartbeat(sequence, 10);
  beat.confirmed = Lsn{sequence * 100};
  return beat;
}

/// Where it says all was delivered, once that has been so for long.
std::uint64_t delivered(const Watermark& mark) {
  return mark.delivered() ? mark.delivered()->commit_lsn.value : 0;
}

TEST(Watermark, FollowsHeartbeatsOfWhichNoneIsMissing) {
  Watermark mark;
  for (std::uint64_t n = 1; n <= 60; ++n) mark.take(heartbeat_of(n), n * 10s, kSettle);
  EXPECT_EQ(delivered(mark), 3700u);  // as of three minutes ago or more
}

TEST(Watermark, TheNewestHeartbeatDoesNotOvertakeTheBacklog) {
  Watermark mark;
  mark.take(heartbeat_of(1), 10s, kSettle);
  for (std::uint64_t n = 1; n < 50; ++n) mark.take(heartbeat_of(700 + n), n * 10s + 10s, kSettle);
  EXPECT_LE(delivered(mark), 100u);
}

TEST(Watermark, LetsAMissingOneGoAfterTenMinutes) {
  Watermark mark;
  mark.take(heartbeat_of(1), 0s, kSettle);
  for (std::uint64_t n = 3; n <= 100; ++n) mark.take(heartbeat_of(n), n * 10s, kSettle);
  EXPECT_GT(delivered(mark), 100u);
}

TEST(Watermark, StandsStillForAMinuteAfterOneFarOutOfTurn) {
  Watermark mark;
  for (std::uint64_t n = 1; n <= 10; ++n) mark.take(heartbeat_of(n), 1s, 0s);
  EXPECT_EQ(delivered(mark), 900u);
  mark.take(heartbeat_of(5), 2s, 0s);
  mark.take(heartbeat_of(11), 3s, 0s);
  mark.take(heartbeat_of(12), 61s, 0s);
  EXPECT_EQ(delivered(mark), 1000u);
  mark.take(heartbeat_of(13), 62s, 0s);
  mark.take(heartbeat_of(14), 63s, 0s);
  EXPECT_GE(delivered(mark), 1300u);
}

TEST(Watermark, OneSwappedPairStopsNothingHoweverOftenHeartbeatsCome) {
  Watermark mark;
  mark.take(heartbeat_of(1), 1s, 0s);
  mark.take(heartbeat_of(3), 2s, 0s);
  mark.take(heartbeat_of(2), 3s, 0s);
  for (std::uint64_t n = 4; n < 1000; ++n) mark.take(heartbeat_of(n), n * 1s, 0s);
  EXPECT_GE(delivered(mark), 99'000u);
}

TEST(Watermark, LostOnesAreLetGoHoweverOftenHeartbeatsCome) {
  Watermark mark;
  for (std::uint64_t n = 1; n < 3000; ++n)
    if (n % 7 != 0) mark.take(heartbeat_of(n), n * 1s, 0s);
  EXPECT_GE(delivered(mark), 200'000u);
}

/// By the server's clock, `seconds` after an instant that means nothing.
schema::Heartbeat confirmed_at(std::uint64_t sequence, int seconds) {
  schema::Heartbeat beat = heartbeat_of(sequence);
  beat.confirmed_at = Timestamp(std::chrono::seconds(1'000'000 + seconds));
  return beat;
}

std::int64_t as_of(const Watermark& mark) {
  return std::chrono::floor<std::chrono::seconds>(mark.as_of()).time_since_epoch().count() -
         1'000'000;
}

TEST(Watermark, IsAsOfTheNewestHeartbeatBeforeWhichNoneIsMissing) {
  Watermark mark;
  EXPECT_EQ(mark.as_of(), Timestamp{});
  mark.take(confirmed_at(1, 10), 10s, kSettle);
  EXPECT_EQ(as_of(mark), 10);
  mark.take(confirmed_at(3, 30), 20s, kSettle);
  EXPECT_EQ(as_of(mark), 10) << "the second is missing";
  mark.take(confirmed_at(2, 20), 30s, kSettle);
  EXPECT_EQ(as_of(mark), 30);
  mark.take(confirmed_at(4, 25), 40s, kSettle);
  EXPECT_EQ(as_of(mark), 30) << "a clock that was set back";
}

TEST(Watermark, IsAsOfNothingNewWhileTheConnectorKnowsNothing) {
  Watermark mark;
  mark.take(confirmed_at(1, 10), 10s, kSettle);
  schema::Heartbeat unknown = heartbeat_of(2);
  unknown.confirmed_at = {};
  mark.take(unknown, 20s, kSettle);
  EXPECT_EQ(as_of(mark), 10);
}

TEST(Watermark, IsAsOfNoBacklogThatTheNewestHeartbeatOvertook) {
  Watermark mark;
  mark.take(confirmed_at(1, 10), 10s, kSettle);
  for (int n = 1; n < 50; ++n)
    mark.take(confirmed_at(700 + static_cast<std::uint64_t>(n), 7000 + n), n * 10s + 10s, kSettle);
  EXPECT_EQ(as_of(mark), 10);
}

/// Of the process that takes over.
schema::Heartbeat of_next(schema::Heartbeat beat) {
  beat.instance = "b";
  return beat;
}

TEST(Watermark, IsNotTakenBackByTheProcessThatTakesOver) {
  Watermark mark;
  for (int n = 1; n <= 9; ++n)
    mark.take(confirmed_at(static_cast<std::uint64_t>(n), n * 10), n * 10s, kSettle);
  // It does not know yet; then its server's clock, or what it was told, is behind.
  schema::Heartbeat first = of_next(heartbeat_of(1));
  first.confirmed_at = {};
  mark.take(first, 91s, kSettle);
  EXPECT_EQ(as_of(mark), 90);
  mark.take(of_next(confirmed_at(2, 30)), 92s, kSettle);
  EXPECT_EQ(as_of(mark), 90);
  mark.take(of_next(confirmed_at(3, 95)), 93s, kSettle);
  EXPECT_EQ(as_of(mark), 95);
  mark.take(confirmed_at(10, 94), 94s, kSettle);
  EXPECT_EQ(as_of(mark), 95) << "the last word of the one before";
}

TEST(Watermark, DoesNotPassWhatIsMissingOfTheProcessBefore) {
  Watermark mark;
  mark.take(confirmed_at(1, 10), 10s, kSettle);
  mark.take(confirmed_at(3, 30), 20s, kSettle);
  mark.take(of_next(confirmed_at(1, 40)), 30s, kSettle);
  mark.take(of_next(confirmed_at(2, 50)), 40s, kSettle);
  EXPECT_EQ(as_of(mark), 10);
  mark.take(confirmed_at(2, 20), 50s, kSettle);
  EXPECT_EQ(as_of(mark), 50);
}

TEST(Watermark, LetsWhatIsMissingOfTheProcessBeforeGoAfterTenMinutes) {
  Watermark mark;
  mark.take(confirmed_at(1, 10), 10s, kSettle);
  mark.take(confirmed_at(3, 30), 20s, kSettle);
  for (int n = 1; n <= 100; ++n) {
    mark.take(of_next(confirmed_at(static_cast<std::uint64_t>(n), n * 10)), n * 10s + 20s, kSettle);
    EXPECT_EQ(as_of(mark), n < 60 ? 10 : n * 10);
  }
}

RC_GTEST_PROP(WatermarkProperty, IsAsOfWhatOneOfItsHeartbeatsSaidAndNeverGoesBack, ()) {
  Watermark mark;
  std::vector<std::int64_t> said;
  IntakeTime clock{0};
  for (int beats = *rc::gen::inRange(1, 100); beats > 0; --beats) {
    const int seconds = *rc::gen::inRange(1, 1000);
    schema::Heartbeat beat = confirmed_at(*rc::gen::inRange<std::uint64_t>(1, 30), seconds);
    if (*rc::gen::inRange(0, 3) == 0) beat = of_next(beat);
    const Timestamp before = mark.as_of();
    mark.take(beat, clock += *rc::gen::inRange(0, 100) * 1s, kSettle);
    said.push_back(seconds);
    RC_ASSERT(mark.as_of() >= before);
    RC_ASSERT(mark.as_of() == Timestamp{} ||
              std::find(said.begin(), said.end(), as_of(mark)) != said.end());
    mark = Watermark::decode(mark.encode());
  }
}

TEST(Watermark, OfAnEarlierBuildIsAsOfNothingUntilTheNextHeartbeat) {
  const std::string old =
      R"({"senders":[["a",0,1,2,[[2,2,[7,200],20]]]],"still_until":0,"confirmed":[7,100],)"
      R"("candidate":null,"candidate_since":0,"delivered":[7,100]})";
  EXPECT_EQ(Watermark::decode(old).as_of(), Timestamp{});
  EXPECT_TRUE(Watermark::decode(old).delivered());
}

TEST(Watermark, IsReadBackAsItWas) {
  Watermark mark;
  mark.take(heartbeat_of(1), 1s, 1s);
  mark.take(heartbeat_of(4), 2s, 1s);
  mark.take(heartbeat_of(2), 3s, 1s);
  const Watermark again = Watermark::decode(mark.encode());
  EXPECT_EQ(again.encode(), mark.encode());
  EXPECT_EQ(Watermark::decode("{}").encode(), Watermark().encode());
  EXPECT_EQ(Watermark::decode("no JSON").encode(), Watermark().encode());
}

}  // namespace
}  // namespace walpulse::monitor::testing
