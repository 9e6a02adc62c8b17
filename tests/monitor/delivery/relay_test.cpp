#include "monitor/delivery/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using State = Delivery::State;
using Verdict = Answer::Verdict;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Timestamp kNow = Timestamp(std::chrono::hours(500'000));

/// Deliveries as the ledger keeps them, with the promises of Outbox.
class KeptOutbox : public FakeLedger {
 public:
  Result<std::vector<Delivery>> claim(std::span<const ChannelRoom> rooms, Timestamp now,
                                      std::chrono::milliseconds hold) override {
    const std::lock_guard lock(mutex_);
    if (fails) return fail(ErrorKind::unavailable, "the ledger is down");
    std::vector<Delivery> claimed;
    for (const ChannelRoom& room : rooms) {
      std::set<std::string> subjects;
      std::size_t left = room.count;
      for (auto& [id, each] : deliveries) {
        if (each.state != State::waiting || each.channel != room.channel) continue;
        if (!subjects.insert(each.subject).second || each.due > now || left == 0) continue;
        --left;
        ++each.attempts;
        each.due = now + hold;
        claimed.push_back(each);
      }
      most = std::max(most, room.count - left);
    }
    return claimed;
  }
  Result<void> finish(const Delivery& claimed, const Attempted& attempted) override {
    const std::lock_guard lock(mutex_);
    if (refused_finishes > 0) {
      --refused_finishes;
      return fail(ErrorKind::unavailable, "the ledger is down");
    }
    Delivery& kept = deliveries.at(claimed.id);
    kept.state = attempted.state;
    kept.due = attempted.due;
    kept.ended = attempted.ended;
    kept.answer = attempted.answer;
    if (!attempted.counts) --kept.attempts;
    changed_.notify_all();
    return {};
  }
  Result<std::vector<DeliveryCount>> delivery_counts() override {
    const std::lock_guard lock(mutex_);
    std::map<std::string, DeliveryCount> counts;
    for (const auto& [id, each] : deliveries)
      if (each.state == State::waiting) counts[each.channel].channel = each.channel;
    std::vector<DeliveryCount> found;
    for (const auto& [name, count] : counts) found.push_back(count);
    return found;
  }

  std::int64_t put(const std::string& channel, const std::string& subject) {
    const std::lock_guard lock(mutex_);
    Delivery delivery;
    delivery.id = std::int64_t(deliveries.size()) + 1;
    delivery.channel = channel;
    delivery.subject = subject;
    delivery.content = std::to_string(delivery.id);
    delivery.key = "key " + delivery.content;
    delivery.created = delivery.due = kNow;
    deliveries[delivery.id] = delivery;
    return delivery.id;
  }
  /// Waits for what must come to pass.
  template <class Done>
  void wait(const Done& done) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, 60s, [&] { return done(deliveries); }));
  }
  Delivery find(std::int64_t id) {
    const std::lock_guard lock(mutex_);
    return deliveries.at(id);
  }

  Result<bool> forget(Timestamp, std::size_t) override {
    if (to_forget > 0) --to_forget;
    return to_forget == 0;
  }

  std::atomic<int> to_forget = 0;  ///< Transactions that it takes.
  bool fails = false;
  int refused_finishes = 0;
  std::size_t most = 0;  ///< Claimed of one channel at once.

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Delivery> deliveries;
};

class FakeChannel : public Channel {
 public:
  using Reply = std::function<Answer(const Outgoing&, std::stop_token)>;
  explicit FakeChannel(Reply reply = {}) : reply_(std::move(reply)) {}
  Answer send(const Outgoing& outgoing, std::chrono::milliseconds, std::stop_token stop) override {
    {
      const std::lock_guard lock(mutex_);
      sent_.push_back(outgoing);
      changed_.notify_all();
    }
    return reply_ ? reply_(outgoing, std::move(stop)) : Answer{Verdict::taken, {}, "ok"};
  }
  std::vector<std::string> sent() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> contents;
    for (const Outgoing& each : sent_) contents.push_back(each.content);
    return contents;
  }
  std::vector<std::string> keys() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> keys;
    for (const Outgoing& each : sent_) keys.push_back(each.key);
    return keys;
  }
  void wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, 60s, [&] { return sent_.size() >= count; }));
  }

 private:
  const Reply reply_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Outgoing> sent_;
};

