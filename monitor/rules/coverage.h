#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "monitor/rules/known_pipeline.h"
#include "monitor/rules/rules.h"

namespace walpulse::rules {

/// A table that names what it is about ([[pipeline]], [[notify]], [[quiet]], [[after]]), and how
/// many pipelines that is.
struct TableCoverage {
  Place place;
  std::size_t matched = 0;
};

struct Coverage {
  std::vector<TableCoverage> tables;   ///< In the order of the files.
  std::vector<std::string> unmatched;  ///< Pipelines that no [[pipeline]] of these matches.
};

/// Holds the tables against the pipelines that there are. A table that names a trigger or labels
/// matches a pipeline of which some trigger has the name, and some run each label: a run that has
/// them all at once need not be known. [defaults], and tables that name nothing, hold for all and
/// are not counted.
Coverage coverage_of(const Rules& rules, std::span<const KnownPipeline> pipelines);

}  // namespace walpulse::rules
