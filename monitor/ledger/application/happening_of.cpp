#include "monitor/ledger/application/happening_of.h"

#include <string>
#include <utility>

#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
namespace {

std::string taken_out(telemetry::Labels& labels, const std::string& name) {
  auto label = labels.extract(name);
  return label.empty() ? std::string() : std::move(label.mapped());
}

Happening happening_at(const TouchedRun& touched, const Entry& entry) {
  Happening happening;
  happening.source = touched.stored.key.source;
  happening.run = touched.stored.key.run;
  happening.position = entry.position;
  happening.at = entry.commit_time;
  for (const ArrivedEntry& each : touched.arrived)
    if (each.position == entry.position)
      happening.traceparent = telemetry::traceparent_of(each.received->attributes);
  return happening;
}

}  // namespace

Happening happening_of(const TouchedRun& touched, const NewStep& counted) {
  const Step& step = counted.step;
  Happening happening = happening_at(touched, *step.at);
  happening.status = step.kind == StepKind::finished ? *step.at->status : std::string(kSlaMissed);
  happening.nth = counted.nth;
  happening.labels = *counted.labels;
  happening.pipeline = taken_out(happening.labels, "pipeline");
  happening.made_by = taken_out(happening.labels, "trigger");
  happening.trigger = step.at->schedule_id ? step.at->schedule_id : step.origin->schedule_id;
  happening.seconds = step.seconds;
  return happening;
}

Happening orphaned_happening(const TouchedRun& touched, const Orphaning& orphaning) {
  const Run& run = touched.stored.run;
  Happening happening = happening_at(touched, *orphaning.at);
  happening.status = kOrphaned;
  happening.nth = orphaning.nth;
  happening.pipeline = run.state.pipeline;
  happening.trigger = run.state.schedule;
  if (auto labels = decode_labels(run.state.labels)) happening.labels = *std::move(labels);
  return happening;
}

}  // namespace walpulse::monitor
