#include "monitor/reading/pipeline_state.h"

#include <algorithm>
#include <tuple>

#include "monitor/reading/evidence.h"

namespace walpulse::monitor::reading {
namespace {

/// Muted ones come behind all that is not.
constexpr int kMutedBehind = 1'000;
constexpr int kSeverityStep = 100;
constexpr int kWithoutProblem = 500;

int place_of(std::string_view word) {
  return static_cast<int>(std::ranges::find(kPipelineStates, word) - kPipelineStates.begin());
}

int rank_of(const OpenProblem& each) {
  const Finding& finding = each.problem->finding;
  return (each.muted ? kMutedBehind : 0) + static_cast<int>(finding.severity) * kSeverityStep +
         place_of(name_of(finding.key.kind));
}

bool is_paused(const PipelineSummary& summary) {
  return !summary.triggers.empty() && summary.active_count == 0 &&
         std::ranges::none_of(summary.triggers, &TriggerSummary::active);
}

void tell_without_problems(PipelineState& state, const PipelineSummary& summary) {
  const auto become = [&](std::string_view word, std::string_view title) {
    state.word = word;
    state.title = title;
    state.rank = kWithoutProblem + place_of(word);
  };
  if (state.unusual) return become("unusual", "Unusual");
  if (is_paused(summary)) return become("paused", "Paused");
  if (summary.last_ends.empty() && summary.active_count == 0)
    return become("never_ran", "Never ran");
  become("fine", "Fine");
}

}  // namespace

PipelineState state_of(const PipelineSummary& summary, const std::vector<OpenProblem>& problems,
                       Timestamp as_of) {
  PipelineState state;
  state.unusual = unusual_of(summary, as_of);
  state.problem_count = problems.size();
  if (problems.empty()) {
    tell_without_problems(state, summary);
    return state;
  }
  const OpenProblem& worst = *std::ranges::min_element(problems, {}, [](const OpenProblem& each) {
    return std::tuple(rank_of(each), each.problem->finding.since);
  });
  const Finding& finding = worst.problem->finding;
  state.word = name_of(finding.key.kind);
  state.title = title_of(finding.key.kind);
  state.since = finding.since;
  state.severity = finding.severity;
  state.muted = worst.muted;
  state.labels = labels_of(finding);
  state.rank = rank_of(worst);
  return state;
}

}  // namespace walpulse::monitor::reading
