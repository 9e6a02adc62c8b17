#include "connector/replay/replay_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <utility>

#include "tests/connector/pgoutput_writer.h"
#include "tests/connector/recording_publisher.h"

namespace walpulse::connector {
namespace {

using testing::begin;
using testing::commit;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::insert;
using testing::relation;

constexpr std::uint32_t kBlocks = 16'500;

decoder::TableOptions captured(std::uint32_t oid, const char* name) {
  decoder::TableOptions table;
  table.oid = Oid{oid};
  table.name = {"public", name};
  return table;
}

/// Gives what it was told to, then the fault; then the stop comes.
class ScriptedSource final : public ReplaySource {
 public:
  explicit ScriptedSource(std::stop_source& stop) : stop_(stop) {}

  void transaction(std::uint64_t at, int rows) {
    messages_.push_back(begin(Lsn{at}, 7));
    messages_.push_back(relation());
    for (int i = 0; i < rows; ++i) messages_.push_back(insert(i, "RUNNING"));
    messages_.push_back(commit(Lsn{at}, Lsn{at + 8}));
  }
  /// A row of a run and one of a block in turns, then a TRUNCATE of both.
  void two_tables(std::uint64_t at, int rounds) {
    messages_.push_back(begin(Lsn{at}, 7));
    messages_.push_back(relation());
    messages_.push_back(relation("block_run", kBlocks));
    for (int i = 0; i < rounds; ++i) {
      messages_.push_back(insert(i, "RUNNING"));
      messages_.push_back(insert(i, "RUNNING", kBlocks));
    }
    messages_.push_back(testing::truncate({testing::kTable, kBlocks}));
    messages_.push_back(commit(Lsn{at}, Lsn{at + 8}));
  }
  void key_changes(std::uint64_t at, int count) {
    messages_.push_back(begin(Lsn{at}, 7));
    messages_.push_back(relation());
    for (int i = 0; i < count; ++i)
      messages_.push_back(testing::change_key(i, 1000 + i, "RUNNING"));
    messages_.push_back(commit(Lsn{at}, Lsn{at + 8}));
  }
  /// A row of another table that has the captured one's name, which is told once a session.
  void other_table(std::uint64_t at) {
    messages_.push_back(begin(Lsn{at}, 7));
    if (!std::exchange(told_, true)) messages_.push_back(relation("pipeline_run", 99));
    messages_.push_back(insert(1, "RUNNING", 99));
    messages_.push_back(commit(Lsn{at}, Lsn{at + 8}));
  }
  void reached(std::uint64_t position) { messages_.push_back(">" + std::to_string(position)); }
  void drop_last(std::size_t count) { messages_.resize(messages_.size() - count); }

  Result<std::optional<ReplayItem>> next(Clock::time_point) override {
    if (messages_.empty() && fault) return tl::unexpected<Error>(*fault);
    if (messages_.empty()) {
      if (--idle_calls == 0) stop_.request_stop();
      return std::optional<ReplayItem>();
    }
    message_ = messages_.front();
    messages_.pop_front();
    if (message_.front() == '>') {
      return std::optional<ReplayItem>(ReplayReached{Lsn{std::stoull(message_.substr(1))}});
    }
    return std::optional<ReplayItem>(ReplayRow{Lsn{1}, std::as_bytes(std::span(message_))});
  }
  void wait_without_reading(Clock::time_point) override {
    if (on_hold) on_hold();
  }
  void delivered(Lsn position) override { delivered_up_to = position; }
  void cancel() override {}

  std::optional<Error> fault;
  std::function<void()> on_hold;
  int idle_calls = 1;  ///< With nothing to tell, until somebody stops it.
  Lsn delivered_up_to;

 private:
  std::stop_source& stop_;
  std::deque<std::string> messages_;
  bool told_ = false;
  std::string message_;
};

struct Replay : ::testing::Test {
  Replay()
      : delivery(
            [this](publisher::Acknowledged acknowledged) {
              auto made = std::make_unique<testing::RecordingPublisher>(std::move(acknowledged));
              publisher = made.get();
              return made;
            },
            wakeup),
        decoder(
            {.source = {"mage", "db"},
             .epoch = 17,
             .tables = {captured(testing::kTable, "pipeline_run"), captured(kBlocks, "block_run")},
             .base_type = {}}),
        pacer(0, Clock::now()),
        progress("replay", "events", {.terminal = false, .columns = 80, .draw = {}, .log = {}}) {}

  tl::expected<ReplayEnd, ReplayFault> run(ScriptedSource& source) {
    ReplaySession session(options, {.source = source,
                                    .decoder = decoder,
                                    .delivery = delivery,
                                    .journal = journal,
                                    .pacer = pacer,
                                    .progress = progress});
    return session.run(stop.get_token());
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < publisher->taken.size(); ++i) {
      const auto id = publisher->attribute(i, "ce-id");
      all.push_back(id.substr(std::string("mage/public.pipeline_run/17/").size()));
    }
    return all;
  }

