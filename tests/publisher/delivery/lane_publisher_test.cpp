#include "publisher/delivery/lane_publisher.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "tests/publisher/recording_sink.h"

namespace walpulse::publisher {
namespace {

using namespace std::chrono_literals;

LaneOptions without_pauses(std::size_t lane_count = 8) {
  LaneOptions options;
  options.lane_count = lane_count;
  options.backoff = {0ms, 1, 0ms};
  return options;
}

auto soon() { return std::chrono::steady_clock::now() + 60s; }

/// Tickets as they are acknowledged.
class Acknowledgements {
 public:
  Acknowledged callback() {
    return [this](std::uint64_t ticket) {
      const std::lock_guard lock(mutex_);
      tickets_.insert(ticket);
    };
  }
  std::multiset<std::uint64_t> tickets() const {
    const std::lock_guard lock(mutex_);
    return tickets_;
  }

 private:
  mutable std::mutex mutex_;
  std::multiset<std::uint64_t> tickets_;
};

bool publish(Publisher& publisher, Message one) {
  const auto taken = publisher.publish(one);
  return taken && *taken;
}

/// How many messages each request held.
std::vector<std::size_t> sizes(RecordingSink& sink) {
  std::vector<std::size_t> found;
  for (const auto& batch : sink.batches()) found.push_back(batch.size());
  return found;
}

/// One lane that waits an hour for company, where it may, and is busy until the sink is released.
std::unique_ptr<Publisher> busy_lane_with_gap(RecordingSink& sink,
                                              std::size_t pending_bytes_max = 1 << 20) {
  sink.hold();
  LaneOptions options = without_pauses(1);
  options.request_gap = 1h;
  options.pending_bytes_max = pending_bytes_max;
  auto publisher = make_lane_publisher(sink, options, [](std::uint64_t) {});
  publish(*publisher, message("0"));
  sink.wait_for_calls(1);
  return publisher;
}

TEST(LanePublisher, DeliversAndAcknowledgesEachMessageOnce) {
  RecordingSink sink;
  Acknowledgements acknowledged;
  const auto publisher = make_lane_publisher(sink, without_pauses(), acknowledged.callback());
  for (std::uint64_t i = 0; i < 500; ++i) {
    ASSERT_TRUE(publish(*publisher, message("m", std::to_string(i % 64), i)));
  }
  ASSERT_TRUE(publisher->drain(soon()));
  const auto tickets = acknowledged.tickets();
  EXPECT_EQ(tickets.size(), 500u);
  EXPECT_EQ(std::set<std::uint64_t>(tickets.begin(), tickets.end()).size(), 500u);
  const PublisherStatus status = publisher->status();
  EXPECT_EQ(status.published_count, 500u);
  EXPECT_EQ(status.pending_messages, 0u);
  EXPECT_EQ(status.pending_bytes, 0u);
  EXPECT_EQ(status.publish_latency.count(), sink.batches().size());
  EXPECT_EQ(status.trouble, "");
}

TEST(LanePublisher, LeavesAnEmptyMessageWithTheMemoryOfADeliveredOne) {
  RecordingSink sink;
  const auto publisher = make_lane_publisher(sink, without_pauses(1), [](std::uint64_t) {});
  Message one = message(std::string(1000, 'x'), "key", 7);
  one.attributes = {{"name", "value"}};
  // The lane hands memory back after it has said that it delivered: not always in time for the
  // next.
  bool has_memory = false;
  for (int i = 0; i < 10'000 && !has_memory; ++i) {
    const auto taken = publisher->publish(one);
    ASSERT_TRUE(taken && *taken);
    ASSERT_TRUE(publisher->drain(soon()));
    EXPECT_EQ(one.data, "");
    EXPECT_TRUE(one.attributes.empty());
    EXPECT_EQ(one.ordering_key, "");
    EXPECT_EQ(one.ticket, 0u);
    has_memory = one.data.capacity() >= 1000;
    if (!has_memory) one.data = std::string(1000, 'x');
  }
  EXPECT_TRUE(has_memory);
}

TEST(LanePublisher, AnIdleLaneSendsAtOnceAndBatchesFormMeanwhile) {
  RecordingSink sink;
  sink.hold();
  const auto publisher = make_lane_publisher(sink, without_pauses(1), [](std::uint64_t) {});
  publish(*publisher, message("0"));
  sink.wait_for_calls(1);
  for (int i = 1; i <= 2500; ++i) publish(*publisher, message(std::to_string(i)));
  sink.release();
  ASSERT_TRUE(publisher->drain(soon()));
  EXPECT_EQ(sizes(sink), (std::vector<std::size_t>{1, 1000, 1000, 500}));
}

Message late(int i) {
  Message one = message(std::to_string(i));
  one.can_linger = true;
  return one;
}

TEST(LanePublisher, ASmallBacklogWaitsForMoreUntilTheGapIsOverOrEnoughAreThere) {
  RecordingSink sink;
  const auto publisher = busy_lane_with_gap(sink);
  for (int i = 1; i <= 16; ++i) publish(*publisher, late(i));
  sink.release();
  while (publisher->status().published_count == 0) std::this_thread::yield();
  for (int i = 17; i <= 512; ++i) publish(*publisher, late(i));
  ASSERT_TRUE(publisher->drain(soon()));
  EXPECT_EQ(sizes(sink), (std::vector<std::size_t>{1, 512}));
}

TEST(LanePublisher, NothingWaitsForMoreThatIsNotLateAnyway) {
  RecordingSink sink;
  const auto publisher = busy_lane_with_gap(sink);
  for (int i = 1; i <= 100; ++i) publish(*publisher, message(std::to_string(i)));
  sink.release();
  ASSERT_TRUE(publisher->drain(soon()));
}

TEST(LanePublisher, NothingWaitsForMoreWhereThereIsNoRoomForMore) {
  RecordingSink sink;
  const auto publisher = busy_lane_with_gap(sink, 20 * message_bytes(late(10)));
  int count = 0;
  while (publish(*publisher, late(10 + count))) ++count;
  ASSERT_GE(count, 16);
  ASSERT_LT(count, 512);
  sink.release();
  ASSERT_TRUE(publisher->drain(soon()));
}

TEST(LanePublisher, ARequestHoldsOneOrderingKey) {
  RecordingSink sink;
  sink.hold();
  const auto publisher = make_lane_publisher(sink, without_pauses(2), [](std::uint64_t) {});
  for (int i = 0; i < 300; ++i) publish(*publisher, message("m", std::to_string(i % 10)));
  sink.release();
  ASSERT_TRUE(publisher->drain(soon()));
  for (const auto& batch : sink.batches()) {
    for (const Message& one : batch) EXPECT_EQ(one.ordering_key, batch.front().ordering_key);
  }
}

TEST(LanePublisher, OneLaneKeepsTheOrderOverAllKeysWhereTheSinkTakesThemTogether) {
  RecordingSink sink;
  sink.one_key = false;
  sink.lanes = 1;
  const auto publisher = make_lane_publisher(sink, without_pauses(8), [](std::uint64_t) {});
  for (std::uint64_t i = 0; i < 300; ++i) {
    publish(*publisher, message("m", std::to_string(i % 7), i));
  }
  ASSERT_TRUE(publisher->drain(soon()));
  std::uint64_t next = 0;
  for (const auto& batch : sink.batches()) {
    for (const Message& one : batch) EXPECT_EQ(one.ticket, next++);
  }
}

TEST(LanePublisher, TakesNoMoreThanItsBoundOfPendingBytes) {
  RecordingSink sink;
  sink.hold();
  LaneOptions options = without_pauses();
  options.pending_bytes_max = 10 * message_bytes(message(std::string(1000, 'x')));
  const auto publisher = make_lane_publisher(sink, options, [](std::uint64_t) {});
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(publish(*publisher, message(std::string(1000, 'x'))));
  }
  Message refused = message(std::string(1000, 'x'));
  EXPECT_EQ(publisher->publish(refused), false);
  EXPECT_EQ(refused.data.size(), 1000u) << "a refused message stays the caller's";
  EXPECT_EQ(publisher->status().pending_bytes, options.pending_bytes_max);
  sink.release();
  ASSERT_TRUE(publisher->drain(soon()));
  EXPECT_EQ(publisher->publish(refused), true);
}

TEST(LanePublisher, WhoeverAnAcknowledgementWakesFindsTheRoom) {
  RecordingSink sink;
  std::atomic<std::size_t> bytes_seen{1};
  std::unique_ptr<Publisher> publisher;
  publisher = make_lane_publisher(sink, without_pauses(1), [&](std::uint64_t) {
    bytes_seen = publisher->status().pending_bytes;
  });
  ASSERT_TRUE(publish(*publisher, message("m", "key", 1)));
  ASSERT_TRUE(publisher->drain(soon()));
  EXPECT_EQ(bytes_seen, 0u);
}

TEST(LanePublisher, AMessageOverTheBoundGoesOutWhenNothingElseIsPending) {
  RecordingSink sink;
  sink.hold();
  LaneOptions options = without_pauses();
  options.pending_bytes_max = 1000;
  const auto publisher = make_lane_publisher(sink, options, [](std::uint64_t) {});
  EXPECT_TRUE(publish(*publisher, message(std::string(5000, 'x'))));
  EXPECT_FALSE(publish(*publisher, message("small")));
  sink.release();
  ASSERT_TRUE(publisher->drain(soon()));
  EXPECT_TRUE(publish(*publisher, message("small")));
}

TEST(LanePublisher, RetriesEveryRetryableErrorWithTheSameBatch) {
  for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::timed_out, ErrorKind::denied}) {
    std::atomic<int> failures = 5;
    RecordingSink sink([&](const RecordingSink::Batch&) -> Result<void> {
      if (failures-- > 0) return fail(kind, "not now");
      return {};
    });
    Acknowledgements acknowledged;
    const auto publisher = make_lane_publisher(sink, without_pauses(), acknowledged.callback());
    publish(*publisher, message("m", "key", 7));
    ASSERT_TRUE(publisher->drain(soon()));
    EXPECT_EQ(sink.calls(), 6);
    EXPECT_EQ(acknowledged.tickets(), (std::multiset<std::uint64_t>{7}));
    EXPECT_EQ(publisher->status().retried_count, 5u);
    EXPECT_EQ(publisher->status().trouble, "");
  }
}

