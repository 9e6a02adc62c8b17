#include "monitor/reading/problem_view.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "decoder/mage/pipeline_run.h"
#include "monitor/reading/evidence.h"
#include "monitor/reading/failures.h"
#include "monitor/reading/own_ends.h"
#include "monitor/watch/muting.h"

namespace walpulse::monitor::reading {
namespace {

/// So many failures since the last success are compared, beside the oldest that is known.
constexpr std::size_t kComparedInARow = 4;
constexpr std::size_t kComparedBefore = 3;

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct FailedEnd {
  RunKey key;
  std::optional<Timestamp> ended;  ///< Nothing while the run is active again.
};
/// The failures of a problem whose causes are compared, the newest first.
struct Compared {
  std::vector<FailedEnd> in_a_row;
  std::vector<FailedEnd> before;  ///< Before the last success.
};

Compared compared_failures(const ProblemView& view) {
  Compared compared;
  std::optional<FailedEnd> oldest;
  bool succeeded = false;
  const auto& ends = view.last_ends();
  if (view.run) {
    const RunKey key{view.entry->summary->table, *view.run};
    const auto end = std::ranges::find(ends, key, &RunEnd::key);
    compared.in_a_row.push_back(
        {key, end == ends.end() ? std::nullopt : std::optional(end->ended)});
  }
  for (const RunEnd& end : ends) {
    if (end.status == mage::kCompleted) succeeded = true;
    if (end.status != mage::kFailed || end.key.run == view.run) continue;
    const FailedEnd failed{end.key, end.ended};
    if (succeeded) {
      if (compared.before.size() < kComparedBefore) compared.before.push_back(failed);
    } else if (compared.in_a_row.size() < kComparedInARow) {
      compared.in_a_row.push_back(failed);
    } else {
      oldest = failed;
    }
  }
  if (oldest) compared.in_a_row.push_back(*oldest);
  return compared;
}

bool same(const Failure& one, const Failure& other) {
  return one.cause == other.cause && one.block == other.block;
}

void compare(ProblemView& view, const Compared& compared,
             const std::map<RunKey, Failure>& failures) {
  bool goes_back = true;
  const auto look = [&](const FailedEnd& end, bool in_a_row) {
    const auto found = failures.find(end.key);
    if (found == failures.end()) return;
    const Failure& failure = found->second;
    const bool is_first = !view.failure;
    if (is_first) view.failure = failure;
    if (view.failure->cause == FailureCause::unknown) return;
    const bool is_same = same(*view.failure, failure);
    if (in_a_row && !is_first) view.same_cause = view.same_cause.value_or(true) && is_same;
    goes_back = goes_back && is_same;
    if (goes_back && end.ended) view.same_cause_since = end.ended;
  };
  for (const FailedEnd& end : compared.in_a_row) look(end, true);
  if (view.failure)
    for (const FailedEnd& end : compared.before) look(end, false);
}

}  // namespace

std::optional<std::int64_t> number_of(const Finding& finding, std::string_view name) {
  return whole(evidence_of(finding, name));
}

ProblemView view_of(const Problem& problem, const Directory& directory) {
  const Finding& finding = problem.finding;
  ProblemView view;
  view.problem = problem;
  view.pipeline = pipeline_of(finding);
  view.labels = labels_of(finding);
  if (!problem.closed)
    if (const Mute* mute = muted_by(problem, directory.mutes)) view.mute = *mute;
  view.at_first = finding.since < directory.birth;
  if (finding.cause) {
    const auto cause = std::ranges::find_if(
        directory.open, [&](const Problem& each) { return each.finding.key == *finding.cause; });
    if (cause != directory.open.end()) view.under = cause->id;
  }
  view.run = number_of(finding, "run");
  if (const auto count = number_of(finding, "failed_in_a_row"))
    view.failed_in_a_row = static_cast<std::uint64_t>(*count);
  if (finding.key.kind == ProblemKind::not_started) {
    view.trigger = whole(finding.key.instance);
    view.trigger_name = evidence_of(finding, "trigger");
  }
  view.entry = view.pipeline.empty() ? nullptr : directory.find(finding.key.source, view.pipeline);
  return view;
}

const std::vector<RunEnd>& ProblemView::last_ends() const {
  static const std::vector<RunEnd> kNone;
  if (!labels.empty()) return own_ends;
  return entry == nullptr ? kNone : entry->summary->last_ends;
}

std::optional<Timestamp> ProblemView::last_success() const {
  if (!labels.empty()) return own_success;
  return entry == nullptr ? std::nullopt : entry->summary->last_success;
}

void add_details(Transaction& in, const Context& context, std::vector<ProblemView>& views) {
  add_own_ends(in, views);
  std::map<const ProblemView*, Compared> wanted;
  std::set<RunKey> keys;
  for (const ProblemView& view : views) {
    if (view.problem.finding.key.kind != ProblemKind::failing || view.entry == nullptr) continue;
    if (view.problem.closed || view.entry->summary->table == 0) continue;
    Compared compared = compared_failures(view);
    for (const FailedEnd& each : compared.in_a_row) keys.insert(each.key);
    for (const FailedEnd& each : compared.before) keys.insert(each.key);
    wanted.emplace(&view, std::move(compared));
  }
  if (keys.empty()) return;
  const std::vector<RunKey> sorted(keys.begin(), keys.end());
  const auto failures = read_failures(in, context, in.runs().peek(sorted));
  for (ProblemView& view : views)
    if (const auto compared = wanted.find(&view); compared != wanted.end())
      compare(view, compared->second, failures);
}

void add_told(Transaction& in, const rules::Rules& rules, std::vector<ProblemView>& views) {
  std::vector<const Problem*> problems;
  problems.reserve(views.size());
  for (const ProblemView& view : views) problems.push_back(&view.problem);
  auto told = read_told(in, rules, problems);
  for (ProblemView& view : views)
    if (const auto found = told.find(view.problem.id); found != told.end())
      view.told_to = found->second;
}

}  // namespace walpulse::monitor::reading