/// Nothing comes before the call is cut short.
Answer hang(const Outgoing&, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
  return {Verdict::again, {}, "stopped"};
}

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() {
    options.now = [] { return kNow; };
    options.draw = [] { return 0.0; };
    options.rest = 1ms;
    options.rare_rest = 1ms;
  }
  std::shared_ptr<FakeChannel> channel(const std::string& name, FakeChannel::Reply reply = {}) {
    auto made = std::make_shared<FakeChannel>(std::move(reply));
    channels.push_back({name, made, 0ms});
    return made;
  }
  std::unique_ptr<Relay> start() {
    return std::make_unique<Relay>(
        outbox,
        [this] {
          const std::lock_guard lock(mutex);
          return channels;
        },
        options);
  }
  static auto all_sent() {
    return [](const auto& deliveries) {
      return std::ranges::all_of(deliveries,
                                 [](const auto& each) { return each.second.state == State::sent; });
    };
  }

  KeptOutbox outbox;
  RelayOptions options;
  std::mutex mutex;
  std::vector<ChannelInForce> channels;
};

TEST_F(RelayTest, SendsWhatIsDueInTheOrderOfEachSubject) {
  const auto sink = channel("a");
  for (int i = 0; i < 40; ++i) outbox.put("a", i % 2 == 0 ? "x" : "y");
  const auto relay = start();
  outbox.wait(all_sent());
  std::vector<int> even, odd;
  for (const std::string& content : sink->sent())
    (std::stoi(content) % 2 == 0 ? even : odd).push_back(std::stoi(content));
  EXPECT_EQ(even.size(), 20u);
  EXPECT_TRUE(std::ranges::is_sorted(even));
  EXPECT_TRUE(std::ranges::is_sorted(odd));
  EXPECT_LE(outbox.most, options.claimed_max);
}

TEST_F(RelayTest, AChannelThatHangsHoldsUpNoOther) {
  const auto stuck = channel("stuck", hang);
  const auto sink = channel("a");
  const auto hangs = outbox.put("stuck", "x");
  auto relay = start();
  stuck->wait(1);
  const auto id = outbox.put("a", "x");
  outbox.wait([&](const auto& all) { return all.at(id).state == State::sent; });
  relay.reset();  // cuts the call short
  EXPECT_EQ(outbox.find(hangs).state, State::waiting);
  EXPECT_EQ(outbox.find(hangs).due, kNow);
  EXPECT_EQ(outbox.find(hangs).attempts, 1u);
}

TEST_F(RelayTest, EveryAttemptCarriesTheSameKey) {
  int calls = 0;
  const auto sink = channel("a", [&](const Outgoing&, const std::stop_token&) {
    return ++calls < 5 ? Answer{Verdict::again, {}, "HTTP 503"} : Answer{Verdict::taken, {}, "ok"};
  });
  const auto id = outbox.put("a", "x");
  const auto relay = start();
  outbox.wait(all_sent());
  EXPECT_EQ(outbox.find(id).attempts, 5u);
  EXPECT_THAT(sink->keys(), ElementsAre("key 1", "key 1", "key 1", "key 1", "key 1"));
}

