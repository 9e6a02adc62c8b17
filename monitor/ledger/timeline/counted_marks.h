#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ledger/timeline/observe.h"
#include "monitor/ledger/timeline/shared_labels.h"

namespace walpulse::monitor {

/// How often a run was counted for one kind of step (and status, where it counts by status) under
/// one set of labels.
struct CountedMark {
  StepKind kind;
  std::string status;
  SharedLabels labels;
  std::uint32_t count = 0;
  bool operator==(const CountedMark&) const = default;
};
using CountedMarks = std::vector<CountedMark>;

struct NewStep {
  Step step;
  SharedLabels labels;
  /// The n-th of its kind (and status) that was ever counted of the run, from 1.
  std::uint32_t nth = 1;
  std::string_view cause = {};  ///< failed: why. Set by whoever knows the blocks.
};

/// The steps that were not counted yet; raises `counted` by them. Per kind it counts what the
/// timeline says now beyond the most that was ever said, so that counts never go down and a step
/// that moves to another entry or label set is not counted again.
std::vector<NewStep> count_new(const Observation& observed, CountedMarks& counted);

}  // namespace walpulse::monitor
