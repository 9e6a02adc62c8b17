#include <algorithm>
#include <array>

#include "monitor/ledger/stores/deliveries.h"

namespace walpulse::monitor {
namespace {

constexpr std::array<std::string_view, kDeliveryStates> kStateNames{"waiting", "sent", "given_up",
                                                                    "too_old", "dropped"};
constexpr std::array<std::string_view, kDeliveryKinds> kKindNames{"message", "call", "greeting"};

}  // namespace

std::string_view name_of(Delivery::State state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

std::optional<Delivery::State> delivery_state(std::string_view name) {
  const auto at = std::ranges::find(kStateNames, name);
  if (at == kStateNames.end()) return std::nullopt;
  return static_cast<Delivery::State>(at - kStateNames.begin());
}

std::string_view name_of(Delivery::Kind kind) {
  return kKindNames.at(static_cast<std::size_t>(kind));
}

}  // namespace walpulse::monitor
