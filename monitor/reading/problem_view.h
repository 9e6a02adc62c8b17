#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/ledger/application/failure_cause.h"
#include "monitor/reading/pipeline_directory.h"

namespace walpulse::monitor::reading {

/// A problem with what a person wants to know beside it.
struct ProblemView {
  Problem problem;
  std::string pipeline;  ///< Empty where it is the source's.
  telemetry::Labels labels;
  std::optional<Mute> mute;
  bool at_first = false;              ///< It began before the ledger was made.
  std::optional<std::int64_t> under;  ///< The id of the open problem that explains it.
  std::optional<std::int64_t> run;
  std::optional<std::uint64_t> failed_in_a_row;
  std::optional<Failure> failure;  ///< Of `run`, where it failed.
  std::optional<bool> same_cause;  ///< As the failures before it, at most three.
  std::optional<std::int64_t> trigger;
  std::string trigger_name;
  const PipelineEntry* entry = nullptr;  ///< Of the directory; null where it is not known any more.

  std::string_view state() const { return problem.closed ? "closed" : mute ? "muted" : "open"; }
};

/// Without causes. Pure.
ProblemView view_of(const Problem& problem, const Directory& directory);

/// Why those that are failing do: reads their last failed runs and these runs' blocks, in a few
/// queries however many there are.
void add_causes(Transaction& in, const Context& context, std::vector<ProblemView>& views);

/// Whole numbers of the evidence; nothing where it does not say it.
std::optional<std::int64_t> number_of(const Finding& finding, std::string_view name);

}  // namespace walpulse::monitor::reading