TEST_F(RelayTest, OneThatFailsHoldsUpItsSubjectAlone) {
  std::atomic<bool> mended = false;
  const auto sink = channel("a", [&](const Outgoing& outgoing, const std::stop_token&) {
    const bool fails = outgoing.target == "x" && !mended;
    return fails ? Answer{Verdict::again, {}, "HTTP 500"} : Answer{Verdict::taken, {}, "ok"};
  });
  const auto first = outbox.put("a", "x"), second = outbox.put("a", "x"),
             other = outbox.put("a", "y");
  const auto relay = start();
  outbox.wait([&](const auto& all) {
    return all.at(other).state == State::sent && all.at(first).attempts > 2;
  });
  EXPECT_EQ(outbox.find(second).attempts, 0u);
  mended = true;
  outbox.wait(all_sent());
}

TEST_F(RelayTest, WhatWillNeverBeTakenIsGivenUpAndTheNextIsSent) {
  const auto sink = channel("a", [](const Outgoing& outgoing, const std::stop_token&) {
    return outgoing.content == "1" ? Answer{Verdict::never, {}, "HTTP 404"}
                                   : Answer{Verdict::taken, {}, "ok"};
  });
  const auto first = outbox.put("a", "x"), second = outbox.put("a", "x");
  const auto relay = start();
  outbox.wait([&](const auto& all) { return all.at(second).state == State::sent; });
  EXPECT_EQ(outbox.find(first).state, State::given_up);
  EXPECT_EQ(outbox.find(first).answer, "HTTP 404");
}

TEST_F(RelayTest, WhatCannotBeWrittenDownIsWrittenDownLater) {
  const auto sink = channel("a");
  outbox.refused_finishes = 1;
  const auto id = outbox.put("a", "x");
  const auto relay = start();
  outbox.wait(all_sent());
  EXPECT_EQ(outbox.find(id).attempts, 1u);
  EXPECT_THAT(sink->sent(), ElementsAre("1"));
}

TEST_F(RelayTest, AClaimThatIsHalfOverBeginsNoCall) {
  options.hold = 0ms;  // at once
  const auto sink = channel("a");
  const auto first = outbox.put("a", "x");
  auto relay = start();
  outbox.wait([&](const auto& all) { return outbox.most > 0 && all.at(first).attempts == 0; });
  relay.reset();
  EXPECT_EQ(outbox.find(first).state, State::waiting);
  EXPECT_THAT(sink->sent(), IsEmpty());
}

TEST_F(RelayTest, AChannelThatTheRulesDoNotHaveIsSaid) {
  channel("a");
  const auto id = outbox.put("gone", "x");
  const auto relay = start();
  outbox.wait([&](const auto& all) {
    return all.at(id).answer == "the rules have no channel gone" && all.at(id).attempts > 1;
  });
  EXPECT_EQ(outbox.find(id).state, State::waiting);
}

TEST_F(RelayTest, AChangedChannelTakesThePlaceOfTheOneBeforeWhichEndsItsCall) {
  std::promise<void> answers;
  std::shared_future<void> answered = answers.get_future().share();
  const auto slow = channel("a", [answered](const Outgoing&, const std::stop_token&) {
    answered.wait();
    return Answer{Verdict::taken, {}, "ok"};
  });
  channels[0].pace = 1ms;  // one call at a time
  const auto begun = outbox.put("a", "x"), other = outbox.put("a", "y");
  const auto relay = start();
  slow->wait(1);
  const auto mended = std::make_shared<FakeChannel>();
  {
    const std::lock_guard lock(mutex);
    channels[0].channel = mended;
  }
  const auto next = outbox.put("a", "z");
  outbox.wait([&](const auto& all) { return all.at(next).state == State::sent; });
  EXPECT_EQ(outbox.find(begun).state, State::waiting);
  answers.set_value();
  outbox.wait(all_sent());
  EXPECT_EQ(outbox.find(begun).attempts, 1u) << "it is not cut, and not sent again";
  EXPECT_EQ(outbox.find(other).attempts, 1u);
  EXPECT_THAT(slow->sent(), ElementsAre(std::to_string(begun)));
}

