#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/ledger/application/failure_cause.h"
#include "monitor/reading/pipeline_directory.h"
#include "monitor/reading/told_view.h"

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
  /// As the failures since the last success: the newest three before it, and the oldest known.
  std::optional<bool> same_cause;
  /// Since this failure all that were compared have that cause, also before the last success;
  /// nothing where the cause is not known.
  std::optional<Timestamp> same_cause_since;
  std::optional<std::int64_t> trigger;
  std::string trigger_name;
  const PipelineEntry* entry = nullptr;  ///< Of the directory; null where it is not known any more.
  std::vector<RunEnd> own_ends;          ///< Where it is told apart by labels: see own_ends.h.
  std::optional<Timestamp> own_success;
  std::vector<ToldPlace> told_to;  ///< What add_told() adds.

  /// Of the runs that it is about, the newest first.
  const std::vector<RunEnd>& last_ends() const;
  std::optional<Timestamp> last_success() const;
  std::string_view state() const { return problem.closed ? "closed" : mute ? "muted" : "open"; }
};

/// Without what add_details() adds. Pure.
ProblemView view_of(const Problem& problem, const Directory& directory);

/// The ends of their own of those that are told apart by labels; and why those that are failing do:
/// reads their last failed runs and these runs' blocks, in a few queries however many there are.
void add_details(Transaction& in, const Context& context, std::vector<ProblemView>& views);

/// Who was told of them, as read_told() finds it.
void add_told(Transaction& in, const rules::Rules& rules, std::vector<ProblemView>& views);

/// Whole numbers of the evidence; nothing where it does not say it.
std::optional<std::int64_t> number_of(const Finding& finding, std::string_view name);

}  // namespace walpulse::monitor::reading
