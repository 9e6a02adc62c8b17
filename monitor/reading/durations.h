#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace walpulse::monitor::reading {

/// How long runs of a pipeline usually take, in seconds.
struct Durations {
  std::size_t count = 0;              ///< Of so many runs.
  std::optional<double> usual;        ///< The median.
  std::optional<double> nine_of_ten;  ///< At most so long took nine of ten of them.
  /// What lies without is unusual. Only set with `usual`.
  double low = 0, high = 0;
  bool operator==(const Durations&) const = default;
};

/// Of fewer runs nothing is called usual.
inline constexpr std::size_t kUsualMin = 8;
/// So many runs are looked at, the newest.
inline constexpr std::size_t kUsualMax = 50;

/// Of the durations of completed runs, in any order. Unusual is what lies further from the median
/// than 3.5 standard deviations, told by the median of the distances to it, so that one run that
/// hung moves nothing; and further than a fifth of the median and 10 s, so that a pipeline that
/// always takes the same is allowed a little. Pure.
Durations durations_of(std::vector<double> seconds);

inline bool is_unusual(const Durations& durations, double seconds) {
  return durations.usual && (seconds < durations.low || seconds > durations.high);
}

}  // namespace walpulse::monitor::reading
