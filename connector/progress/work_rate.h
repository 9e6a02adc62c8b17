#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace walpulse::connector {

/// How fast work goes, over its last 15 s: long enough not to flicker, short enough to show that it
/// stands still. Pure. One thread.
class WorkRate {
 public:
  using Clock = std::chrono::steady_clock;

  explicit WorkRate(Clock::time_point now) : samples_{{now, 0, 0}} {}

  /// `done` of the whole (bytes of the log, ids), `count` of what is counted (events, rows); both
  /// so far.
  void sample(std::uint64_t done, std::uint64_t count, Clock::time_point now);

  /// Counted a second.
  double per_second() const;
  /// Until `total` is done; empty where nothing tells.
  std::optional<std::chrono::seconds> left(std::uint64_t total) const;

 private:
  struct Sample {
    Clock::time_point at;
    std::uint64_t done;
    std::uint64_t count;
  };
  double seconds() const;

  std::deque<Sample> samples_;  ///< Never empty; the last is the newest.
};

}  // namespace walpulse::connector
