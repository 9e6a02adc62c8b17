#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/runs.h"

namespace walpulse::monitor {

/// When the runs of each pipeline ended: 16 bytes for a run. Keys are in the order in which
/// RunStore::ends_of() and ends() give them.
class MemoryEnds {
 public:
  void replace(const RunKey& key, const RunState& before, const RunState& now) {
    const bool same_pipeline = before.pipeline == now.pipeline;
    const auto was = ended_of(before), is = ended_of(now);
    if (same_pipeline && was == is) return;
    if (was) remove({key.source, before.pipeline}, {*was, key.run});
    if (!is || now.pipeline.empty()) return;
    auto& ends = ends_[{key.source, now.pipeline}];
    const Ended one{*is, key.run};
    ends.insert(std::upper_bound(ends.begin(), ends.end(), one), one);
  }

  std::vector<RunKey> newest_of(std::int64_t source, const std::string& pipeline,
                                const EndsBefore& before, Timestamp from,
                                std::size_t count_max) const {
    std::vector<RunKey> found;
    const auto at = ends_.find({source, pipeline});
    if (at == ends_.end()) return found;
    for (std::size_t left = below(at->second, {before.ended, before.key.run});
         left > 0 && at->second[left - 1].first >= from && found.size() < count_max; --left)
      found.push_back({source, at->second[left - 1].second});
    return found;
  }

  /// The newest of each pipeline, merged.
  std::vector<RunKey> newest(const EndsBefore& before, Timestamp from,
                             std::size_t count_max) const {
    std::priority_queue<Head> heads;
    const auto push = [&](const Ends& ends, std::int64_t source, std::size_t left) {
      if (left > 0 && ends[left - 1].first >= from)
        heads.push({ends[left - 1].first, {source, ends[left - 1].second}, &ends, left - 1});
    };
    for (const auto& [pipeline, ends] : ends_) {
      const std::int64_t source = pipeline.first;
      // A run of a source that sorts behind the bound's may have the bound's instant no more.
      const std::int64_t run = source < before.key.source    ? INT64_MAX
                               : source == before.key.source ? before.key.run
                                                             : INT64_MIN;
      push(ends, source, below(ends, {before.ended, run}));
    }
    std::vector<RunKey> found;
    while (!heads.empty() && found.size() < count_max) {
      const Head head = heads.top();
      heads.pop();
      found.push_back(head.key);
      push(*head.ends, head.key.source, head.left);
    }
    return found;
  }

 private:
  using Pipeline = std::pair<std::int64_t, std::string>;
  using Ended = std::pair<Timestamp, std::int64_t>;
  using Ends = std::vector<Ended>;  ///< Sorted.
  struct Head {
    Timestamp ended;
    RunKey key;
    const Ends* ends;
    std::size_t left;  ///< So many lie before it.
    bool operator<(const Head& other) const {
      return std::tie(ended, key) < std::tie(other.ended, other.key);
    }
  };

  static std::optional<Timestamp> ended_of(const RunState& state) {
    return state.finish ? std::optional(state.finish->ended) : std::nullopt;
  }
  static std::size_t below(const Ends& ends, const Ended& bound) {
    return static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), bound) -
                                    ends.begin());
  }
  void remove(const Pipeline& pipeline, const Ended& one) {
    const auto at = ends_.find(pipeline);
    if (at == ends_.end()) return;
    const auto place = std::lower_bound(at->second.begin(), at->second.end(), one);
    if (place != at->second.end() && *place == one) at->second.erase(place);
    if (at->second.empty()) ends_.erase(at);
  }

  std::map<Pipeline, Ends> ends_;
};

}  // namespace walpulse::monitor
