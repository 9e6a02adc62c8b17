#include "connector/capture/capture_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/connector/fake_wal_source.h"
#include "tests/connector/pgoutput_writer.h"
#include "tests/connector/recording_publisher.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using testing::begin;
using testing::commit;
using testing::insert;
using testing::relation;

/// Everything one process has, with a walsender and a sink that are played.
class Capture : public ::testing::Test {
 protected:
  Capture()
      : delivery_(
            [this](publisher::Acknowledged acknowledged) {
              auto made = std::make_unique<testing::RecordingPublisher>(std::move(acknowledged));
              publisher_ = made.get();
              return made;
            },
            wakeup_) {
    decoder::EventDecoderOptions wanted;
    wanted.source = {"mage", "mage-db"};
    wanted.epoch = 7;
    wanted.tables.emplace_back();
    wanted.tables.front().oid = Oid{testing::kTable};
    wanted.tables.front().name = {"public", "pipeline_run"};
    decoder_ = std::make_unique<decoder::EventDecoder>(wanted);
    options_.feedback.interval = 2s;
  }

  std::unique_ptr<CaptureSession> connect(HeartbeatSender* heartbeats = nullptr) {
    return std::make_unique<CaptureSession>(options_, source_, *decoder_, delivery_, board_,
                                            heartbeats, delivery_.tracker().taken(),
                                            [this] { return clock_.now; });
  }
  void transaction(Lsn commit_lsn, Lsn end, std::vector<int> ids, std::uint32_t xid = 1) {
    source_.data(begin(commit_lsn, xid));
    source_.data(relation());
    for (const int id : ids) source_.data(insert(id, "RUNNING"));
    source_.data(commit(commit_lsn, end));
  }
  void read_all(CaptureSession& session) {
    while (source_.unread() > 0) ASSERT_TRUE(session.step());
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < publisher_->taken.size(); ++i) {
      all.push_back(publisher_->attribute(i, "ce-id"));
    }
    return all;
  }
  /// A session whose first heartbeat the sink has.
  std::unique_ptr<CaptureSession> introduced(HeartbeatSender& heartbeats) {
    const std::size_t index = publisher_->taken.size();
    auto session = connect(&heartbeats);
    EXPECT_TRUE(session->step());
    publisher_->acknowledge(index);
    return session;
  }
  schema::Heartbeat heartbeat(std::size_t index) const {
    EXPECT_EQ(publisher_->attribute(index, "ce-type"), "walpulse.heartbeat");
    const auto parsed = schema::parse_heartbeat(publisher_->taken.at(index).data);
    EXPECT_TRUE(parsed) << parsed.error().message;
    return parsed.value_or(schema::Heartbeat{});
  }
  Lsn told() const { return source_.sent.empty() ? Lsn{} : source_.sent.back().flushed; }

  testing::ManualClock clock_;
  testing::FakeWalSource source_{clock_};
  Wakeup wakeup_;
  testing::RecordingPublisher* publisher_ = nullptr;
  Delivery delivery_;
  SharedStatus board_;
  std::unique_ptr<decoder::EventDecoder> decoder_;
  CaptureOptions options_;
};

TEST_F(Capture, TellsTheServerTheCommitsEndOnceItsEventsAreAcknowledged) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1, 2});
  read_all(*session);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{});
  publisher_->acknowledge_all();
  ASSERT_TRUE(session->step());
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{110});
}

TEST_F(Capture, S6GivesEveryRowOfOneStatementItsOwnId) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1, 2, 3});
  read_all(*session);
  EXPECT_THAT(ids(), ::testing::ElementsAre("mage/public.pipeline_run/7/100/0",
                                            "mage/public.pipeline_run/7/100/1",
                                            "mage/public.pipeline_run/7/100/2"));
}

