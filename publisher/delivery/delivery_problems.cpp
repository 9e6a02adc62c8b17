#include "publisher/delivery/delivery_problems.h"

#include <utility>

namespace walpulse::publisher {
namespace {

constexpr std::chrono::seconds kWarnEvery{30};

}  // namespace

bool DeliveryProblems::begins_or_lasts(std::size_t lane, std::string message, TimePoint now) {
  std::optional<Case>& mine = lanes_[lane];
  mine = Case{std::move(message), mine ? mine->since : now};
  if (warned_at_ && now - *warned_at_ < kWarnEvery) return false;
  warned_at_ = now;
  return told_ = true;
}

bool DeliveryProblems::ends(std::size_t lane) {
  if (!lanes_[lane]) return false;
  lanes_[lane].reset();
  if (oldest() != nullptr) return false;
  return std::exchange(told_, false);
}

const DeliveryProblems::Case* DeliveryProblems::oldest() const {
  const Case* oldest = nullptr;
  for (const auto& lane : lanes_) {
    if (lane && (oldest == nullptr || lane->since < oldest->since)) oldest = &*lane;
  }
  return oldest;
}

}  // namespace walpulse::publisher
