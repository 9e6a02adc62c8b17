#include "monitor/ledger/application/run_evaluator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "monitor/ledger/application/happening_of.h"
#include "monitor/ledger/application/merged_timeline.h"

namespace walpulse::monitor {
namespace {

/// A replay and a snapshot say what was so before.
bool is_past(const Entry& entry) {
  return entry.replayed || entry.operation == schema::Operation::read;
}

}  // namespace

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
    note(touched, source, counted);
  }

  run.state = run_state(*timeline);
  if (observed.waits_for) run.state.due = *observed.waits_for + options_.settle;
  if (run.state.status == kOrphaned && stored.before.status != kOrphaned)
    orphaned(touched, last_orphaning(*timeline));
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

void RunEvaluator::note(const TouchedRun& touched, const SourceRow& source,
                        const NewStep& counted) {
  const StepKind kind = counted.step.kind;
  if (kind != StepKind::finished && kind != StepKind::sla_missed) return;
  if (is_past(*counted.step.at)) return;
  Happening happening = happening_of(touched, counted);
  if (happening.status == mage::kFailed) {
    Failure failure = blocks_.explain(touched.stored.key, source, counted.step);
    happening.block = std::move(failure.block);
    happening.error = std::move(failure.error);
  }
  happenings_.push_back(std::move(happening));
}

/// A gauge cannot say which run it is.
void RunEvaluator::orphaned(const TouchedRun& touched, const Orphaning& orphaning) {
  if (!is_past(*orphaning.at)) happenings_.push_back(orphaned_happening(touched, orphaning));
}

}  // namespace walpulse::monitor