TEST_F(Capture, S7DeliversInterleavedTransactionsWholeAndInCommitOrder) {
  auto session = connect();
  transaction(Lsn{200}, Lsn{210}, {2, 3}, 11);
  transaction(Lsn{300}, Lsn{310}, {1, 4}, 10);
  read_all(*session);
  EXPECT_THAT(ids(), ::testing::ElementsAre(
                         "mage/public.pipeline_run/7/200/0", "mage/public.pipeline_run/7/200/1",
                         "mage/public.pipeline_run/7/300/0", "mage/public.pipeline_run/7/300/1"));
}

TEST_F(Capture, OnlyAChangeThatIsLateAnywayMayWaitForOthers) {
  auto session = connect();
  const Timestamp committed = from_postgres_epoch(1'000'000);
  for (const auto age : {10ms, 1'000ms, 1'001ms}) {
    source_.sent_at = (committed + age).time_since_epoch();
    transaction(Lsn{100}, Lsn{110}, {1});
    read_all(*session);
  }
  EXPECT_FALSE(publisher_->taken[0].can_linger);
  EXPECT_FALSE(publisher_->taken[1].can_linger);
  EXPECT_TRUE(publisher_->taken[2].can_linger);
}

TEST_F(Capture, ATableThatItDoesNotKnowEndsTheSessionBeforeAnythingOfItIsConfirmed) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  source_.data(begin(Lsn{200}, 2));
  source_.data(relation("block_run", 99));
  source_.data(insert(7, "x", 99));
  source_.data(commit(Lsn{200}, Lsn{210}));
  while (source_.unread() > 1) {
    if (const auto done = session->step(); !done) {
      EXPECT_NE(done.error().message.find("oid 99"), std::string::npos);
      break;
    }
  }
  EXPECT_EQ(session->cause(), EndCause::newcomer);
  EXPECT_EQ(session->newcomer(), Oid{99});
  session.reset();
  publisher_->acknowledge_all();
  EXPECT_EQ(delivery_.tracker().safe().position, Lsn{110});
  EXPECT_EQ(delivery_.tracker().taken(), Lsn{110}) << "the next session reads it again";
}

TEST_F(Capture, TransactionsWithoutOurTableMoveThePositionToo) {
  options_.passed_over = {Oid{99}};
  auto session = connect();
  source_.data(begin(Lsn{100}, 1));
  source_.data(relation("block_run", 99));
  source_.data(insert(1, "x", 99));
  source_.data(commit(Lsn{100}, Lsn{110}));
  read_all(*session);
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{110});
  EXPECT_TRUE(publisher_->taken.empty());
}

TEST_F(Capture, S2AKeepaliveMovesThePositionOnlyWhenNothingIsInFlight) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  source_.keepalive(Lsn{900}, true);
  read_all(*session);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{});
  publisher_->acknowledge_all();
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{900}) << "nothing came after it";
}

TEST_F(Capture, S2AKeepaliveBeforeAnotherTransactionIsForgotten) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  source_.keepalive(Lsn{900});
  source_.data(begin(Lsn{950}, 2));
  read_all(*session);
  publisher_->acknowledge_all();
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{110});
}

TEST_F(Capture, AKeepaliveIsCurrentOnlyWhereTheCatalogsEndOfWalIsKnown) {
  auto session = connect();
  source_.keepalive(Lsn{900}, true);
  read_all(*session);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{900});
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(board_.read().stream.confirmed_at, Timestamp{}) << "the catalog has not answered yet";
  board_.update([](ConnectorStatus& status) { status.slot.server_end = Lsn{900}; });
  source_.keepalive(Lsn{900}, true);
  read_all(*session);
  ASSERT_TRUE(session->step());
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_NE(board_.read().stream.confirmed_at, Timestamp{});
}

