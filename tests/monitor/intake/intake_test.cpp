#include "monitor/intake/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using Outcomes = std::future<Result<Outcome>>;

ReceivedMessage message(std::string data) { return {std::move(data), {}, "id"}; }

/// Offers and returns what it will come to.
Outcomes offer(Intake& intake, std::string data) {
  auto promise = std::make_shared<std::promise<Result<Outcome>>>();
  auto future = promise->get_future();
  ReceivedMessage received = message(std::move(data));
  const auto taken =
      intake.offer(received, [promise](Result<Outcome> outcome) { promise->set_value(outcome); });
  EXPECT_TRUE(taken.has_value());
  return future;
}

class IntakeTest : public testing::Test {
 protected:
  std::unique_ptr<Intake> make(IntakeOptions options = {}) {
    options.backoff = {1ms, 1, 1ms};
    return std::make_unique<Intake>(
        ledger_, options, [] { return Timestamp(); },
        [this](const SourceAlert& alert) { noticed_.push_back(alert.epoch); });
  }
  FakeLedger ledger_;
  std::vector<std::uint64_t> noticed_;
};

TEST_F(IntakeTest, AppliesTogetherWhatWaits) {
  const auto intake = make();
  ledger_.close();
  auto first = offer(*intake, "a");
  ledger_.await_apply();
  std::vector<Outcomes> later;
  for (const char* data : {"b", "c", "d"}) later.push_back(offer(*intake, data));
  ledger_.open();
  for (auto& each : later) EXPECT_EQ(*each.get(), Outcome::applied);
  EXPECT_THAT(ledger_.groups(), ElementsAre(ElementsAre("a"), ElementsAre("b", "c", "d")));
}

TEST_F(IntakeTest, WarnsOfWhatWasSetAsideForAWhile) {
  const auto intake = make();
  EXPECT_EQ(intake->warning(), "");
  ledger_.outcome_of = [](const ReceivedMessage&) { return Outcome::invalid; };
  ledger_.rejected_for = "the row holds no column id";
  EXPECT_EQ(*offer(*intake, "bad").get(), Outcome::invalid);
  EXPECT_THAT(intake->warning(), HasSubstr("1 messages were set aside since the start"));
  EXPECT_THAT(intake->warning(), HasSubstr("the row holds no column id"));
  EXPECT_EQ(intake->warning(Intake::Clock::now() + 1h), "");
}

TEST_F(IntakeTest, KeepsGroupsWithinTheirBounds) {
  IntakeOptions options;
  options.queue.group_messages_max = 2;
  options.queue.group_bytes_max = 2000;
  const auto intake = make(options);
  ledger_.close();
  auto first = offer(*intake, "a");
  ledger_.await_apply();
  for (const char* data : {"b", "c", "d"}) offer(*intake, data);
  offer(*intake, std::string(2000, 'x'));
  ledger_.open();
  intake->stop();
  EXPECT_THAT(ledger_.groups(), ElementsAre(SizeIs(1), ElementsAre("b", "c"), ElementsAre("d"),
                                            ElementsAre(std::string(2000, 'x'))));
}

TEST_F(IntakeTest, GivesEachMessageItsOwnOutcome) {
  ledger_.outcome_of = [](const ReceivedMessage& received) {
    return received.data == "odd" ? Outcome::invalid : Outcome::unchanged;
  };
  const auto intake = make();
  ledger_.close();
  auto first = offer(*intake, "a");
  auto odd = offer(*intake, "odd");
  ledger_.open();
  EXPECT_EQ(*first.get(), Outcome::unchanged);
  EXPECT_EQ(*odd.get(), Outcome::invalid);
}

TEST_F(IntakeTest, PassesNoticesOnBeforeItCompletes) {
  ledger_.alerts = {{SourceAlert::Kind::name_taken, "mage", {}, "", 812}};
  const auto intake = make();
  offer(*intake, "a").get();
  EXPECT_THAT(noticed_, ElementsAre(812u));
}

TEST_F(IntakeTest, SaysThatSomethingHappenedBeforeItCompletes) {
  std::atomic<int> count = 0;
  IntakeOptions options;
  options.happened = [&] { ++count; };
  const auto intake = make(options);
  EXPECT_TRUE(offer(*intake, "a").get());
  EXPECT_EQ(count, 0);
  ledger_.happened = true;
  EXPECT_TRUE(offer(*intake, "b").get());
  EXPECT_EQ(count, 1);
}

