#pragma once

#include <optional>
#include <span>
#include <string>

#include "monitor/rules/known_pipeline.h"

namespace walpulse::rules {

/// Fewer runs say nothing of what is usual.
inline constexpr std::uint64_t kRunsToJudge = 8;
/// More pipelines are not suggested for: a rules file has its bounds.
inline constexpr std::size_t kSuggestedMax = 2'000;

/// A first rules file for these pipelines: three times what is usual as max_duration, twice the
/// time between two runs as fresh_within, a label of few values as `per`. All of it is commented
/// out, so that the file changes nothing as it stands. Lines to be uncommented begin with a # and
/// no blank behind it; without these marks the file is in order too, and each table matches its
/// pipeline and no other. Of pipelines of which too little is known it says how many they are.
/// Empty where there are no pipelines.
std::string suggested_rules(std::span<const KnownPipeline> pipelines);

/// The lines of a table that tells the failures of this pipeline of this source, and of no other,
/// apart by a label. Nothing where no rule can say that: see Glob::only() and is_name().
std::optional<std::string> table_with_per(const std::string& source, const std::string& pipeline,
                                          const std::string& label);

}  // namespace walpulse::rules