TEST_F(Capture, UntilSomethingIsSafeTheSlotsOwnPositionStandsAsConfirmed) {
  board_.update([](ConnectorStatus& status) { status.stream.confirmed = Lsn{50}; });
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  source_.keepalive(Lsn{120}, true);
  read_all(*session);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(session->step());
  ASSERT_FALSE(source_.sent.empty());
  EXPECT_EQ(told(), Lsn{});
  EXPECT_EQ(board_.read().stream.confirmed, Lsn{50});
  publisher_->acknowledge_all();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(session->step());
  EXPECT_GT(board_.read().stream.confirmed, Lsn{50});
}

TEST_F(Capture, AFullPublisherStopsReadingButTheServerIsAnswered) {
  auto session = connect();
  publisher_->room = 1;
  transaction(Lsn{100}, Lsn{110}, {1, 2, 3});
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(session->step());
  EXPECT_EQ(publisher_->taken.size(), 1u);
  EXPECT_EQ(source_.unread(), 2u) << "the third row and the commit stay in the socket";
  EXPECT_GT(source_.hold_count, 0);
  ASSERT_GE(source_.sent_instants.size(), 3u);
  for (std::size_t i = 1; i < source_.sent_instants.size(); ++i) {
    EXPECT_LE(source_.sent_instants[i] - source_.sent_instants[i - 1], 2s);
  }
  EXPECT_TRUE(board_.read().stream.held);
  publisher_->room = 10;
  read_all(*session);
  EXPECT_EQ(publisher_->taken.size(), 3u);
  EXPECT_EQ(publisher_->attribute(1, "ce-id"), "mage/public.pipeline_run/7/100/1");
}

TEST_F(Capture, AReconnectAbandonsTheOpenTransactionAndRepeatsNothingElse) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  source_.data(begin(Lsn{200}, 2));
  source_.data(insert(2, "RUNNING"));
  source_.breaks({ErrorKind::unavailable, "connection lost"});
  while (source_.unread() > 1) ASSERT_TRUE(session->step());
  EXPECT_FALSE(session->run({}));
  session.reset();
  EXPECT_EQ(delivery_.tracker().taken(), Lsn{110}) << "where the next session starts";

  session = connect();
  publisher_->acknowledge_all();  // also the abandoned transaction's first message
  transaction(Lsn{200}, Lsn{210}, {2, 3});
  read_all(*session);
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{110});
  publisher_->acknowledge_all();
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{210});
  EXPECT_THAT(ids(), ::testing::ElementsAre(
                         "mage/public.pipeline_run/7/100/0", "mage/public.pipeline_run/7/200/0",
                         "mage/public.pipeline_run/7/200/0", "mage/public.pipeline_run/7/200/1"));
}

TEST_F(Capture, WhatTheNextSessionAcknowledgesMayBeConfirmedAtOnce) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  read_all(*session);
  session = connect();
  publisher_->acknowledge_all();
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{110});
}

TEST_F(Capture, StopsLoudlyWhenAMessageCanNeverBeDelivered) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  read_all(*session);
  publisher_->failure = Error{ErrorKind::rejected, "HTTP 400"};
  clock_.advance(1s);
  EXPECT_FALSE(session->step()) << "though nothing follows the message";
  EXPECT_EQ(session->cause(), EndCause::publisher);
}

TEST_F(Capture, EndsByItselfWhenNobodyWantsMore) {
  SessionEnvironment environment;
  environment.nobody_reads = true;
  options_.watchdog.poll_environment = [=] { return environment; };
  auto session = connect();
  EXPECT_TRUE(session->run({}));
}

TEST_F(Capture, S15MalformedBytesEndTheSessionAndConfirmNothing) {
  auto session = connect();
  source_.data(begin(Lsn{100}, 1));
  source_.data("I broken");
  source_.data(commit(Lsn{100}, Lsn{110}));
  const auto ended = session->run({});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::malformed);
  EXPECT_EQ(session->cause(), EndCause::stream);
  EXPECT_EQ(told(), Lsn{});
}

