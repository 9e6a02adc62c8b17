#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "monitor/ledger/counting/pipeline_aggregates.h"

namespace walpulse::monitor {

/// Gathers RunStore::newest_runs() off a pipeline's ends, and then its successes, each given from
/// the newest on.
class NewestRuns {
 public:
  using GroupView = PipelineAggregates::GroupView;  ///< Labels and schedule.

  NewestRuns(std::size_t count, std::size_t groups_max) : count_(count), groups_max_(groups_max) {}

  /// False: no further end is of interest.
  bool see_end(std::int64_t run, const GroupView& group) {
    const bool among_the_newest = seen_++ < count_;
    bool first = false;
    if (groups_.size() < groups_max_ && !groups_.contains(group)) {
      groups_.emplace(group.first, group.second);
      first = true;
    }
    if (among_the_newest || first) runs_.push_back(run);
    return seen_ < count_ || groups_.size() < groups_max_;
  }
  /// The same of successes.
  bool see_success(std::int64_t run, const GroupView& group) {
    const auto at = groups_.find(group);
    if (at != groups_.end()) {
      groups_.erase(at);
      runs_.push_back(run);
    }
    return !groups_.empty();
  }
  std::vector<std::int64_t> runs() {
    std::ranges::sort(runs_);
    runs_.erase(std::unique(runs_.begin(), runs_.end()), runs_.end());
    return std::move(runs_);
  }

 private:
  const std::size_t count_, groups_max_;
  std::size_t seen_ = 0;
  std::unordered_set<PipelineAggregates::Group, PipelineAggregates::GroupHash,
                     PipelineAggregates::SameGroup>
      groups_;  ///< That have no success yet.
  std::vector<std::int64_t> runs_;
};

}  // namespace walpulse::monitor
