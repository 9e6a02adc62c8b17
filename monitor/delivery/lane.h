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
  std::size_t calls_max = 8;     ///< Of one channel at once; one where it has a pace.
  /// Between two looks, and between two at what is rarely there.
  std::chrono::milliseconds rest{500};
  std::chrono::milliseconds rare_rest = std::chrono::minutes(1);
  std::function<Timestamp()> now;
  std::function<double()> draw;  ///< From [0, 1); from several threads at once.
};

/// Sends the claimed deliveries of one channel on threads of its own: no two of a subject are
/// claimed at once, so a receiver that hangs over one holds up few others.
class Lane {
 public:
  /// `outbox` and what `options` name must outlive it; `has_room` is called from its threads
  /// whenever it could take more. Between the begins of two calls lies `pace`.
  Lane(Outbox& outbox, std::shared_ptr<Channel> channel, std::chrono::milliseconds pace,
       const RelayOptions& options, std::function<void()> has_room);
  /// Cuts calls short, and gives back what it has not begun.
  ~Lane();

  /// Another takes its place: it finishes the calls that it has begun, and gives back the others.
  void retire();
  /// Whether nothing is left of a retired one.
  bool is_done() const;

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
  Attempted attempt(const Claimed& claimed, Clock::time_point& begun, const std::stop_token& stop);
  void finish(const Claimed& claimed, const Attempted& attempted, const std::stop_token& stop);
  bool may_begin_at(Clock::time_point at, const std::stop_token& stop);
  void note(const std::string& trouble);

  Outbox& outbox_;
  const std::shared_ptr<Channel> channel_;
  const std::chrono::milliseconds pace_;
  const RelayOptions& options_;
  const std::function<void()> has_room_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Claimed> claimed_;  ///< Not begun.
  std::size_t calls_ = 0;        ///< Begun, and not written down.
  bool retired_ = false;
  std::string trouble_;
  std::vector<std::jthread> threads_;  // Last: they use the others.
};

}  // namespace walpulse::monitor