TEST_F(Capture, S23ADrainReadsNothingMoreAndTellsTheFinalPosition) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1, 2});
  source_.data(begin(Lsn{200}, 2));
  source_.data(insert(3, "RUNNING"));
  read_all(*session);
  source_.data(insert(4, "RUNNING"));
  source_.on_hold = [this] {
    if (source_.hold_count == 3) publisher_->acknowledge_all();
  };
  ASSERT_TRUE(session->drain(clock_.now + 60s));
  EXPECT_EQ(source_.unread(), 1u);
  EXPECT_EQ(told(), Lsn{110});
  EXPECT_EQ(session->confirmed(), Lsn{110});
}

TEST_F(Capture, ADrainEndsAtItsDeadlineAndConfirmsOnlyWhatIsAcknowledged) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  transaction(Lsn{200}, Lsn{210}, {2});
  read_all(*session);
  publisher_->acknowledge(0);
  const auto drained = session->drain(clock_.now + 8s);
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().kind, ErrorKind::timed_out);
  EXPECT_EQ(told(), Lsn{110});
}

TEST_F(Capture, ADrainSaysWhenAMessageCanNeverBeDelivered) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  read_all(*session);
  publisher_->failure = Error{ErrorKind::rejected, "HTTP 400"};
  clock_.advance(1s);
  const auto drained = session->drain(clock_.now + 8s);
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().kind, ErrorKind::rejected);
  EXPECT_EQ(session->cause(), EndCause::publisher);
}

TEST_F(Capture, S12ASinkThatTakesNothingForLongEndsTheSessionToBeParked) {
  options_.watchdog.park_after = 30s;
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  read_all(*session);
  publisher_->trouble.trouble = "HTTP 503";
  publisher_->trouble.waiting_since = clock_.now;
  while (clock_.now < *publisher_->trouble.waiting_since + 29s) ASSERT_TRUE(session->step());
  Result<void> ended;
  for (int i = 0; i < 100 && ended; ++i) ended = session->step();
  ASSERT_FALSE(ended);
  EXPECT_EQ(session->cause(), EndCause::sink);
  EXPECT_NE(ended.error().message.find("HTTP 503"), std::string::npos);
  EXPECT_EQ(told(), Lsn{}) << "the slot holds everything";
}

TEST_F(Capture, S30AServerThatLeavesIsLetGoThoughMessagesAreInFlight) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  read_all(*session);
  SessionEnvironment environment;
  environment.server_leaves = "the system is shutting down";
  options_.watchdog.poll_environment = [=] { return environment; };
  session.reset();
  session = connect();
  const auto ended = session->run({});
  ASSERT_FALSE(ended);
  EXPECT_EQ(session->cause(), EndCause::server);
  EXPECT_EQ(told(), Lsn{});
  EXPECT_EQ(delivery_.tracker().taken(), Lsn{110}) << "what is in flight need not come again";
}

TEST_F(Capture, S20AfterADriftTheLogsRestIsDeliveredAndConfirmedAndNothingBeyond) {
  SessionEnvironment environment;
  options_.watchdog.poll_environment = [&] { return environment; };
  auto session = connect();
  ASSERT_TRUE(session->step());
  environment.drift = PublicationDrift{"the publication was altered", Lsn{300}};
  clock_.advance(1s);
  transaction(Lsn{100}, Lsn{110}, {1});
  source_.keepalive(Lsn{250});
  transaction(Lsn{260}, Lsn{280}, {2});
  source_.keepalive(Lsn{400});
  transaction(Lsn{500}, Lsn{510}, {3});
  source_.on_hold = [this] { publisher_->acknowledge_all(); };
  const auto ended = session->run({});
  ASSERT_FALSE(ended);
  EXPECT_EQ(session->cause(), EndCause::drift);
  EXPECT_NE(ended.error().message.find("the publication was altered"), std::string::npos);
  EXPECT_EQ(told(), Lsn{280}) << "no keepalive was adopted";
  EXPECT_EQ(publisher_->taken.size(), 2u);
  EXPECT_EQ(board_.read().stream.problem, "the publication was altered");
}

