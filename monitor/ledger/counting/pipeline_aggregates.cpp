#include "monitor/ledger/counting/pipeline_aggregates.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

schema::Position horizon_of(const PipelineAggregates::Totals& totals) {
  return totals.success->position;
}

}  // namespace

void PipelineAggregates::put(Totals& totals, const RunState& now) {
  ++totals.runs;
  totals.last_event = std::max(totals.last_event, now.last_event);
  if (now.success && (!totals.success || *totals.success < *now.success)) {
    totals.success = now.success;
    totals.failed.erase(totals.failed.begin(), totals.failed.upper_bound(horizon_of(totals)));
  }
  if (now.failed && (!totals.success || *now.failed > horizon_of(totals)))
    totals.failed.insert(*now.failed);
}

/// Not the last of its pipeline's runs.
void PipelineAggregates::take(Totals& totals, const RunState& before, const RunState& now) {
  --totals.runs;
  if (before.failed) {
    const auto failed = totals.failed.find(*before.failed);
    if (failed != totals.failed.end()) totals.failed.erase(failed);
  }
  const bool keeps_success = now.pipeline == before.pipeline && now.success >= before.success;
  if (before.success && before.success == totals.success && !keeps_success) stale_ = true;
}

void PipelineAggregates::add(std::int64_t source, const RunState& now) {
  if (!now.pipeline.empty()) put(pipelines_[{source, now.pipeline}], now);
}

void PipelineAggregates::replace(std::int64_t source, const RunState& before, const RunState& now) {
  const auto at = pipelines_.find(Less::View(source, before.pipeline));
  if (at == pipelines_.end() || before.pipeline != now.pipeline) {
    if (at != pipelines_.end()) remove(source, before);
    return add(source, now);
  }
  if (at->second.runs == 1) {
    at->second = {};
  } else {
    take(at->second, before, now);
  }
  put(at->second, now);
}

void PipelineAggregates::remove(std::int64_t source, const RunState& before) {
  const auto at = pipelines_.find(Less::View(source, before.pipeline));
  if (at == pipelines_.end()) return;
  if (at->second.runs == 1) {
    pipelines_.erase(at);
  } else {
    take(at->second, before, {});
  }
}

void PipelineAggregates::clear() {
  pipelines_.clear();
  stale_ = false;
}

}  // namespace walpulse::monitor