  std::stop_source stop;
  Wakeup wakeup;
  testing::RecordingPublisher* publisher = nullptr;
  Delivery delivery;
  decoder::EventDecoder decoder;
  ReplayProgress journal;
  Pacer pacer;
  ProgressReport progress;
  ReplaySessionOptions options;
};

TEST_F(Replay, PublishesTheTransactionsOfTheRangeMarkedAsReplayed) {
  options.range.from = Lsn{200};
  options.range.until = Lsn{300};
  ScriptedSource source(stop);
  for (const std::uint64_t at : {100u, 200u, 300u, 400u}) source.transaction(at, 2);
  EXPECT_EQ(run(source).value(), ReplayEnd::complete) << "commits come in their order";
  EXPECT_THAT(ids(), ElementsAre("200/0", "200/1", "300/0", "300/1"));
  EXPECT_EQ(publisher->attribute(0, "replay"), "true");
  EXPECT_EQ(journal.transaction_count, 2u);
  EXPECT_EQ(journal.first->commit_lsn, Lsn{200});
  EXPECT_EQ(journal.last->commit_lsn, Lsn{300});
}

TEST_F(Replay, EndsWhereNobodyWaitsForMore) {
  ScriptedSource source(stop);
  source.transaction(200, 2);
  source.idle_calls = 3;
  options.reader_left = [] { return false; };
  EXPECT_EQ(run(source).value(), ReplayEnd::stopped);
  EXPECT_EQ(source.idle_calls, 0) << "it waits while somebody does";
  stop = std::stop_source();
  ScriptedSource unread(stop);
  unread.transaction(300, 1);
  unread.idle_calls = 3;
  options.reader_left = [] { return true; };
  EXPECT_EQ(run(unread).value(), ReplayEnd::stopped);
  EXPECT_EQ(unread.idle_calls, 2);
  EXPECT_THAT(ids(), ElementsAre("200/0", "200/1", "300/0")) << "what there was is published";
}

TEST_F(Replay, IsCompleteWhenTheLogWasReadToTheEndOfTheRange) {
  options.range.until = Lsn{300};
  options.range.log_end = Lsn{1'000};
  ScriptedSource source(stop);
  source.transaction(200, 1);
  source.reached(300);
  source.reached(301);
  source.transaction(301, 1);
  EXPECT_EQ(run(source).value(), ReplayEnd::complete);
  EXPECT_THAT(ids(), ElementsAre("200/0"));
}

TEST_F(Replay, IsCompleteAtTheFirstCommitBeyondTheRange) {
  options.range.until = Lsn{300};
  options.range.log_end = Lsn{1'000};
  ScriptedSource source(stop);
  source.transaction(300, 1);
  source.transaction(301, 1);
  EXPECT_EQ(run(source).value(), ReplayEnd::complete);
  EXPECT_THAT(ids(), ElementsAre("300/0"));
}

TEST_F(Replay, ALostConnectionRepeatsNothingAndLeavesNothingOut) {
  ScriptedSource first(stop);
  first.transaction(100, 2);
  first.transaction(200, 5);
  first.drop_last(3);  // the commit and two rows
  first.fault = Error{ErrorKind::unavailable, "gone", "", "57P01"};
  const auto lost = run(first);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().phase, ReplayPhase::read);
  EXPECT_EQ(lost.error().error.code, "57P01");
  EXPECT_EQ(journal.next, Lsn{108}) << "where the next session begins";
  ScriptedSource second(stop);
  second.transaction(100, 2);  // comes again all the same
  second.transaction(200, 5);
  second.transaction(300, 1);
  EXPECT_EQ(run(second).value(), ReplayEnd::stopped);
  EXPECT_THAT(ids(),
              ElementsAre("100/0", "100/1", "200/0", "200/1", "200/2", "200/3", "200/4", "300/0"));
  EXPECT_EQ(journal.event_count, 8u);
  publisher->acknowledge_all();
  EXPECT_EQ(delivery.tracker().safe().position, Lsn{308});
}

TEST_F(Replay, BothEventsOfAChangedKeyAreReplayedOnce) {
  ScriptedSource first(stop);
  first.key_changes(200, 2);
  first.drop_last(2);  // the commit and the second change
  first.fault = Error{ErrorKind::unavailable, "gone", "", "57P01"};
  publisher->room = 1;
  first.on_hold = [this] { publisher->acknowledge_all(); };
  ASSERT_FALSE(run(first).has_value());
  publisher->room = 100;
  ScriptedSource second(stop);
  second.key_changes(200, 2);
  EXPECT_EQ(run(second).value(), ReplayEnd::stopped);
  EXPECT_THAT(ids(), ElementsAre("200/0d", "200/0", "200/1d", "200/1"));
  publisher->acknowledge_all();
  EXPECT_EQ(delivery.tracker().safe().position, Lsn{208});
}

TEST_F(Replay, OfSeveralTablesACutTransactionLeavesNothingOutWhateverTheirOrdinals) {
  for (const std::size_t cut : {2u, 3u, 4u, 5u}) {
    ScriptedSource first(stop);
    first.two_tables(200, 2);
    first.drop_last(cut);
    first.fault = Error{ErrorKind::unavailable, "gone"};
    ASSERT_FALSE(run(first).has_value());
    ScriptedSource second(stop);
    second.two_tables(200, 2);
    EXPECT_EQ(run(second).value(), ReplayEnd::stopped);
    std::vector<std::string> given;
    for (std::size_t i = 0; i < publisher->taken.size(); ++i) {
      given.push_back(publisher->attribute(i, "ce-id").substr(std::string("mage/public.").size()));
    }
    EXPECT_THAT(given,
                ElementsAre("pipeline_run/17/200/0", "block_run/17/200/0", "pipeline_run/17/200/1",
                            "block_run/17/200/1", "pipeline_run/17/200/2", "block_run/17/200/2"))
        << cut;
    publisher->taken.clear();
    journal = {};
    stop = {};
  }
}

TEST_F(Replay, AnotherTableUnderTheNameEndsItUnlessTheRangeDoes) {
  options.range.from = Lsn{150};
  ScriptedSource source(stop);
  source.other_table(100);
  source.transaction(200, 1);
  source.other_table(300);
  source.transaction(400, 1);
  const auto ended = run(source);
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().error.kind, ErrorKind::rejected);
  EXPECT_THAT(ended.error().error.message, HasSubstr("at 0/12C another table (oid 99)"));
  EXPECT_THAT(ended.error().error.message, HasSubstr("what is older was replayed"));
  EXPECT_THAT(ids(), ElementsAre("200/0"));
}

TEST_F(Replay, AnotherTableInTheFirstTransactionOfTheRangeLeavesNothingReplayed) {
  for (const bool before : {false, true}) {
    options.range.from = Lsn{150};
    ScriptedSource source(stop);
    if (before) source.other_table(100);
    source.other_table(200);
    const auto ended = run(source);
    ASSERT_FALSE(ended.has_value());
    EXPECT_THAT(ended.error().error.message, HasSubstr("at 0/C8 another table (oid 99)"));
    EXPECT_THAT(ended.error().error.message, HasSubstr("nothing of the range is older"));
    journal = {};
  }
  EXPECT_THAT(ids(), ElementsAre());
}

TEST_F(Replay, WhatIsAcknowledgedOfACutTransactionDoesNotCountAsDelivered) {
  ScriptedSource source(stop);
  source.transaction(100, 1);
  source.transaction(200, 2);
  source.drop_last(1);
  (void)run(source);
  publisher->acknowledge_all();
  EXPECT_EQ(delivery.tracker().safe().position, Lsn{108});
  EXPECT_EQ(journal.next, Lsn{108});
}

TEST_F(Replay, AFullPublisherIsWaitedForAndLosesNothing) {
  ScriptedSource source(stop);
  source.transaction(100, 5);
  publisher->room = 2;
  source.on_hold = [this] { publisher->acknowledge_all(); };
  EXPECT_EQ(run(source).value(), ReplayEnd::stopped);
  EXPECT_THAT(ids(), ElementsAre("100/0", "100/1", "100/2", "100/3", "100/4"));
}

TEST_F(Replay, ASinkThatTakesNothingForLongLetsTheServerGo) {
  ScriptedSource source(stop);
  source.transaction(100, 2);
  publisher->room = 1;
  publisher->trouble.waiting_since = Clock::now() - std::chrono::minutes(1);
  EXPECT_EQ(run(source).value(), ReplayEnd::sink_stuck);
  EXPECT_TRUE(!journal.pending.empty()) << "it goes first when the sink takes again";
}

TEST_F(Replay, AMessageThatTheSinkRefusesForGoodEndsIt) {
  ScriptedSource source(stop);
  source.transaction(100, 1);
  publisher->failure = Error{ErrorKind::rejected, "too large"};
  const auto ended = run(source);
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().phase, ReplayPhase::publish);
}

TEST_F(Replay, ATimeBeforeTheFirstTransactionIsOlderThanWhatThereIs) {
  options.range.from_time = Timestamp{};
  ScriptedSource source(stop);
  source.transaction(100, 1);
  const auto ended = run(source);
  ASSERT_FALSE(ended.has_value());
  EXPECT_THAT(ended.error().error.message, HasSubstr("older than what can be replayed"));
  EXPECT_TRUE(publisher->taken.empty());
}

TEST_F(Replay, ToFollowItHandsOverOnceItHasCaughtUp) {
  options.end_when_caught_up = true;
  ScriptedSource source(stop);
  source.transaction(100, 1);
  source.reached(500);
  EXPECT_EQ(run(source).value(), ReplayEnd::caught_up);
  EXPECT_EQ(journal.next, Lsn{500});
}

TEST_F(Replay, APositionWithinATransactionSaysNothingOfIt) {
  options.range.log_end = Lsn{500};
  ScriptedSource source(stop);
  source.transaction(100, 2);
  source.drop_last(2);
  source.reached(500);
  EXPECT_EQ(run(source).value(), ReplayEnd::stopped);
  EXPECT_EQ(journal.next, Lsn{});
}

}  // namespace
}  // namespace walpulse::connector
