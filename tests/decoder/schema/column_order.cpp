#include "tests/decoder/schema/column_order.h"

#include <algorithm>
#include <cstddef>

namespace walpulse::schema {
namespace {

using Names = std::vector<std::string_view>;

/// A chain and how much of it is placed already.
struct Rest {
  const Names* names;
  std::size_t next = 0;

  bool done() const { return next == names->size(); }
  std::string_view front() const { return (*names)[next]; }
  bool waits_for_others(std::string_view name) const {
    return !done() && std::find(names->begin() + static_cast<std::ptrdiff_t>(next) + 1,
                                names->end(), name) != names->end();
  }
};

/// A front that stands behind nothing else in any chain.
std::string_view next_name(const std::vector<Rest>& rests) {
  std::string_view fallback;
  bool found = false;
  for (const Rest& rest : rests) {
    if (rest.done()) continue;
    const std::string_view name = rest.front();
    const bool free = std::none_of(rests.begin(), rests.end(),
                                   [&](const Rest& r) { return r.waits_for_others(name); });
    if (free) return name;
    if (!found) fallback = name;
    found = true;
  }
  return fallback;
}

}  // namespace

std::vector<std::string_view> merge_orders(
    const std::vector<std::vector<std::string_view>>& chains) {
  std::vector<Rest> rests;
  std::size_t size = 0;
  for (const Names& chain : chains) {
    if (!chain.empty()) rests.push_back({&chain});
    size += chain.size();
  }
  Names order;
  order.reserve(size);
  const auto all_done = [&] {
    return std::all_of(rests.begin(), rests.end(), [](const Rest& rest) { return rest.done(); });
  };
  while (!all_done()) {
    const std::string_view name = next_name(rests);
    if (std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
    for (Rest& rest : rests) {
      if (!rest.done() && rest.front() == name) ++rest.next;
    }
  }
  return order;
}

}  // namespace walpulse::schema
