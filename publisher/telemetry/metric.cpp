#include "publisher/telemetry/metric.h"

#include <algorithm>
#include <numeric>

namespace walpulse::telemetry {

void Distribution::add(double value) {
  counts.resize(bounds.size() + 1);
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
  ++counts[static_cast<std::size_t>(bucket)];
  sum += value;
}

std::uint64_t Distribution::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace walpulse::telemetry
