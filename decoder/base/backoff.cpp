#include "decoder/base/backoff.h"

#include <algorithm>

namespace walpulse {

Backoff::Backoff(BackoffOptions options, std::uint64_t seed)
    : options_(options), random_(seed), ceiling_ms_(0) {
  reset();
}

std::chrono::milliseconds Backoff::next() {
  const auto ceiling = static_cast<std::int64_t>(ceiling_ms_);
  const auto max_ms = static_cast<double>(options_.max.count());
  ceiling_ms_ = std::min(ceiling_ms_ * options_.multiplier, max_ms);
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(0, ceiling)(random_));
}

void Backoff::reset() {
  ceiling_ms_ = static_cast<double>(std::min(options_.initial, options_.max).count());
}

}  // namespace walpulse
