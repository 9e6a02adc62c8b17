#include "monitor/reading/own_ends.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/timeline/label_bytes.h"

namespace walpulse::monitor::reading {
namespace {

constexpr std::size_t kOwnEndsAtOnce = 500;

telemetry::Labels decoded(const std::string& bytes) {
  return decode_labels(bytes).value_or(telemetry::Labels{});
}

/// Whose runs a problem is about.
class OwnRuns {
 public:
  explicit OwnRuns(const ProblemView& view) : labels_(view.labels) {
    const auto trigger = labels_.find(std::string(kTriggerLabel));
    if (trigger == labels_.end()) return;
    by_trigger_ = true;
    for (const TriggerSummary& each : view.entry->summary->triggers)
      if (each.name() == trigger->second) triggers_.insert(each.trigger->trigger.id);
    labels_.erase(trigger);
  }

  bool have(const telemetry::Labels& labels, const std::optional<std::int64_t>& schedule) const {
    return std::ranges::includes(labels, labels_) &&
           (!by_trigger_ || (schedule && triggers_.contains(*schedule)));
  }

 private:
  telemetry::Labels labels_;
  bool by_trigger_ = false;
  std::set<std::int64_t> triggers_;
};

struct Wanted {
  ProblemView* view = nullptr;
  OwnRuns own;

  bool is_done() const {
    return view->own_ends.size() == kLastEndsMax && view->own_success.has_value();
  }
};

void take(std::vector<Wanted>& wanted, const RunEnd& end) {
  const telemetry::Labels labels = decoded(end.labels);
  for (Wanted& each : wanted) {
    if (!each.own.have(labels, end.schedule)) continue;
    ProblemView& view = *each.view;
    if (view.own_ends.size() < kLastEndsMax) view.own_ends.push_back(end);
    if (end.status == mage::kCompleted && !view.own_success) view.own_success = end.ended;
  }
}

/// Of what was not seen among the ends.
void add_successes(Transaction& in, const PipelineSummary& summary, std::vector<Wanted>& wanted) {
  for (const GroupSuccess& each : in.runs().group_successes(summary.table, summary.name)) {
    const telemetry::Labels labels = decoded(each.labels);
    for (Wanted& one : wanted)
      if (one.own.have(labels, each.schedule))
        one.view->own_success =
            std::max(one.view->own_success.value_or(each.success.time), each.success.time);
  }
}

void look_at(Transaction& in, const PipelineSummary& summary, std::vector<Wanted> wanted,
             std::size_t& left) {
  std::size_t looked = 0;
  bool whole = false;
  EndsBefore before;
  while (!whole && looked < kOwnEndsOfPipeline && left > 0 &&
         !std::ranges::all_of(wanted, &Wanted::is_done)) {
    const std::size_t asked = std::min({kOwnEndsAtOnce, kOwnEndsOfPipeline - looked, left});
    const auto ends = in.runs().ends_of(summary.table, summary.name, before, kMinusInfinity, asked);
    for (const RunEnd& end : ends) take(wanted, end);
    looked += ends.size();
    left -= ends.size();
    whole = ends.size() < asked;
    if (!ends.empty()) before = {ends.back().ended, ends.back().key};
  }
  std::erase_if(wanted, [](const Wanted& each) { return each.view->own_success.has_value(); });
  if (!whole && !wanted.empty()) add_successes(in, summary, wanted);
}

}  // namespace

void add_own_ends(Transaction& in, std::vector<ProblemView>& views) {
  std::map<const PipelineSummary*, std::vector<Wanted>> by_pipeline;
  for (ProblemView& view : views) {
    if (view.labels.empty() || view.entry == nullptr || view.entry->summary->table == 0) continue;
    by_pipeline[view.entry->summary.get()].push_back({&view, OwnRuns(view)});
  }
  std::size_t left = kOwnEndsOfAll;
  for (auto& [summary, wanted] : by_pipeline) look_at(in, *summary, std::move(wanted), left);
}

std::vector<MixedEnds> mixed_ends_of(const PipelineSummary& summary,
                                     const std::vector<RunEnd>& ends) {
  PipelineFacts facts;
  facts.source = summary.source;
  facts.pipeline = summary.name;
  for (const RunEnd& end : ends) {
    // All at one position: their times tell.
    const End at{{}, end.ended};
    if (end.status == mage::kCompleted)
      facts.successes.push_back({decoded(end.labels), end.schedule, at});
    else if (end.status == mage::kFailed)
      facts.failures.push_back({decoded(end.labels), end.schedule, 1, at, at, end.key.run});
  }
  return mixed_ends(facts);
}

}  // namespace walpulse::monitor::reading
