#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>

#include "publisher/delivery/delivery_problems.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::publisher {

/// What the lanes of one publisher know together: how much is pending, how it goes, and the error
/// that ended it. Thread-safe.
class PendingBudget {
 public:
  PendingBudget(std::size_t pending_bytes_max, std::size_t lane_count);

  /// Room for one more message, or false. A message larger than the whole bound is let in when
  /// nothing else is pending: it must go out some day.
  Result<bool> reserve(std::size_t bytes);
  /// No room for the last message that asked: nothing more comes before something leaves.
  bool full() const;
  /// The sink has a request's messages: there is room again. Comes before their callers are told,
  /// so that whoever an acknowledgement wakes finds it.
  void release(std::size_t bytes);
  /// A request's messages are acknowledged and their callers told.
  void delivered(std::size_t lane, std::size_t messages, std::chrono::duration<double> latency);
  /// A request failed and will be sent again.
  void note_problem(std::size_t lane, const Error& error);
  void retried();
  /// Latches the first error.
  void fail(const Error& error);
  bool failed() const;

  Result<void> wait_until_delivered(std::chrono::steady_clock::time_point deadline);
  PublisherStatus status() const;

 private:
  const std::size_t pending_bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool full_ = false;
  PublisherStatus status_;
  DeliveryProblems problems_;
  std::optional<Error> error_;
};

}  // namespace walpulse::publisher
