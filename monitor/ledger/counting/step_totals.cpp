#include "monitor/ledger/counting/step_totals.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "monitor/ledger/counting/metric_descriptors.h"

namespace walpulse::monitor {
namespace {

/// What the step's series says beside the labels of the run.
std::string_view word_of(const NewStep& counted) {
  const Step& step = counted.step;
  if (step.kind == StepKind::failed) return counted.cause;
  if (counts_by_status(step.kind)) return *step.at->status;
  if (step.kind == StepKind::skipped) return step.by_scheduler ? "scheduler" : "person";
  return {};
}

}  // namespace

std::size_t StepTotals::Hash::operator()(const Key& key) const {
  std::size_t hash = std::hash<std::string_view>()(key.source);
  for (const auto& [name, value] : *key.labels)
    hash = hash * 31 + std::hash<std::string_view>()(value);
  return hash;
}

StepTotals::AllSums::value_type& StepTotals::sums_of(const std::string& source,
                                                     const SharedLabels& labels) {
  if (last_ != nullptr && last_->first.labels.is(labels) && last_->first.source == source)
    return *last_;
  const auto [at, added] = all_.try_emplace(Key{source, labels});
  if (added) at->second.folded = labels_.fold(*labels);
  return *at;
}

StepTotals::Sum& StepTotals::sum_of(Sums& sums, const NewStep& counted) const {
  const Step& step = counted.step;
  const std::string_view word = word_of(counted);
  for (Sum& sum : sums.sums)
    if (sum.kind == step.kind && sum.word == word) return sum;
  Sum& sum = sums.sums.emplace_back(Sum{step.kind, std::string(word), 0, {}});
  if (step.kind == StepKind::timed) sum.seconds.bounds = options_.duration_bounds;
  if (step.kind == StepKind::queued) sum.seconds.bounds = options_.queue_time_bounds;
  return sum;
}

void StepTotals::add(const std::string& source, const NewStep& counted) {
  last_ = &sums_of(source, counted.labels);
  Sums& sums = last_->second;
  ++sums.steps;
  Sum& sum = sum_of(sums, counted);
  ++sum.count;
  if (!sum.seconds.bounds.empty()) sum.seconds.add(*counted.step.seconds);
}

void StepTotals::add_to(SeriesChanges& changes) const {
  for (const auto& [key, sums] : all_) {
    for (const std::string& label : sums.folded.beyond)
      changes.count(metric_descriptors().overflow_count, key.source, {{"label", label}},
                    sums.steps);
    for (const Sum& sum : sums.sums) add_to(changes, key.source, sums.folded.labels, sum);
  }
}

void StepTotals::add_to(SeriesChanges& changes, const std::string& source,
                        const telemetry::Labels& labels, const Sum& sum) {
  const MetricDescriptors& metrics = metric_descriptors();
  const telemetry::Labels pipeline{{"pipeline", labels.at("pipeline")}};
  switch (sum.kind) {
    case StepKind::created:
      return changes.count(metrics.created_count, source, labels, sum.count);
    case StepKind::started:
      return changes.count(metrics.started_count, source, labels, sum.count);
    case StepKind::finished: {
      telemetry::Labels with_status = labels;
      with_status["status"] = sum.word;
      return changes.count(metrics.finished_count, source, std::move(with_status), sum.count);
    }
    case StepKind::timed: {
      telemetry::Labels with_status = pipeline;
      with_status["status"] = sum.word;
      return changes.add({&metrics.duration, source, std::move(with_status)}, sum.seconds);
    }
    case StepKind::failed: {
      telemetry::Labels with_cause = labels;
      with_cause["cause"] = sum.word;
      return changes.count(metrics.failed_count, source, std::move(with_cause), sum.count);
    }
    case StepKind::retried:
      return changes.count(metrics.retried_count, source, pipeline, sum.count);
    case StepKind::skipped:
      return changes.count(metrics.skipped_count, source,
                           {{"pipeline", labels.at("pipeline")}, {"by", sum.word}}, sum.count);
    case StepKind::sla_missed:
      return changes.count(metrics.sla_missed_count, source, pipeline, sum.count);
    case StepKind::queued:
      return changes.add({&metrics.queue_time, source, {}}, sum.seconds);
    case StepKind::ended:
      return;  // what its blocks did is counted, by BlockCounter
  }
}

}  // namespace walpulse::monitor