TEST_F(Capture, S20ATransactionThatCommitsAfterADriftIsNotConfirmed) {
  SessionEnvironment environment;
  environment.drift = PublicationDrift{"the table was made anew", Lsn{300}};
  options_.watchdog.poll_environment = [=] { return environment; };
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  transaction(Lsn{500}, Lsn{510}, {2});
  source_.on_hold = [this] { publisher_->acknowledge_all(); };
  const auto ended = session->run({});
  ASSERT_FALSE(ended);
  EXPECT_EQ(session->cause(), EndCause::drift);
  EXPECT_EQ(told(), Lsn{110});
}

TEST_F(Capture, S20AnotherTableUnderTheNameEndsItBeforeItsTransaction) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  source_.data(begin(Lsn{200}, 2));
  source_.data(relation("pr2"));
  source_.data(insert(2, "RUNNING"));
  source_.data(relation("pipeline_run", 99));
  source_.data(insert(3, "RUNNING", 99));
  source_.data(commit(Lsn{200}, Lsn{210}));
  source_.keepalive(Lsn{900});
  source_.on_hold = [this] { publisher_->acknowledge_all(); };
  const auto ended = session->run({});
  ASSERT_FALSE(ended);
  EXPECT_EQ(session->cause(), EndCause::drift);
  EXPECT_NE(ended.error().message.find("oid 99"), std::string::npos) << ended.error().message;
  EXPECT_EQ(told(), Lsn{110});
  EXPECT_EQ(source_.unread(), 2u) << "nothing more is read";
}

TEST_F(Capture, S20OfTwoDriftsTheEarlierOneIsTheEnd) {
  SessionEnvironment environment;
  environment.drift = PublicationDrift{"the table was made anew", Lsn{800}};
  options_.watchdog.poll_environment = [=] { return environment; };
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  source_.data(begin(Lsn{200}, 2));
  source_.data(relation("pipeline_run", 99));
  source_.data(insert(3, "RUNNING", 99));
  source_.on_hold = [this] { publisher_->acknowledge_all(); };
  ASSERT_FALSE(session->run({}));
  EXPECT_EQ(told(), Lsn{110});
}

TEST_F(Capture, AChangedKeyIsTwoMessagesOfOneChange) {
  auto session = connect();
  source_.data(begin(Lsn{100}, 1));
  source_.data(relation());
  source_.data(insert(1, "INITIAL"));
  source_.data(testing::change_key(1, 1000, "RUNNING"));
  source_.data(insert(5, "INITIAL"));
  source_.data(commit(Lsn{100}, Lsn{110}));
  read_all(*session);
  EXPECT_THAT(ids(), ::testing::ElementsAre(
                         "mage/public.pipeline_run/7/100/0", "mage/public.pipeline_run/7/100/1d",
                         "mage/public.pipeline_run/7/100/1", "mage/public.pipeline_run/7/100/2"));
  EXPECT_EQ(publisher_->attribute(1, "op"), "d");
  EXPECT_EQ(publisher_->attribute(1, "ce-subject"), "public.pipeline_run/1");
  EXPECT_EQ(publisher_->attribute(2, "op"), "c");
  EXPECT_EQ(publisher_->attribute(2, "ce-subject"), "public.pipeline_run/1000");
  for (const std::size_t index : {0u, 1u, 3u}) publisher_->acknowledge(index);
  clock_.advance(3s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{}) << "half a change is not delivered";
  publisher_->acknowledge(2);
  clock_.advance(3s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(told(), Lsn{110});
}

TEST_F(Capture, BothMessagesOfAChangedKeyWaitForAFullPublisher) {
  auto session = connect();
  publisher_->room = 0;
  source_.data(begin(Lsn{100}, 1));
  source_.data(relation());
  source_.data(testing::change_key(1, 1000, "RUNNING"));
  source_.data(commit(Lsn{100}, Lsn{110}));
  source_.on_hold = [this] {
    publisher_->room = 1;
    publisher_->acknowledge_all();
  };
  read_all(*session);
  EXPECT_THAT(ids(), ::testing::ElementsAre("mage/public.pipeline_run/7/100/0d",
                                            "mage/public.pipeline_run/7/100/0"));
}

TEST_F(Capture, EveryRelationMessageIsReported) {
  int count = 0;
  options_.relation_came = [&] { ++count; };
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1, 2});
  transaction(Lsn{200}, Lsn{210}, {3});
  read_all(*session);
  EXPECT_EQ(count, 2);
}

