#include "connector/progress/work_rate.h"

#include <cmath>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 15s;
constexpr auto kSpacing = 250ms;  ///< Bounds how many samples a window holds.

}  // namespace

void WorkRate::sample(std::uint64_t done, std::uint64_t count, Clock::time_point now) {
  const bool crowded = samples_.size() > 1 && now - samples_[samples_.size() - 2].at < kSpacing;
  if (crowded) samples_.pop_back();
  samples_.push_back({now, done, count});
  // The first kept sample is the last one outside the window: the window is whole.
  while (samples_.size() > 2 && now - samples_[1].at >= kWindow) samples_.pop_front();
}

double WorkRate::seconds() const {
  return std::chrono::duration<double>(samples_.back().at - samples_.front().at).count();
}

double WorkRate::per_second() const {
  const double time = seconds();
  if (time <= 0) return 0;
  return static_cast<double>(samples_.back().count - samples_.front().count) / time;
}

std::optional<std::chrono::seconds> WorkRate::left(std::uint64_t total) const {
  const auto done = samples_.back().done - samples_.front().done;
  if (samples_.back().done >= total) return 0s;
  if (done == 0 || seconds() <= 0) return std::nullopt;
  const double rest = static_cast<double>(total - samples_.back().done);
  const double left = std::ceil(rest * seconds() / static_cast<double>(done));
  constexpr double kSayableMax = 100.0 * 24 * 3'600;
  if (left > kSayableMax) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(left));
}

}  // namespace walpulse::connector