TEST_F(RelayTest, AChannelThatIsTakenAwayEndsItsCall) {
  std::promise<void> answers;
  std::shared_future<void> answered = answers.get_future().share();
  const auto slow = channel("a", [answered](const Outgoing&, const std::stop_token&) {
    answered.wait();
    return Answer{Verdict::taken, {}, "ok"};
  });
  const auto sink = channel("b");
  const auto begun = outbox.put("a", "x");
  const auto relay = start();
  slow->wait(1);
  {
    const std::lock_guard lock(mutex);
    channels.erase(channels.begin());
  }
  const auto next = outbox.put("b", "x");
  outbox.wait([&](const auto& all) { return all.at(next).state == State::sent; });
  answers.set_value();
  outbox.wait([&](const auto& all) { return all.at(begun).state == State::sent; });
  EXPECT_EQ(outbox.find(begun).attempts, 1u);
}

TEST_F(RelayTest, ADeadSubjectHoldsUpNoOtherOfItsChannel) {
  const auto sink = channel("a", [](const Outgoing& outgoing, const std::stop_token& stop) {
    return outgoing.target == "dead" ? hang(outgoing, stop) : Answer{Verdict::taken, {}, "ok"};
  });
  const auto dead = outbox.put("a", "dead"), behind = outbox.put("a", "dead");
  const auto relay = start();
  sink->wait(1);
  for (int i = 0; i < 40; ++i) outbox.put("a", i % 2 == 0 ? "x" : "y");
  outbox.wait([&](const auto& all) {
    return std::ranges::all_of(all, [&](const auto& each) {
      return each.first <= behind || each.second.state == State::sent;
    });
  });
  EXPECT_EQ(outbox.find(dead).attempts, 1u);
  EXPECT_EQ(outbox.find(behind).attempts, 0u);
}

TEST_F(RelayTest, AChannelWithAPaceHasOneCallAtATime) {
  std::atomic<int> calls = 0, most = 0;
  const auto sink = channel("a", [&](const Outgoing&, const std::stop_token&) {
    most = std::max(most.load(), ++calls);
    std::this_thread::yield();
    --calls;
    return Answer{Verdict::taken, {}, "ok"};
  });
  channels[0].pace = 1ms;
  for (int i = 0; i < 20; ++i) outbox.put("a", std::to_string(i));
  const auto relay = start();
  outbox.wait(all_sent());
  EXPECT_EQ(most, 1);
}

TEST_F(RelayTest, ForgetsUntilNothingIsLeftToForget) {
  options.rare_rest = 1h;
  outbox.to_forget = 3;
  channel("a");
  const auto relay = start();
  while (outbox.to_forget > 0) std::this_thread::yield();
  const auto id = outbox.put("a", "x");
  outbox.wait([&](const auto& all) { return all.at(id).state == State::sent; });
  EXPECT_EQ(outbox.to_forget, 0);
}

/// What a receiver that answers after 50 ms is sent in a second: printed, and judged by people.
TEST_F(RelayTest, SpeedToAReceiverThatAnswersAfter50Milliseconds) {
  options.rest = 500ms;
  options.rare_rest = 1min;
  const auto sink = channel("a", [](const Outgoing&, const std::stop_token&) {
    std::this_thread::sleep_for(50ms);
    return Answer{Verdict::taken, {}, "ok"};
  });
  constexpr int kCount = 40;
  for (int i = 0; i < kCount; ++i) outbox.put("a", std::to_string(i));
  const auto begin = std::chrono::steady_clock::now();
  const auto relay = start();
  outbox.wait(all_sent());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.0f deliveries a second\n", kCount / took.count());
}

TEST_F(RelayTest, SaysThatTheLedgerIsDown) {
  outbox.fails = true;
  channel("a");
  const auto relay = start();
  while (relay->health().empty()) std::this_thread::yield();
  EXPECT_EQ(relay->health(), "deliveries cannot be sent: the ledger is down");
}

}  // namespace
}  // namespace walpulse::monitor