TEST_F(IntakeTest, RefusesWhatHasNoRoomAndLeavesItWhole) {
  IntakeOptions options;
  options.queue.bytes_max = 1000;
  const auto intake = make(options);
  ledger_.close();
  auto first = offer(*intake, "a");
  ledger_.await_apply();
  offer(*intake, std::string(500, 'x'));
  ReceivedMessage refused = message(std::string(500, 'y'));
  const auto taken = intake->offer(refused, [](const Result<Outcome>&) { FAIL(); });
  EXPECT_EQ(taken.error().kind, ErrorKind::timed_out);
  EXPECT_THAT(refused.data, SizeIs(500));
  ledger_.open();
}

TEST_F(IntakeTest, TakesAMessageOverItsWholeBoundAlone) {
  IntakeOptions options;
  options.queue.bytes_max = 1000;
  const auto intake = make(options);
  EXPECT_EQ(*offer(*intake, std::string(5000, 'x')).get(), Outcome::applied);
}

TEST_F(IntakeTest, WaitsForRoomWhereAskedTo) {
  IntakeOptions options;
  options.queue.bytes_max = 1000;
  const auto intake = make(options);
  ledger_.close();
  auto first = offer(*intake, "a");
  ledger_.await_apply();
  offer(*intake, std::string(900, 'x'));
  auto waiting = std::async(std::launch::async, [&] {
    ReceivedMessage received = message(std::string(900, 'y'));
    return intake->offer(
        received, [](const Result<Outcome>&) {}, Intake::Clock::now() + 1h);
  });
  ledger_.open();
  EXPECT_TRUE(waiting.get().has_value());
}

TEST_F(IntakeTest, FailsTheWholeGroupWhenTheLedgerFails) {
  const auto intake = make();
  ledger_.close();
  auto first = offer(*intake, "a");
  ledger_.await_apply();
  auto queued = offer(*intake, "b");
  ledger_.trouble("disk full");
  ledger_.open();
  EXPECT_THAT(first.get().error().message, HasSubstr("disk full"));
  EXPECT_THAT(queued.get().error().message, HasSubstr("disk full"));
  EXPECT_THAT(intake->health(), HasSubstr("disk full"));
  ReceivedMessage refused = message("c");
  EXPECT_EQ(intake->offer(refused, [](const Result<Outcome>&) {}).error().kind,
            ErrorKind::unavailable);
}

TEST_F(IntakeTest, TakesAgainOnceTheLedgerAnswers) {
  const auto intake = make();
  ledger_.trouble("gone");
  EXPECT_FALSE(offer(*intake, "a").get().has_value());
  ledger_.trouble("");
  while (!intake->health().empty()) std::this_thread::yield();
  EXPECT_EQ(*offer(*intake, "b").get(), Outcome::applied);
  EXPECT_THAT(ledger_.groups(), ElementsAre(ElementsAre("b")));
}

TEST_F(IntakeTest, StopCompletesWhatWasTakenAndTakesNoMore) {
  const auto intake = make();
  ledger_.close();
  auto first = offer(*intake, "a");
  ledger_.await_apply();
  auto second = offer(*intake, "b");
  auto stopped = std::async(std::launch::async, [&] { intake->stop(); });
  ledger_.open();
  stopped.get();
  EXPECT_TRUE(first.get().has_value());
  EXPECT_TRUE(second.get().has_value());
  ReceivedMessage late = message("c");
  EXPECT_EQ(intake->offer(late, [](const Result<Outcome>&) {}).error().kind, ErrorKind::cancelled);
}

TEST_F(IntakeTest, CompletesThePartOfAGroupThatWasAppliedAndTellsOfIt) {
  const auto intake = make();
  ledger_.close();
  auto first = offer(*intake, "a");
  ledger_.await_apply();
  auto applied = offer(*intake, "b");
  auto failed = offer(*intake, "c");
  ledger_.applied_max = 1;
  ledger_.alerts.push_back({SourceAlert::Kind::name_taken, "mage", {}, "", 7});
  ledger_.open();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(applied.get());
  const auto refused = failed.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(noticed_, ElementsAre(7u));
}

TEST_F(IntakeTest, StopsWhileTheLedgerIsDown) {
  const auto intake = make();
  ledger_.trouble("gone");
  EXPECT_FALSE(offer(*intake, "a").get().has_value());
  intake->stop();
}

}  // namespace
}  // namespace walpulse::monitor
