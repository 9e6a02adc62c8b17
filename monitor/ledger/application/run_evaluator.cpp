#include "monitor/ledger/application/run_evaluator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "monitor/ledger/application/merged_timeline.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
void RunEvaluator::evaluate(TouchedRun& touched, const SourceRow& source) {
  StoredRun& stored = touched.stored;
  Run& run = stored.run;
  if (run.timeline.empty()) return;
  const MergedTimeline timeline(stored, source);

  const Observation observed = observe(*timeline, settled_);
  for (NewStep& counted : count_new(observed, run.counted)) {
    if (counted.step.kind == StepKind::ended) {
      block_ends_.add(stored.key, counted);
      continue;
    }
    if (counted.step.kind == StepKind::failed)
      counted.cause = to_string(blocks_.explain(stored.key, source, counted.step).cause);
    steps_.add(source.name, counted);
    raise_alert(touched, source, counted);
  }

  run.state = run_state(*timeline);
  if (observed.waits_for) run.state.due = *observed.waits_for + options_.settle;
  if (run.state.status == kOrphaned && stored.before.status != kOrphaned) orphaned(touched, source);
  admit_labels(stored, source);
  if (const auto floor = fold(run.timeline, options_.timeline_entries_max))
    run.floor = run.floor ? std::max(*run.floor, *floor) : *floor;
  for (Entry& entry : run.timeline)
    if (entry.arrived <= settled_) {  // how it came is of no interest now
      entry.arrived = kLongAgo;
      entry.replayed = false;
    }
}

void RunEvaluator::read_again(TouchedRun& touched, const SourceRow& source) {
  StoredRun& stored = touched.stored;
  Run& run = stored.run;
  if (run.timeline.empty()) return;
  run.state = run_state(*MergedTimeline(stored, source));
  run.state.due = stored.before.due;
  admit_labels(stored, source);
}

void RunEvaluator::admit_labels(const StoredRun& stored, const SourceRow& source) {
  const RunState& now = stored.run.state;
  if (now.pipeline != stored.before.pipeline) labels_.admit("pipeline", now.pipeline, source.name);
  if (now.status != stored.before.status) labels_.admit("status", now.status, source.name);
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
  if (failed) {
    Failure failure = blocks_.explain(touched.stored.key, source, step);
    alert.block = std::move(failure.block);
    alert.error = std::move(failure.error);
  }
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
