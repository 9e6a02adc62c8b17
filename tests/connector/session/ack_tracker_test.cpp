#include "connector/session/ack_tracker.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace walpulse::connector {
namespace {

ReachedPosition at(std::uint64_t position) {
  return {Lsn{position}, Timestamp{std::chrono::microseconds{position}}};
}

TEST(AckTracker, ConfirmsATransactionWhenItsLastMessageIsAcknowledged) {
  AckTracker tracker;
  tracker.begin();
  const auto first = tracker.take();
  const auto second = tracker.take();
  tracker.commit(at(100));
  EXPECT_FALSE(tracker.acknowledge(first));
  EXPECT_EQ(tracker.safe().position, Lsn{});
  EXPECT_TRUE(tracker.acknowledge(second));
  EXPECT_EQ(tracker.safe(), at(100));
}

TEST(AckTracker, HoldsBackUntilTheOlderTransactionIsAcknowledged) {
  AckTracker tracker;
  tracker.begin();
  const auto older = tracker.take();
  tracker.commit(at(100));
  tracker.begin();
  const auto newer = tracker.take();
  tracker.commit(at(200));
  EXPECT_FALSE(tracker.acknowledge(newer));
  EXPECT_EQ(tracker.safe().position, Lsn{});
  EXPECT_TRUE(tracker.acknowledge(older));
  EXPECT_EQ(tracker.safe(), at(200));
}

TEST(AckTracker, DoesNotConfirmATransactionBeforeItsCommit) {
  AckTracker tracker;
  tracker.begin();
  EXPECT_FALSE(tracker.acknowledge(tracker.take()));
  EXPECT_EQ(tracker.safe().position, Lsn{});
  EXPECT_FALSE(tracker.idle());
  tracker.commit(at(100));
  EXPECT_EQ(tracker.safe(), at(100));
}

TEST(AckTracker, CompletesATransactionWithoutMessagesAtOnce) {
  AckTracker tracker;
  tracker.begin();
  tracker.commit(at(100));
  EXPECT_EQ(tracker.safe(), at(100));
  EXPECT_TRUE(tracker.idle());
}

TEST(AckTracker, AnEmptyTransactionWaitsForTheOlderOnes) {
  AckTracker tracker;
  tracker.begin();
  const auto ticket = tracker.take();
  tracker.commit(at(100));
  tracker.begin();
  tracker.commit(at(200));
  EXPECT_EQ(tracker.safe().position, Lsn{});
  tracker.acknowledge(ticket);
  EXPECT_EQ(tracker.safe(), at(200));
}

TEST(AckTracker, S2AdoptsAKeepaliveOnlyWhileNothingIsOpenOrInFlight) {
  AckTracker tracker;
  tracker.begin();
  EXPECT_FALSE(tracker.adopt(at(500))) << "a transaction is open";
  const auto ticket = tracker.take();
  tracker.commit(at(100));
  EXPECT_FALSE(tracker.adopt(at(500))) << "a message is in flight";
  tracker.acknowledge(ticket);
  EXPECT_EQ(tracker.safe(), at(100));
  EXPECT_TRUE(tracker.adopt(at(500)));
  EXPECT_EQ(tracker.safe(), at(500));
}

TEST(AckTracker, NeverGoesBack) {
  AckTracker tracker;
  tracker.adopt(at(500));
  tracker.adopt(at(400));
  tracker.begin();
  tracker.commit(at(300));
  EXPECT_EQ(tracker.safe(), at(500));
  EXPECT_EQ(tracker.taken(), Lsn{500});
}

TEST(AckTracker, RemembersTheEndOfTheLastWhollyTakenTransaction) {
  AckTracker tracker;
  tracker.begin();
  tracker.take();
  tracker.commit(at(100));
  tracker.begin();
  tracker.take();
  tracker.abandon();
  EXPECT_EQ(tracker.taken(), Lsn{100});
  EXPECT_EQ(tracker.safe().position, Lsn{});
}

TEST(AckTracker, IgnoresLateAcknowledgementsOfAnAbandonedTransaction) {
  AckTracker tracker;
  tracker.begin();
  const auto abandoned = tracker.take();
  tracker.abandon();
  EXPECT_TRUE(tracker.idle());
  tracker.begin();
  const auto again = tracker.take();
  EXPECT_NE(again, abandoned);
  tracker.commit(at(100));
  tracker.acknowledge(abandoned);
  EXPECT_EQ(tracker.safe().position, Lsn{});
  tracker.acknowledge(again);
  EXPECT_EQ(tracker.safe(), at(100));
}

TEST(AckTracker, IgnoresAcknowledgementsOfHeartbeats) {
  AckTracker tracker;
  EXPECT_FALSE(tracker.acknowledge(AckTracker::kNoTicket));
}

TEST(AckTracker, TellsTheGreatestCommitOfWhichAMessageWasAcknowledged) {
  AckTracker tracker;
  tracker.begin(Lsn{90});
  const auto first = tracker.take();
  tracker.commit(at(100));
  tracker.begin(Lsn{190});
  const auto second = tracker.take();
  tracker.take();
  EXPECT_EQ(tracker.published(), Lsn{}) << "nothing is acknowledged";
  tracker.acknowledge(second);
  EXPECT_EQ(tracker.published(), Lsn{190}) << "though the transaction is open";
  tracker.acknowledge(first);
  EXPECT_EQ(tracker.published(), Lsn{190});
}

TEST(AckTracker, AStayIsIntroducedByItsOwnHeartbeat) {
  AckTracker tracker;
  const auto first = tracker.new_stay();
  const auto second = tracker.new_stay();
  EXPECT_FALSE(tracker.acknowledge(first));
  EXPECT_FALSE(tracker.introduced()) << "that was an earlier one's";
  EXPECT_FALSE(tracker.acknowledge(second));
  EXPECT_TRUE(tracker.introduced());
  tracker.new_stay();
  EXPECT_FALSE(tracker.introduced());
}

TEST(AckTracker, WhatWasTakenBeforeAStayIsNotPublishedInIt) {
  AckTracker tracker;
  tracker.begin(Lsn{90});
  const auto earlier = tracker.take();
  tracker.commit(at(100));
  tracker.begin(Lsn{190});
  const auto cut = tracker.take();
  tracker.abandon();
  tracker.new_stay();
  tracker.acknowledge(cut);
  tracker.acknowledge(earlier);
  EXPECT_EQ(tracker.published(), Lsn{});
  tracker.begin(Lsn{190});
  tracker.acknowledge(tracker.take());
  EXPECT_EQ(tracker.published(), Lsn{190});
  tracker.new_stay();
  EXPECT_EQ(tracker.published(), Lsn{});
}

/// The simple reference: every transaction of the script in a list.
struct Model {
  struct Transaction {
    std::uint64_t end = 0;
    int unacknowledged = 0;
    bool committed = false;
    bool abandoned = false;
  };
  std::vector<Transaction> transactions;
  std::uint64_t low_water_mark() const {
    std::uint64_t mark = 0;
    for (const auto& transaction : transactions) {
      if (transaction.abandoned) continue;
      if (!transaction.committed || transaction.unacknowledged > 0) break;
      mark = transaction.end;
    }
    return mark;
  }
};

RC_GTEST_PROP(AckTracker, EqualsTheContiguousLowWaterMarkForAnyOrderOfAcknowledgements, ()) {
  struct Flight {
    AckTracker::Ticket ticket;
    std::size_t transaction;
  };
  AckTracker tracker;
  Model model;
  std::vector<Flight> in_flight;
  std::uint64_t position = 0;
  bool open = false;
  const auto steps = *rc::gen::inRange(0, 200);
  for (int i = 0; i < steps; ++i) {
    const int action = *rc::gen::inRange(0, 6);
    if (action <= 1 && open) {
      in_flight.push_back({tracker.take(), model.transactions.size() - 1});
      ++model.transactions.back().unacknowledged;
    } else if (action == 2 && open) {
      tracker.commit(at(++position));
      model.transactions.back().end = position;
      model.transactions.back().committed = true;
      open = false;
    } else if (action == 3 && open && *rc::gen::inRange(0, 4) == 0) {
      tracker.abandon();
      model.transactions.back().abandoned = true;
      open = false;
    } else if (!open && action <= 2) {
      tracker.begin();
      model.transactions.emplace_back();
      open = true;
    } else if (!in_flight.empty()) {
      const auto index = *rc::gen::inRange<std::size_t>(0, in_flight.size());
      tracker.acknowledge(in_flight[index].ticket);
      --model.transactions[in_flight[index].transaction].unacknowledged;
      in_flight.erase(in_flight.begin() + static_cast<std::ptrdiff_t>(index));
    }
    RC_ASSERT(tracker.safe().position == Lsn{model.low_water_mark()});
  }
}

}  // namespace
}  // namespace walpulse::connector
