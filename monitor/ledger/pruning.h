#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Which runs nothing needs any more: they are over, were untouched for long, and no gauge stands
/// on them. Their counts stay in the series.
class PruneRule {
 public:
  /// The age of a run is measured in its log's own time, which a wrong clock here cannot hurry:
  /// from the newest commit seen of its source, or `now` where that is earlier.
  PruneRule(const Context& context, const std::vector<PipelineRow>& pipelines,
            std::chrono::seconds prune_after, Timestamp now);

  bool may_go(const StoredRun& stored) const;

 private:
  std::map<std::int64_t, Timestamp> untouched_since_;  ///< By source.
  std::map<std::pair<std::int64_t, std::string>, std::optional<Success>> successes_;
};

/// Behind which nothing of an unknown run counts: the greatest position of the runs removed, by
/// source.
std::map<std::int64_t, schema::Position> prune_floors(std::span<const StoredRun> removed);

}  // namespace walpulse::monitor