TEST(LanePublisher, SaysWhyTheSinkDoesNotTakeMessages) {
  std::atomic<bool> down = true;
  RecordingSink sink([&](const RecordingSink::Batch&) -> Result<void> {
    if (down) return fail(ErrorKind::denied, "grant roles/pubsub.publisher");
    return {};
  });
  const auto before = std::chrono::steady_clock::now();
  const auto publisher = make_lane_publisher(sink, without_pauses(), [](std::uint64_t) {});
  publish(*publisher, message("m"));
  sink.wait_for_calls(2);
  const PublisherStatus status = publisher->status();
  EXPECT_EQ(status.trouble, "grant roles/pubsub.publisher");
  EXPECT_GE(status.trouble_since, before);
  const auto drained = publisher->drain(std::chrono::steady_clock::now());
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().kind, ErrorKind::timed_out);
  EXPECT_NE(to_string(drained.error()).find("roles/pubsub.publisher"), std::string::npos);
  down = false;
  ASSERT_TRUE(publisher->drain(soon()));
  EXPECT_EQ(publisher->status().trouble, "");
}

TEST(LanePublisher, KnowsSinceWhenTheSinkAcknowledgedNothing) {
  RecordingSink sink;
  sink.hold();
  const auto publisher = make_lane_publisher(sink, without_pauses(), [](std::uint64_t) {});
  EXPECT_FALSE(publisher->status().waiting_since) << "nothing is pending";
  const auto before = std::chrono::steady_clock::now();
  publish(*publisher, message("m", "a"));
  const auto since = publisher->status().waiting_since;
  ASSERT_TRUE(since);
  EXPECT_GE(*since, before);
  publish(*publisher, message("m", "b"));
  EXPECT_EQ(publisher->status().waiting_since, since) << "another message is no answer";
  sink.release();
  ASSERT_TRUE(publisher->drain(soon()));
  EXPECT_FALSE(publisher->status().waiting_since);
}

