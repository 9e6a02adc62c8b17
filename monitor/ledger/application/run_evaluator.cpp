#include "monitor/ledger/application/run_evaluator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "monitor/ledger/application/snapshots.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {

void RunEvaluator::evaluate(TouchedRun& touched, const SourceRow& source) {
  StoredRun& stored = touched.stored;
  Run& run = stored.run;
  if (run.timeline.empty()) return;
  Timeline merged;
  const bool alone =
      source.ends.empty() || source.ends.back().position < run.timeline.front().position;
  if (!alone) merged = merge(run.timeline, source.ends);
  const SnapshotEndRow* gone = ended_by(source, stored.key.run, run.timeline.back().position);
  if (gone != nullptr) {
    if (alone) merged = run.timeline;
    insert(merged, make_end(gone->position, gone->time));
  }
  const Timeline& timeline = alone && gone == nullptr ? run.timeline : merged;

  const Observation observed = observe(timeline, settled_);
  for (const NewStep& counted : count_new(observed, run.counted)) {
    steps_.add(source.name, counted);
    raise_alert(touched, source, counted);
  }

  run.state = run_state(timeline);
  if (observed.waits_for) run.state.due = *observed.waits_for + options_.settle;
  if (run.state.status == kOrphaned && stored.before.status != kOrphaned) orphaned(touched, source);
  if (run.state.pipeline != stored.before.pipeline)
    labels_.admit("pipeline", run.state.pipeline, source.name);
  if (run.state.status != stored.before.status)
    labels_.admit("status", run.state.status, source.name);
  if (const auto floor = fold(run.timeline, options_.timeline_entries_max))
    run.floor = run.floor ? std::max(*run.floor, *floor) : *floor;
  for (Entry& entry : run.timeline)
    if (entry.arrived <= settled_) {  // how it came is of no interest now
      entry.arrived = kLongAgo;
      entry.replayed = false;
    }
}

void RunEvaluator::raise_alert(const TouchedRun& touched, const SourceRow& source,
                               const NewStep& counted) {
  const Step& step = counted.step;
  const bool failed = step.kind == StepKind::finished && step.at->status == mage::kFailed;
  if (!failed && step.kind != StepKind::sla_missed) return;
  if (step.at->replayed) return;
  RunAlert alert;
  alert.kind = failed ? RunAlert::Kind::failed : RunAlert::Kind::sla_missed;
  alert.source = source.name + '/' + source.table;
  alert.run_id = touched.stored.key.run;
  alert.labels = *counted.labels;
  alert.duration_seconds = step.seconds.value_or(-1);
  alert.at = step.at->commit_time;
  for (const ArrivedEntry& each : touched.arrived)
    if (each.position == step.at->position)
      alert.traceparent = telemetry::traceparent_of(each.received->attributes);
  alerts_.push_back(std::move(alert));
}

/// A log line for each, since a gauge cannot say which run it is.
void RunEvaluator::orphaned(const TouchedRun& touched, const SourceRow& source) {
  const Run& run = touched.stored.run;
  RunAlert alert;
  alert.kind = RunAlert::Kind::orphaned;
  alert.source = source.name + '/' + source.table;
  alert.run_id = touched.stored.key.run;
  alert.labels = {{"pipeline", run.state.pipeline}};
  alert.at = run.timeline.back().commit_time;
  alerts_.push_back(std::move(alert));
}

}  // namespace walpulse::monitor
