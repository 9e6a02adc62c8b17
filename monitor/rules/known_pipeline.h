#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "monitor/rules/policy.h"

namespace walpulse::rules {

/// A pipeline of which runs or triggers were seen: what rules can be held against, and made from.
struct KnownPipeline {
  std::string source;
  std::string pipeline;
  std::set<std::string> triggers;  ///< Their names.
  /// By label: its values, and how many runs ended with each.
  std::map<std::string, std::map<std::string, std::uint64_t>> labels;
  /// Labels with more values than are told apart: others than those above may have been seen.
  std::set<std::string> crowded_labels;
  std::uint64_t completed = 0;     ///< Runs of which `usual` tells.
  std::optional<Duration> usual;   ///< At most so long took nine of ten completed runs.
  std::optional<Duration> period;  ///< The longest time between two runs that are due.
};

}  // namespace walpulse::rules
