#pragma once

#include <algorithm>
#include <chrono>

namespace walpulse::monitor::api {

/// How often the summaries of pipelines are read beside the requests, while somebody looks. Where
/// thousands of runs change a second a look at all that changed takes long, and takes from the
/// intake: it may have a tenth of one thread's time, unless summaries would get too old.
class SummaryPace {
 public:
  using Duration = std::chrono::steady_clock::duration;
  static constexpr std::chrono::milliseconds kRestMin{500};
  static constexpr std::chrono::milliseconds kRestMax{3'000};

  /// Until the next look, after one that took so long.
  static constexpr Duration rest_after(Duration took) {
    return std::clamp<Duration>(9 * took, kRestMin, kRestMax);
  }
  /// Until when the summaries of a look serve, from its begin: the next may take twice as long, and
  /// whoever asks meanwhile must not read them a second time.
  static constexpr Duration served_after(Duration took, Duration at_least) {
    return std::max(at_least, rest_after(took) + 3 * took + kRestMin);
  }
};

}  // namespace walpulse::monitor::api
