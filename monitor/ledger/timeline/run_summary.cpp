#include "monitor/ledger/timeline/run_summary.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

using schema::Operation;

std::optional<Timestamp> finite_or_none(const std::optional<Timestamp>& instant) {
  return instant && is_finite(*instant) ? instant : std::nullopt;
}

bool has_ended(const Entry& entry) { return entry.status && mage::is_terminal(*entry.status); }

RunStep step_of(const Entry& entry, const std::optional<std::string>& status) {
  return {entry.commit_time, status.value_or(std::string(kUnknown)), entry.operation,
          entry.position};
}

void summarize_life(std::span<const Entry> life, RunSummary& summary) {
  summary.created = finite_or_none(birth(life.front()));
  const Entry* before = nullptr;
  for (const Entry& entry : life) {
    if (before == nullptr || entry.status != before->status)
      summary.steps.push_back(step_of(entry, entry.status));
    if (before != nullptr && has_ended(*before) && !has_ended(entry)) ++summary.attempts;
    if (entry.backfill_id) summary.backfill = entry.backfill_id;
    before = &entry;
  }
  summary.started = finite_or_none(life.back().started_at);
  for (const auto& [name, value] : OwnLabels(life.front()).all())
    summary.labels.emplace(name, value);
}

}  // namespace

RunSummary run_summary(const RunKey& key, std::span<const Entry> timeline, const RunState& state) {
  RunSummary summary;
  summary.key = key;
  summary.pipeline = state.pipeline.empty() ? std::string(kUnknown) : state.pipeline;
  summary.status = state.status.empty() ? std::string(kUnknown) : state.status;
  summary.active = state.active;
  if (timeline.empty()) return summary;
  std::span<const Entry> newest;
  each_life(timeline, [&](std::span<const Entry> life) { newest = life; });
  summary.deleted = timeline.back().operation == Operation::remove;
  if (!newest.empty()) summarize_life(newest, summary);
  if (summary.deleted)
    summary.steps.push_back(
        step_of(timeline.back(), newest.empty() ? std::nullopt : newest.back().status));
  const RunState anew = run_state(timeline);
  summary.schedule = anew.schedule;
  summary.slot = anew.slot;
  if (!anew.finish) return summary;
  summary.ended = anew.finish->ended;
  if (anew.finish->took) summary.seconds = static_cast<double>(anew.finish->took->count()) / 1e6;
  return summary;
}

}  // namespace walpulse::monitor
