#include "monitor/reading/durations.h"

#include <algorithm>
#include <cmath>

namespace walpulse::monitor::reading {
namespace {

/// Of a normal distribution the median distance times this is the standard deviation.
constexpr double kDeviationsOfDistance = 1.4826;
constexpr double kDeviationsMax = 3.5;
constexpr double kShareMin = 0.2;
constexpr double kSecondsMin = 10;

/// `sorted` is not empty.
double median(const std::vector<double>& sorted) {
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

}  // namespace

Durations durations_of(std::vector<double> seconds) {
  Durations found;
  found.count = seconds.size();
  if (seconds.size() < kUsualMin) return found;
  std::ranges::sort(seconds);
  const double middle = median(seconds);
  found.usual = middle;
  found.nine_of_ten = seconds[(seconds.size() * 9 + 9) / 10 - 1];
  for (double& each : seconds) each = std::abs(each - middle);
  std::ranges::sort(seconds);
  const double spread = std::max(
      {kDeviationsMax * kDeviationsOfDistance * median(seconds), kShareMin * middle, kSecondsMin});
  found.low = std::max(0.0, middle - spread);
  found.high = middle + spread;
  return found;
}

}  // namespace walpulse::monitor::reading
