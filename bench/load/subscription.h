#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "bench/load/mage_events.h"

namespace walpulse::bench {

/// A subscription that holds `events` messages and gives them as fast as it is asked. The answers
/// are made before, up to `prepared_bytes_max`, so that their making is not measured. Thread-safe.
class Subscription {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    EventShape shape;
    std::uint64_t events = 100'000;
    std::size_t messages_max = 1000;  ///< In one answer, whatever is asked for.
    std::size_t prepared_bytes_max = std::size_t{1} << 30;
  };
  explicit Subscription(Options options);

  /// The body of the next answer; empty where nothing is left.
  std::string pull();
  void acknowledge(std::size_t messages);
  bool done() const;
  /// From the first pull to the last acknowledgement.
  double seconds() const;
  std::uint64_t acknowledged() const;

 private:
  std::string make(std::uint64_t first) const;

  const Options options_;
  std::vector<std::string> prepared_;
  mutable std::mutex mutex_;
  std::uint64_t given_ = 0;
  std::uint64_t acknowledged_ = 0;
  Clock::time_point begun_;
  Clock::time_point last_;
};

/// Answers Pub/Sub's pull, acknowledge and modifyAckDeadline on `port` (0: a free one, printed as a
/// line "port N") until everything is acknowledged and nobody asks any more for a moment.
/// False where it cannot listen.
bool serve_subscription(Subscription& subscription, std::uint16_t port);

}  // namespace walpulse::bench
