#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/runs.h"

namespace walpulse::monitor {

/// Which runs each trigger made, by slot: 16 bytes for a run.
class MemorySlots {
 public:
  void replace(const RunKey& key, const RunState& before, const RunState& now) {
    if (before.schedule == now.schedule && before.slot == now.slot) return;
    if (before.slot) remove({key.source, *before.schedule}, {*before.slot, key.run});
    if (!now.slot) return;
    auto& made = made_[{key.source, *now.schedule}];
    const Made one{*now.slot, key.run};
    made.insert(std::upper_bound(made.begin(), made.end(), one), one);
  }

  /// Slots and ids of runs as RunStore::slots() orders them.
  std::vector<std::pair<Timestamp, std::int64_t>> newest(std::int64_t source, std::int64_t schedule,
                                                         Timestamp from, Timestamp before,
                                                         std::size_t count_max) const {
    const auto at = made_.find({source, schedule});
    std::vector<Made> found;
    if (at == made_.end()) return found;
    const auto end =
        std::lower_bound(at->second.begin(), at->second.end(), Made{before, INT64_MIN});
    for (auto one = std::make_reverse_iterator(end);
         one != at->second.rend() && one->first >= from && found.size() < count_max; ++one)
      found.push_back(*one);
    return found;
  }

 private:
  using Trigger = std::pair<std::int64_t, std::int64_t>;  ///< Source and schedule.
  using Made = std::pair<Timestamp, std::int64_t>;

  void remove(const Trigger& trigger, const Made& one) {
    const auto at = made_.find(trigger);
    if (at == made_.end()) return;
    const auto place = std::lower_bound(at->second.begin(), at->second.end(), one);
    if (place != at->second.end() && *place == one) at->second.erase(place);
    if (at->second.empty()) made_.erase(at);
  }

  std::map<Trigger, std::vector<Made>> made_;  ///< Sorted.
};

}  // namespace walpulse::monitor
