#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "monitor/channels/channel.h"
#include "monitor/ledger/outbox.h"

namespace walpulse::monitor {

/// How deliveries are sent.
struct RelayOptions {
  std::chrono::milliseconds call_deadline = std::chrono::seconds(10);
  /// Of one claim. What was not begun in the first half of it is not begun any more, so that
  /// another leader, whose clock may differ, sends nothing beside this one.
  std::chrono::milliseconds hold = std::chrono::seconds(60);
  std::size_t claimed_max = 16;  ///< Of one channel: so many are in memory.
  /// Between two looks, and between two at what is rarely there.
  std::chrono::milliseconds rest{500};
  std::chrono::milliseconds rare_rest = std::chrono::minutes(1);
  std::function<Timestamp()> now;
  std::function<double()> draw;  ///< From [0, 1); from several threads at once.
};

/// Sends the claimed deliveries of one channel, one after the other, on a thread of its own.
class Lane {
 public:
  /// `outbox` and what `options` name must outlive it; `idle` is called from its thread whenever
  /// it has nothing left. Between the begins of two calls lies `pace`.
  Lane(Outbox& outbox, std::shared_ptr<Channel> channel, std::chrono::milliseconds pace,
       const RelayOptions& options, std::function<void()> idle);
  /// Cuts a call short, and gives back what it has not begun.
  ~Lane();

  /// How many more it takes.
  std::size_t room() const;
  /// Deliveries that were claimed at `at`.
  void send(std::vector<Delivery> claimed, std::chrono::steady_clock::time_point at);
  const Channel* channel() const { return channel_.get(); }
  std::chrono::milliseconds pace() const { return pace_; }
  /// Why what was done cannot be written down; empty: it can.
  std::string trouble() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Claimed {
    Delivery delivery;
    Clock::time_point at;
  };

  void run(const std::stop_token& stop);
  Attempted attempt(const Claimed& claimed, const std::stop_token& stop);
  void finish(const Claimed& claimed, const Attempted& attempted, const std::stop_token& stop);
  bool wait_until(Clock::time_point until, const std::stop_token& stop);
  void note(const std::string& trouble);

  Outbox& outbox_;
  const std::shared_ptr<Channel> channel_;
  const std::chrono::milliseconds pace_;
  const RelayOptions& options_;
  const std::function<void()> idle_;
  Clock::time_point begun_{};  ///< The last call. Of its thread.
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Claimed> claimed_;  ///< The one that is being sent is the first.
  std::string trouble_;
  std::jthread thread_;  // Last: it uses the others.
};

}  // namespace walpulse::monitor