TEST(LanePublisher, OneKeyThatFailsDoesNotHideThatTheSinkTakesOthers) {
  RecordingSink sink([](const RecordingSink::Batch& batch) -> Result<void> {
    if (batch.front().ordering_key == "bad") return fail(ErrorKind::unavailable, "not this one");
    return {};
  });
  std::atomic<int> acknowledged = 0;
  const auto publisher =
      make_lane_publisher(sink, without_pauses(), [&](std::uint64_t) { ++acknowledged; });
  publish(*publisher, message("m", "bad"));
  sink.wait_for_calls(2);  // the first one is known to have failed
  const auto since = publisher->status().waiting_since;
  ASSERT_TRUE(since);
  publish(*publisher, message("m", "good"));
  while (publisher->status().published_count == 0) std::this_thread::yield();
  EXPECT_GT(publisher->status().waiting_since, since);
  EXPECT_EQ(publisher->status().trouble, "not this one");
}

TEST(LanePublisher, AFinalErrorLatches) {
  for (const ErrorKind kind : {ErrorKind::rejected, ErrorKind::malformed}) {
    RecordingSink sink([&](const RecordingSink::Batch& batch) -> Result<void> {
      if (batch.front().data == "poison") return fail(kind, "invalid message");
      return {};
    });
    Acknowledgements acknowledged;
    const auto publisher = make_lane_publisher(sink, without_pauses(), acknowledged.callback());
    publish(*publisher, message("poison", "a", 1));
    for (int i = 0; i < 2; ++i) {
      const auto drained = publisher->drain(soon());
      ASSERT_FALSE(drained);
      EXPECT_EQ(drained.error().kind, kind);
      Message next = message("fine", "b", 2);
      const auto taken = publisher->publish(next);
      ASSERT_FALSE(taken);
      EXPECT_EQ(to_string(taken.error()), "invalid message");
    }
    EXPECT_TRUE(acknowledged.tickets().empty());
    EXPECT_EQ(sink.calls(), 1) << "what can never succeed is not tried again";
  }
}

