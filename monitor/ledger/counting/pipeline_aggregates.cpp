#include "monitor/ledger/counting/pipeline_aggregates.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

using Totals = PipelineAggregates::Totals;
using Failed = PipelineAggregates::Failed;

Failed failed_of(const RunKey& key, const RunState& state) {
  return {*state.failed, key.run, state.active};
}

bool same_group(const RunState& a, const RunState& b) {
  return a.pipeline == b.pipeline && a.labels == b.labels && a.schedule == b.schedule;
}

void note_change(Totals& totals, const RunState& now) {
  ++totals.changes;
  totals.first_event = std::min(totals.first_event, now.last_event);
}

/// What outlives its runs.
Totals emptied(const Totals& totals) {
  Totals kept;
  kept.changes = totals.changes;
  kept.first_event = totals.first_event;
  return kept;
}

}  // namespace

void PipelineAggregates::put(Totals& totals, const RunKey& key, const RunState& now) {
  ++totals.runs;
  totals.last_event = std::max(totals.last_event, now.last_event);
  if (now.active) totals.active.insert(key.run);
  if (now.failed) {
    const Failed failed = failed_of(key, now);
    totals.failed.insert(std::upper_bound(totals.failed.begin(), totals.failed.end(), failed),
                         failed);
  }
  if (!now.success) return;
  totals.success = std::max(totals.success, now.success);
  const auto group = totals.successes.find(GroupView(now.labels, now.schedule));
  if (group == totals.successes.end()) {
    totals.successes.emplace(Group(now.labels, now.schedule), *now.success);
  } else {
    group->second = std::max(group->second, *now.success);
  }
}

/// Not the last of its pipeline's runs.
void PipelineAggregates::take(Totals& totals, const RunKey& key, const RunState& before,
                              const RunState& now) {
  --totals.runs;
  if (before.active) totals.active.erase(key.run);
  if (before.failed) {
    const Failed failed = failed_of(key, before);
    const auto at = std::lower_bound(totals.failed.begin(), totals.failed.end(), failed);
    if (at != totals.failed.end() && *at == failed) totals.failed.erase(at);
  }
  if (!before.success) return;
  const bool keeps_success = now.pipeline == before.pipeline && now.success >= before.success;
  if (before.success == totals.success && !keeps_success) stale_ = true;
  if (keeps_success && same_group(before, now)) return;
  const auto group = totals.successes.find(GroupView(before.labels, before.schedule));
  if (group != totals.successes.end() && group->second == *before.success) groups_stale_ = true;
}

void PipelineAggregates::add(const RunKey& key, const RunState& now) {
  if (now.pipeline.empty()) return;
  Totals& totals = pipelines_[{key.source, now.pipeline}];
  put(totals, key, now);
  note_change(totals, now);
}

void PipelineAggregates::replace(const RunKey& key, const RunState& before, const RunState& now) {
  const auto at = pipelines_.find(KeyView(key.source, before.pipeline));
  if (at == pipelines_.end() || before.pipeline != now.pipeline) {
    if (at != pipelines_.end()) remove(key, before);
    return add(key, now);
  }
  if (at->second.runs == 1) {
    at->second = emptied(at->second);
  } else {
    take(at->second, key, before, now);
  }
  put(at->second, key, now);
  note_change(at->second, now);
}

void PipelineAggregates::remove(const RunKey& key, const RunState& before) {
  const auto at = pipelines_.find(KeyView(key.source, before.pipeline));
  if (at == pipelines_.end()) return;
  if (at->second.runs == 1) {
    pipelines_.erase(at);
  } else {
    take(at->second, key, before, {});
    ++at->second.changes;
  }
}

void PipelineAggregates::begin_anew() {
  for (auto& [key, totals] : pipelines_) totals = emptied(totals);
  stale_ = groups_stale_ = false;
}

void PipelineAggregates::restore(const RunKey& key, const RunState& now) {
  if (!now.pipeline.empty()) put(pipelines_[{key.source, now.pipeline}], key, now);
}

const Totals* PipelineAggregates::find(std::int64_t source, std::string_view pipeline) const {
  const auto at = pipelines_.find(KeyView(source, pipeline));
  return at == pipelines_.end() ? nullptr : &at->second;
}

std::span<const Failed> PipelineAggregates::failed_behind(
    const Totals& totals, const std::optional<schema::Position>& after) {
  const auto first = std::partition_point(
      totals.failed.begin(), totals.failed.end(),
      [&](const Failed& failed) { return after && failed.end.position <= *after; });
  return {first, totals.failed.end()};
}

std::int64_t PipelineAggregates::failures(const Totals& totals) {
  const auto behind = failed_behind(
      totals, totals.success ? std::optional(totals.success->position) : std::nullopt);
  return std::count_if(behind.begin(), behind.end(),
                       [](const Failed& failed) { return !failed.active; });
}

}  // namespace walpulse::monitor
