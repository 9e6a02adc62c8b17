#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "monitor/ledger/counting/pipeline_aggregates.h"

namespace walpulse::monitor {

/// Gathers RunStore::group_failures() off a pipeline's failures, given in any order.
class FailureGroups {
 public:
  using GroupView = PipelineAggregates::GroupView;  ///< Labels and schedule.

  /// `behind` must outlive it.
  explicit FailureGroups(const GroupBound& behind) : behind_(behind) {}

  void see(const GroupView& group, const End& end, std::int64_t run) {
    auto at = groups_.find(group);
    if (at == groups_.end()) {
      const std::string labels(group.first);
      at = groups_
               .emplace(PipelineAggregates::Group(labels, group.second),
                        Failures{behind_(labels, group.second), {}})
               .first;
    }
    auto& [behind, failed] = at->second;
    if (behind && end <= *behind) return;
    ++failed.count;
    const auto place = std::tie(end, run);
    if (!failed.first || place < std::tie(failed.first->end, failed.first->run))
      failed.first = FailedRun{run, end, at->first.first, group.second};
    if (!failed.last || place > std::tie(failed.last->end, failed.last->run))
      failed.last = FailedRun{run, end, at->first.first, group.second};
  }
  std::vector<FailedRuns> groups() {
    std::vector<FailedRuns> found;
    for (auto& [group, failures] : groups_)
      if (failures.failed.count > 0) found.push_back(std::move(failures.failed));
    return found;
  }

 private:
  struct Failures {
    std::optional<End> behind;
    FailedRuns failed;
  };

  const GroupBound& behind_;
  std::unordered_map<PipelineAggregates::Group, Failures, PipelineAggregates::GroupHash,
                     PipelineAggregates::SameGroup>
      groups_;
};

}  // namespace walpulse::monitor
