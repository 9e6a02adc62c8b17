#pragma once

#include <atomic>
#include <chrono>

namespace walpulse::monitor {

/// When something that is done again and again went well last, by the steady clock. Thread-safe.
class LastSuccess {
 public:
  using Clock = std::chrono::steady_clock;

  void note(Clock::time_point now) { at_ = now; }
  /// False where it never did.
  bool within(std::chrono::milliseconds time, Clock::time_point now) const {
    const Clock::time_point at = at_;
    return at != Clock::time_point::min() && now - at <= time;
  }

 private:
  std::atomic<Clock::time_point> at_{Clock::time_point::min()};
};

/// What did not go well for so long does not work, whether it fails or hangs.
inline constexpr std::chrono::minutes kWorksWithin{2};

}  // namespace walpulse::monitor
