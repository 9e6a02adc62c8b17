#include "publisher/trouble.h"

#include <utility>

namespace walpulse::publisher {
namespace {

constexpr std::chrono::seconds kWarnEvery{30};

}  // namespace

bool Trouble::begins_or_lasts(std::size_t lane, std::string message, TimePoint now) {
  const bool first = oldest() == nullptr;
  std::optional<Case>& mine = lanes_[lane];
  mine = Case{std::move(message), mine ? mine->since : now};
  if (!first && now - warned_at_ < kWarnEvery) return false;
  warned_at_ = now;
  return true;
}

bool Trouble::ends(std::size_t lane) {
  if (!lanes_[lane]) return false;
  lanes_[lane].reset();
  return oldest() == nullptr;
}

const Trouble::Case* Trouble::oldest() const {
  const Case* oldest = nullptr;
  for (const auto& lane : lanes_) {
    if (lane && (oldest == nullptr || lane->since < oldest->since)) oldest = &*lane;
  }
  return oldest;
}

}  // namespace walpulse::publisher
