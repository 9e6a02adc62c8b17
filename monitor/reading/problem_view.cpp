#include "monitor/reading/problem_view.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/reading/evidence.h"
#include "monitor/reading/failures.h"
#include "monitor/watch/muting.h"

namespace walpulse::monitor::reading {
namespace {

/// So many failures in a row are compared, the last one included.
constexpr std::size_t kCompared = 4;

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_of(const RunEnd& end, const telemetry::Labels& labels) {
  if (labels.empty()) return true;
  const auto own = decode_labels(end.labels).value_or(telemetry::Labels{});
  return std::ranges::all_of(labels, [&](const auto& label) {
    const auto found = own.find(label.first);
    // The trigger's name is no label of the run: then all its failures are compared.
    return label.first == "trigger" || (found != own.end() && found->second == label.second);
  });
}

/// The failed runs that a problem is about, the newest first.
std::vector<RunKey> failed_runs(const ProblemView& view) {
  std::vector<RunKey> runs;
  const PipelineSummary& summary = *view.entry->summary;
  const auto add = [&](RunKey key) {
    if (runs.size() < kCompared && std::ranges::find(runs, key) == runs.end()) runs.push_back(key);
  };
  if (view.run) add({summary.table, *view.run});
  for (const RunEnd& end : summary.last_ends) {
    if (!is_of(end, view.labels)) continue;
    if (end.status == mage::kCompleted) break;
    if (end.status == mage::kFailed) add(end.key);
  }
  return runs;
}

bool same(const Failure& one, const Failure& other) {
  return one.cause == other.cause && one.block == other.block;
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

void add_causes(Transaction& in, const Context& context, std::vector<ProblemView>& views) {
  std::map<const ProblemView*, std::vector<RunKey>> wanted;
  std::set<RunKey> keys;
  for (const ProblemView& view : views) {
    if (view.problem.finding.key.kind != ProblemKind::failing || view.entry == nullptr) continue;
    if (view.problem.closed || view.entry->summary->table == 0) continue;
    auto runs = failed_runs(view);
    keys.insert(runs.begin(), runs.end());
    wanted.emplace(&view, std::move(runs));
  }
  if (keys.empty()) return;
  const std::vector<RunKey> sorted(keys.begin(), keys.end());
  const auto failures = read_failures(in, context, in.runs().peek(sorted));
  for (ProblemView& view : views) {
    const auto runs = wanted.find(&view);
    if (runs == wanted.end()) continue;
    for (const RunKey& key : runs->second) {
      const auto found = failures.find(key);
      if (found == failures.end()) continue;
      const Failure& failure = found->second;
      if (!view.failure) {
        view.failure = failure;
      } else if (view.failure->cause != FailureCause::unknown) {
        view.same_cause = view.same_cause.value_or(true) && same(*view.failure, failure);
      }
    }
  }
}

}  // namespace walpulse::monitor::reading
