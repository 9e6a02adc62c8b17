#include "connector/capture/anchor_policy.h"

#include <algorithm>

namespace walpulse::connector {

void AnchorPolicy::observe(Clock::time_point now, Lsn confirmed) {
  if (confirmed < confirmed_) samples_.clear();
  confirmed_ = confirmed;
  if (samples_.empty() || now - samples_.back().at >= window_.time / (kSamplesMax - 2)) {
    samples_.push_back({now, confirmed});
  }
  while (samples_.size() > 1 && samples_[1].at <= now - window_.time) samples_.pop_front();
}

std::optional<Lsn> AnchorPolicy::target(Clock::time_point now, Lsn anchor) const {
  Lsn wanted;
  if (!samples_.empty() && samples_.front().at <= now - window_.time) {
    wanted = samples_.front().confirmed;
  }
  if (confirmed_.value > window_.bytes) {
    wanted = std::max(wanted, Lsn{confirmed_.value - window_.bytes});
  }
  if (wanted <= anchor) return std::nullopt;
  return std::min(wanted, Lsn{anchor.value + kStepBytes});
}

}  // namespace walpulse::connector