TEST_F(Capture, S24AWalsenderThatAnswersWithTheSamePositionIsSilentUntilItGetsOn) {
  auto session = connect();
  for (int i = 0; i < 40; ++i) {
    source_.keepalive(Lsn{900});
    ASSERT_TRUE(session->step());
    clock_.advance(500ms);
  }
  EXPECT_TRUE(board_.read().stream.silent);
  EXPECT_GE(board_.read().stream.progress_at, clock_.now - 2s) << "it is alive";
  source_.keepalive(Lsn{901});
  ASSERT_TRUE(session->step());
  clock_.advance(1s);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(session->step());
  EXPECT_FALSE(board_.read().stream.silent);
}

TEST_F(Capture, SendsHeartbeatsThatBelongToNoTransaction) {
  board_.update([](ConnectorStatus& status) {
    status.instance = {"mage", "public.pipeline_run", 7, "host-1", Timestamp{}};
  });
  HeartbeatSender heartbeats(10s);
  auto session = connect(&heartbeats);
  ASSERT_TRUE(session->step());
  ASSERT_EQ(publisher_->taken.size(), 1u);
  EXPECT_EQ(publisher_->attribute(0, "ce-type"), "walpulse.heartbeat");
  EXPECT_TRUE(delivery_.tracker().idle());
  for (int i = 0; i < 15; ++i) ASSERT_TRUE(session->step());
  ASSERT_GE(publisher_->taken.size(), 2u);
  EXPECT_EQ(publisher_->taken[1].ticket, AckTracker::kNoTicket);
  EXPECT_EQ(heartbeat(1).sequence, 2u);
}

TEST_F(Capture, AHeartbeatComesBeforeTheFirstEventOfEachSessionHoweverRareTheyAre) {
  HeartbeatSender heartbeats(10min);
  for (std::uint64_t session_number = 1; session_number <= 3; ++session_number) {
    const std::size_t before = publisher_->taken.size();
    auto session = connect(&heartbeats);
    const auto commit_at = session_number * 100;
    transaction(Lsn{commit_at}, Lsn{commit_at + 10}, {1});
    source_.on_hold = [this] { publisher_->acknowledge_all(); };
    read_all(*session);
    ASSERT_EQ(publisher_->taken.size(), before + 2);
    EXPECT_EQ(heartbeat(before).session, session_number);
    EXPECT_EQ(heartbeat(before).sequence, session_number);
    EXPECT_EQ(publisher_->attribute(before + 1, "ce-type"), "walpulse.change");
  }
}

TEST_F(Capture, NothingIsReadUntilTheSinkHasTheFirstHeartbeat) {
  HeartbeatSender heartbeats(10s);
  auto session = connect(&heartbeats);
  publisher_->room = 0;
  transaction(Lsn{100}, Lsn{110}, {1});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(session->step());
  EXPECT_TRUE(publisher_->taken.empty()) << "the publisher is full";
  publisher_->room = 10;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(session->step());
  EXPECT_EQ(source_.unread(), 4u) << "it is not acknowledged";
  EXPECT_EQ(heartbeat(0).sequence, 1u);
  EXPECT_GT(publisher_->taken.size(), 1u) << "the next ones come nevertheless";
  EXPECT_GT(source_.sent.size(), 2u) << "the server is answered";
  EXPECT_TRUE(board_.read().stream.held);
  publisher_->acknowledge(0);
  read_all(*session);
  EXPECT_EQ(publisher_->attribute(publisher_->taken.size() - 1, "ce-type"), "walpulse.change");
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_FALSE(board_.read().stream.held);
}

