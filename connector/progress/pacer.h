#pragma once

#include <chrono>
#include <cstdint>

namespace walpulse::connector {

/// Holds work to a rate (`--rate`): a token bucket that fills with the rate and holds a tenth of a
/// second's worth, so that a pause of the sink is not made up for by a burst. Pure: it says how
/// long to wait, the caller waits. One thread.
class Pacer {
 public:
  using Clock = std::chrono::steady_clock;

  /// `rate` a second; 0 = no limit.
  Pacer(std::uint64_t rate, Clock::time_point now);

  /// `count` more were done. How long to wait before more is: zero within the rate. Waits shorter
  /// than 20 ms are put off and added up, so that a high rate does not cost a system call each.
  Clock::duration spend(std::uint64_t count, Clock::time_point now);

 private:
  const double rate_;
  double tokens_;  ///< Negative: owed.
  Clock::time_point filled_at_;
};

}  // namespace walpulse::connector
