#include "monitor/ledger/pipeline_board.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

schema::Position horizon_of(const PipelineBoard::Totals& totals) {
  return totals.success->position;
}

}  // namespace

void PipelineBoard::add(std::int64_t source, const RunState& now) {
  if (now.pipeline.empty()) return;
  Totals& totals = pipelines_[{source, now.pipeline}];
  ++totals.runs;
  totals.last_event = std::max(totals.last_event, now.last_event);
  if (now.success && (!totals.success || *totals.success < *now.success)) {
    totals.success = now.success;
    totals.failed.erase(totals.failed.begin(), totals.failed.upper_bound(horizon_of(totals)));
  }
  if (now.failed && (!totals.success || *now.failed > horizon_of(totals)))
    totals.failed.insert(*now.failed);
}

void PipelineBoard::replace(std::int64_t source, const RunState& before, const RunState& now) {
  remove(source, before, now);
  add(source, now);
}

void PipelineBoard::remove(std::int64_t source, const RunState& before, const RunState& now) {
  const auto at = pipelines_.find({source, before.pipeline});
  if (at == pipelines_.end()) return;
  Totals& totals = at->second;
  if (--totals.runs == 0) {
    pipelines_.erase(at);
    return;
  }
  if (before.failed) {
    const auto failed = totals.failed.find(*before.failed);
    if (failed != totals.failed.end()) totals.failed.erase(failed);
  }
  const bool keeps_success = now.pipeline == before.pipeline && now.success >= before.success;
  if (before.success && before.success == totals.success && !keeps_success) stale_ = true;
}

void PipelineBoard::clear() {
  pipelines_.clear();
  stale_ = false;
}

}  // namespace walpulse::monitor
