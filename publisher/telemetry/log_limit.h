#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace walpulse::telemetry {

/// Lets one line through each `interval`, for trouble that comes with every message. Thread-safe.
class LogLimit {
 public:
  using Clock = std::chrono::steady_clock;
  explicit LogLimit(std::chrono::milliseconds interval) : interval_(interval) {}

  /// How many were held back since the last that passed, if this one may pass.
  std::optional<std::uint64_t> pass(Clock::time_point now = Clock::now()) {
    return pass_some(1, now);
  }
  /// Likewise for `lines` in each interval.
  std::optional<std::uint64_t> pass_some(unsigned lines, Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    if (!begun_ || now - *begun_ >= interval_) {
      begun_ = now;
      passed_ = 0;
    }
    if (passed_ == lines) {
      ++held_back_;
      return std::nullopt;
    }
    ++passed_;
    return std::exchange(held_back_, 0);
  }

 private:
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::optional<Clock::time_point> begun_;
  unsigned passed_ = 0;
  std::uint64_t held_back_ = 0;
};

}  // namespace walpulse::telemetry