TEST_F(Capture, AStayGoesFromTheEndOfWalToTheGreatestCommitThatTheSinkTook) {
  HeartbeatSender heartbeats(1s);
  options_.held_from = Lsn{150};
  auto session = introduced(heartbeats);
  transaction(Lsn{100}, Lsn{110}, {1});
  transaction(Lsn{200}, Lsn{210}, {2, 3});
  read_all(*session);
  EXPECT_EQ(heartbeat(0).held_from, Lsn{150});
  EXPECT_EQ(heartbeat(0).published, Lsn{});
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(heartbeat(publisher_->taken.size() - 1).published, Lsn{}) << "nothing is acknowledged";
  publisher_->acknowledge_all();
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  EXPECT_EQ(heartbeat(publisher_->taken.size() - 1).published, Lsn{200});
}

TEST_F(Capture, WhatAnEarlierStayTookIsNotPublishedInTheNext) {
  HeartbeatSender heartbeats(1s);
  options_.held_from = Lsn{50};
  auto session = introduced(heartbeats);
  transaction(Lsn{100}, Lsn{110}, {1});
  read_all(*session);
  session.reset();
  options_.held_from = Lsn{120};
  session = introduced(heartbeats);
  publisher_->acknowledge_all();
  clock_.advance(1s);
  ASSERT_TRUE(session->step());
  const auto last = heartbeat(publisher_->taken.size() - 1);
  EXPECT_EQ(last.session, 2u);
  EXPECT_EQ(last.held_from, Lsn{120});
  EXPECT_EQ(last.published, Lsn{});
}

TEST_F(Capture, TheLastHeartbeatOfADrainSaysHowFarTheStayWent) {
  HeartbeatSender heartbeats(10min);
  auto session = introduced(heartbeats);
  transaction(Lsn{100}, Lsn{110}, {1});
  read_all(*session);
  source_.on_hold = [this] { publisher_->acknowledge_all(); };
  ASSERT_TRUE(session->drain(clock_.now + 8s));
  ASSERT_EQ(publisher_->taken.size(), 4u);
  EXPECT_EQ(heartbeat(2).published, Lsn{}) << "the drain began";
  EXPECT_EQ(heartbeat(3).published, Lsn{100});
  EXPECT_EQ(heartbeat(3).state, schema::Heartbeat::State::stopping);
  EXPECT_EQ(heartbeat(3).confirmed, Lsn{110});
}

TEST_F(Capture, TheLastHeartbeatBeforeADriftSaysHowFarTheStayWent) {
  HeartbeatSender heartbeats(10min);
  SessionEnvironment environment;
  options_.watchdog.poll_environment = [&] { return environment; };
  auto session = introduced(heartbeats);
  environment.drift = PublicationDrift{"the publication was altered", Lsn{300}};
  clock_.advance(1s);
  transaction(Lsn{260}, Lsn{270}, {1});
  source_.keepalive(Lsn{350});
  source_.on_hold = [this] { publisher_->acknowledge_all(); };
  ASSERT_FALSE(session->run({}));
  EXPECT_EQ(session->cause(), EndCause::drift);
  const auto told = heartbeat(publisher_->taken.size() - 1);
  EXPECT_EQ(told.published, Lsn{260});
  EXPECT_EQ(told.confirmed, Lsn{270});
}

TEST_F(Capture, ANewHistoryForgetsWhatWasInFlight) {
  auto session = connect();
  transaction(Lsn{100}, Lsn{110}, {1});
  read_all(*session);
  session.reset();
  delivery_.discard();
  EXPECT_EQ(delivery_.tracker().taken(), Lsn{});
  EXPECT_TRUE(delivery_.tracker().idle());
}

}  // namespace
}  // namespace walpulse::connector
