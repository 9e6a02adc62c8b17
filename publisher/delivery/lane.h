#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "decoder/base/backoff.h"
#include "publisher/delivery/lane_queue.h"
#include "publisher/delivery/pending_budget.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::publisher {

/// One thread with one request in flight. What it took leaves in order: a failed batch is sent
/// again until the sink has it, and nothing overtakes it. push() and request_stop() from any
/// thread; what is still queued at destruction is abandoned.
class Lane {
 public:
  /// Everything referred to outlives the lane. `index` is its place in `budget`.
  Lane(std::size_t index, BatchSink& sink, PendingBudget& budget, const Acknowledged& acknowledged,
       const BackoffOptions& backoff, std::chrono::milliseconds request_gap);

  /// Leaves an empty message behind.
  void push(Message& message);
  void request_stop() { thread_.request_stop(); }

 private:
  void run(const std::stop_token& stop);
  std::vector<Message> wait_for_batch(const std::stop_token& stop);
  /// With a backlog, lets more gather where the last request has only just begun.
  void gather(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  /// False where the lane ends: stopped, or an error that is final.
  bool deliver(std::vector<Message>& batch, const std::stop_token& stop);
  void hand_back(std::vector<Message>& delivered);
  bool send_until_taken(const std::vector<Message>& batch, const std::stop_token& stop);
  bool pause(std::chrono::milliseconds time, const std::stop_token& stop);

  const std::size_t index_;
  const std::chrono::milliseconds request_gap_;
  BatchSink& sink_;
  PendingBudget& budget_;
  const Acknowledged& acknowledged_;
  // The thread's alone.
  Backoff backoff_;
  std::chrono::steady_clock::time_point began_at_;  // The last request.

  std::mutex mutex_;
  std::condition_variable_any wake_;
  LaneQueue queue_;
  std::vector<Message> recycled_;  ///< Empty, for the memory that they hold.
  std::jthread thread_;            // Last: it uses everything above.
};

}  // namespace walpulse::publisher
