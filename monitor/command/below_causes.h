#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace walpulse::monitor {

/// In their order, but that what hangs under a cause stands right below it, where the cause is
/// among them; and whether it does. `key_of` says what an item is, `cause_of` what it hangs under,
/// in an optional. Takes n log n comparisons of keys: a dead scheduler has a problem for each
/// trigger.
template <class Item, class KeyOf, class CauseOf>
std::vector<std::pair<Item, bool>> below_causes(const std::vector<Item>& items, const KeyOf& key_of,
                                                const CauseOf& cause_of) {
  using Key = decltype(key_of(items.front()));
  std::set<Key> keys;
  for (const Item& item : items) keys.insert(key_of(item));
  std::vector<Item> top;
  std::map<Key, std::vector<Item>> below;
  for (const Item& item : items) {
    const auto cause = cause_of(item);
    (cause && keys.contains(*cause) ? below[*cause] : top).push_back(item);
  }
  std::vector<std::pair<Item, bool>> order;
  order.reserve(items.size());
  for (const Item& item : top) {
    order.emplace_back(item, false);
    const auto hang = below.find(key_of(item));
    if (hang == below.end()) continue;
    for (const Item& other : hang->second) order.emplace_back(other, true);
    below.erase(hang);
  }
  return order;
}

}  // namespace walpulse::monitor