TEST(LanePublisher, DestructionCancelsARequestThatHangs) {
  RecordingSink sink;
  sink.hold();
  Acknowledgements acknowledged;
  {
    const auto publisher = make_lane_publisher(sink, without_pauses(), acknowledged.callback());
    for (std::uint64_t i = 0; i < 100; ++i) {
      publish(*publisher, message("m", std::to_string(i), i));
    }
    sink.wait_for_calls(1);
  }
  EXPECT_TRUE(acknowledged.tickets().empty());
  EXPECT_TRUE(sink.batches().empty());
}

TEST(LanePublisher, DestructionDoesNotWaitForAPauseToEnd) {
  RecordingSink sink([](const RecordingSink::Batch&) -> Result<void> {
    return fail(ErrorKind::unavailable, "down");
  });
  LaneOptions options;
  options.backoff = {1h, 1, 1h};
  const auto publisher = make_lane_publisher(sink, options, [](std::uint64_t) {});
  publish(*publisher, message("m"));
  sink.wait_for_calls(1);
}

TEST(LanePublisher, MessagesWithoutAKeyUseEveryLane) {
  RecordingSink sink;
  sink.hold();
  const auto publisher = make_lane_publisher(sink, without_pauses(4), [](std::uint64_t) {});
  for (int i = 0; i < 4; ++i) publish(*publisher, message("m"));
  sink.wait_for_calls(4);
  sink.release();
  EXPECT_TRUE(publisher->drain(soon()));
}

RC_GTEST_PROP(LanePublisher, KeepsEachKeysOrderAndAcknowledgesOnceHoweverTheSinkFails, ()) {
  // Which calls fail, by number; whatever the threads' interleaving, some sequence of these holds.
  const auto failures = *rc::gen::container<std::vector<int>>(200, rc::gen::inRange(0, 3));
  const auto keys = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6));
  const auto lane_count = *rc::gen::inRange<std::size_t>(1, 5);
  std::size_t call = 0;  // Under the sink's lock.
  RecordingSink sink([&](const RecordingSink::Batch&) -> Result<void> {
    const std::size_t number = call++;
    if (number < failures.size() && failures[number] == 0)
      return fail(ErrorKind::unavailable, "flaky");
    return {};
  });
  sink.messages_max = *rc::gen::inRange<std::size_t>(1, 5);
  Acknowledgements acknowledged;
  std::map<std::string, std::vector<std::string>> expected;
  std::multiset<std::uint64_t> tickets;
  {
    const auto publisher =
        make_lane_publisher(sink, without_pauses(lane_count), acknowledged.callback());
    for (std::uint64_t i = 0; i < keys.size(); ++i) {
      const std::string key = "key-" + std::to_string(keys[i]);
      expected[key].push_back(std::to_string(i));
      tickets.insert(i);
      RC_ASSERT(publish(*publisher, message(std::to_string(i), key, i)));
    }
    RC_ASSERT(publisher->drain(soon()).has_value());
  }
  RC_ASSERT(sink.data_by_key() == expected);
  RC_ASSERT(acknowledged.tickets() == tickets);
}

}  // namespace
}  // namespace walpulse::publisher
