#include "connector/progress/pacer.h"

#include <algorithm>

namespace walpulse::connector {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kBurst{0.1};
constexpr Seconds kShortestWait{0.02};

/// A bucket that cannot hold one would never let anything through at once.
double capacity(double rate) { return std::max(1.0, rate * kBurst.count()); }

}  // namespace

Pacer::Pacer(std::uint64_t rate, Clock::time_point now)
    : rate_(static_cast<double>(rate)), tokens_(capacity(rate_)), filled_at_(now) {}

Pacer::Clock::duration Pacer::spend(std::uint64_t count, Clock::time_point now) {
  if (rate_ == 0) return Clock::duration::zero();
  const double gained = Seconds(now - filled_at_).count() * rate_;
  filled_at_ = now;
  tokens_ = std::min(capacity(rate_), tokens_ + gained) - static_cast<double>(count);
  const Seconds owed(-tokens_ / rate_);
  if (owed < kShortestWait) return Clock::duration::zero();
  return std::chrono::duration_cast<Clock::duration>(owed);
}

}  // namespace walpulse::connector
