#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "decoder/base/backoff.h"
#include "monitor/intake/intake.h"
#include "monitor/intake/process_metrics.h"
#include "publisher/pubsub/client.h"
#include "publisher/telemetry/log_limit.h"

namespace walpulse::monitor {

struct PullOptions {
  std::string subscription;  ///< "projects/P/subscriptions/S".
  /// Pub/Sub fills a unary pull only in part: several are kept outstanding.
  std::size_t pulls = 3;
  std::size_t messages_max = 1000;
  std::chrono::milliseconds pull_timeout{90'000};
  /// A subscription's ack deadline may be as short as 10 s: the first extension comes before.
  std::chrono::milliseconds first_extension_after{5'000};
  std::chrono::seconds extension{60};
  /// Until a message of an unknown schema version comes again: Pub/Sub's longest deadline.
  std::chrono::seconds deferred_for{600};
  /// Until a message of an epoch comes again that nobody has introduced yet.
  std::chrono::seconds waits_for{10};
  /// For what is under way when it is stopped.
  std::chrono::milliseconds stop_deadline{3'000};
  /// For the one acknowledgement after a stop: what misses it comes again, and changes nothing.
  std::chrono::milliseconds last_acknowledgement{2'000};
  BackoffOptions backoff;
};

/// Pulls from a subscription. A message is acknowledged only after its effect is durable; while the
/// ledger is slow its deadline is extended, and what is durable by then acknowledged; what the
/// ledger cannot take now is given back after a pause. Starts with the object, and retries for
/// ever, also where Pub/Sub denies access.
class PullIntake {
 public:
  using Clock = std::chrono::steady_clock;

  /// `intake`, `pubsub` and `metrics` must outlive it.
  PullIntake(Intake& intake, pubsub::Client& pubsub, ProcessMetrics& metrics, PullOptions options);
  /// As request_stop(), then waits: at most `stop_deadline` and one acknowledgement.
  ~PullIntake();
  /// Ends pulls at once. What was pulled and can still be made durable is acknowledged.
  void request_stop();
  /// Why nothing arrived for at least `patience`; empty while pulls succeed.
  std::string trouble(std::chrono::milliseconds patience) const;

 private:
  struct Batch;

  void run(std::stop_token stop);
  void take(std::vector<pubsub::ReceivedMessage> received, Backoff& backoff, std::stop_token stop);
  void offer(std::vector<pubsub::ReceivedMessage>& received, const std::shared_ptr<Batch>& batch,
             std::stop_token stop);
  void await(Batch& batch, std::stop_token stop);
  void extend(Batch& batch, std::stop_token stop);
  void defer(const std::vector<std::string_view>& ids, std::stop_token stop);
  void put_off(const std::vector<std::string_view>& ids, std::chrono::seconds time,
               std::stop_token stop);
  /// What of the batch is durable and not acknowledged yet.
  void acknowledge(Batch& batch, std::stop_token stop);
  void note(const Error* error);
  void pause(std::chrono::milliseconds duration, std::stop_token stop);

  Intake& intake_;
  pubsub::Client& pubsub_;
  ProcessMetrics& metrics_;
  const PullOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable_any paused_;
  std::string trouble_;
  std::optional<Clock::time_point> trouble_since_;
  telemetry::LogLimit trouble_log_{std::chrono::seconds(10)};
  telemetry::LogLimit deferred_log_{std::chrono::seconds(10)};
  telemetry::LogLimit given_back_log_{std::chrono::seconds(10)};
  std::vector<std::jthread> threads_;
};

}  // namespace walpulse::monitor
