#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/rejected_messages.h"
#include "publisher/pubsub/client.h"

namespace walpulse::monitor {

struct DeadLetterOptions {
  std::string topic;  ///< "projects/P/topics/T".
  std::size_t messages_max = 100;
  /// Of one publish request; Pub/Sub takes 10 MB.
  std::size_t bytes_max = 8'000'000;
  /// Between two looks at what is new, and after a failure.
  std::chrono::milliseconds rest{10'000};
};

/// Publishes rejected messages to a dead-letter topic while this instance leads: at least once
/// each, as they came, with the reason and the first message id as further attributes. They stay in
/// the ledger.
class DeadLetterRelay {
 public:
  /// `ledger` and `pubsub` must outlive it.
  DeadLetterRelay(RejectedMessages& ledger, pubsub::Client& pubsub, DeadLetterOptions options);
  /// Why nothing is forwarded; empty while it is, or there is nothing.
  std::string health() const;

 private:
  std::chrono::milliseconds forward(std::stop_token stop);
  /// As many of the first as fit into one request, at least one.
  std::size_t fitting(std::span<const RejectedMessage> messages) const;
  Result<void> publish(std::span<const RejectedMessage> messages, std::stop_token stop);
  Result<void> forward(std::span<const RejectedMessage> messages, std::stop_token stop);
  void note(const std::string& trouble);

  RejectedMessages& ledger_;
  pubsub::Client& pubsub_;
  const DeadLetterOptions options_;
  mutable std::mutex mutex_;
  std::string trouble_;
  PeriodicTask rounds_;  // Last: it uses the others.
};

}  // namespace walpulse::monitor
