#include "monitor/ledger/step_series.h"

#include "monitor/ledger/catalogue.h"

namespace walpulse::monitor {

void count_step(const Step& step, const gcp::Labels& labels, const std::string& source,
                const LedgerOptions& options, SeriesChanges& changes) {
  const Catalogue& metrics = catalogue();
  const std::string& pipeline = labels.at("pipeline");
  switch (step.kind) {
    case StepKind::created:
      return changes.count(metrics.created_count, source, labels);
    case StepKind::started:
      return changes.count(metrics.started_count, source, labels);
    case StepKind::finished: {
      gcp::Labels with_status = labels;
      with_status["status"] = *step.at->status;
      return changes.count(metrics.finished_count, source, std::move(with_status));
    }
    case StepKind::timed:
      return changes.observe(metrics.duration, source,
                             {{"pipeline", pipeline}, {"status", *step.at->status}}, *step.seconds,
                             options.duration_bounds);
    case StepKind::retried:
      return changes.count(metrics.retried_count, source, {{"pipeline", pipeline}});
    case StepKind::skipped:
      return changes.count(metrics.skipped_count, source, {{"pipeline", pipeline}});
    case StepKind::sla_missed:
      return changes.count(metrics.sla_missed_count, source, {{"pipeline", pipeline}});
    case StepKind::queued:
      return changes.observe(metrics.queue_time, source, {}, *step.seconds,
                             options.queue_time_bounds);
  }
}

}  // namespace walpulse::monitor
