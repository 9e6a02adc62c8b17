#include "monitor/command/known_pipelines.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "monitor/ledger/counting/label_limits.h"
#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/schedule/recurrence.h"

namespace walpulse::monitor {
namespace {

using rules::KnownPipeline;
using Pipelines = std::map<std::pair<std::string, std::string>, KnownPipeline>;

constexpr const char* kPipeline = "pipeline";

/// Empty where the point is of no pipeline, or of several.
std::string pipeline_label(const telemetry::Point& point) {
  const auto label = point.labels.find(kPipeline);
  return label == point.labels.end() || label->second == kOther ? std::string() : label->second;
}

/// Null where the pipeline is not known.
KnownPipeline* known_of(Pipelines& pipelines, const telemetry::Point& point) {
  const auto at = pipelines.find({point.source, pipeline_label(point)});
  return at == pipelines.end() ? nullptr : &at->second;
}

KnownPipeline& add(Pipelines& pipelines, const std::string& source, const std::string& name) {
  KnownPipeline& known = pipelines[{source, name}];
  known.source = source;
  known.pipeline = name;
  return known;
}

/// The least bound of its buckets that nine of ten values are within; nothing where that is above
/// the last one.
std::optional<rules::Duration> usual_of(const telemetry::Distribution& seconds) {
  const std::uint64_t count = seconds.count();
  std::uint64_t within = 0;
  for (std::size_t i = 0; i < seconds.bounds.size() && i < seconds.counts.size(); ++i) {
    within += seconds.counts[i];
    if (count > 0 && within * 10 >= count * 9)
      return std::chrono::ceil<rules::Duration>(std::chrono::duration<double>(seconds.bounds[i]));
  }
  return std::nullopt;
}

void take_duration(const telemetry::Point& point, Pipelines& pipelines) {
  KnownPipeline* known = known_of(pipelines, point);
  const auto* seconds = std::get_if<telemetry::Distribution>(&point.value);
  const auto status = point.labels.find("status");
  if (known == nullptr || seconds == nullptr || status == point.labels.end() ||
      status->second != "COMPLETED")
    return;
  known->completed = seconds->count();
  known->usual = usual_of(*seconds);
}

/// What the point has beside its metric's own labels are those of the run.
void take_labels(const telemetry::Descriptor& metric, const telemetry::Point& point,
                 Pipelines& pipelines) {
  KnownPipeline* known = known_of(pipelines, point);
  const auto* count = std::get_if<std::int64_t>(&point.value);
  if (known == nullptr || count == nullptr) return;
  for (const auto& [label, value] : point.labels) {
    if (std::ranges::count(metric.labels, label) > 0) continue;
    if (value == kOther) {
      known->crowded_labels.insert(label);
    } else {
      known->labels[label][value] += static_cast<std::uint64_t>(std::max<std::int64_t>(*count, 0));
    }
  }
}

/// The longest time between two slots that follow each other, as far as they are looked at: the
/// next dozen, and those around each hour of the coming week, so that the nights and weekends of
/// "every five minutes at work" are seen.
std::optional<rules::Duration> longest_pause(const Recurrence& recurrence, Timestamp now) {
  rules::Duration longest{};
  const auto look_behind = [&](std::optional<Timestamp> slot) {
    if (!slot) return std::optional<Timestamp>();
    const auto next = recurrence.next(*slot);
    if (next) longest = std::max(longest, std::chrono::ceil<rules::Duration>(*next - *slot));
    return next;
  };
  auto slot = recurrence.previous(now);
  for (int i = 0; i < 12 && slot; ++i) slot = look_behind(slot);
  for (int hour = 0; hour < 7 * 24; ++hour)
    look_behind(recurrence.previous(now + std::chrono::hours(hour)));
  if (longest == rules::Duration::zero()) return std::nullopt;
  return longest;
}

/// Of an active trigger with a schedule.
std::optional<rules::Duration> period_of(const mage::PipelineSchedule& trigger, Timestamp now) {
  if (trigger.status != "ACTIVE" || trigger.schedule_type != "TIME" || !trigger.schedule_interval)
    return std::nullopt;
  const auto recurrence = Recurrence::read(*trigger.schedule_interval, std::nullopt);
  return recurrence && *recurrence ? longest_pause(**recurrence, now) : std::nullopt;
}

void take_trigger(const KnownTrigger& known, Timestamp now, Pipelines& pipelines) {
  const mage::PipelineSchedule& trigger = known.trigger;
  if (!trigger.pipeline_uuid || trigger.pipeline_uuid->empty()) return;
  KnownPipeline& pipeline = add(pipelines, known.source, *trigger.pipeline_uuid);
  if (trigger.name) pipeline.triggers.insert(*trigger.name);
  const auto period = period_of(trigger, now);
  // Of several the most frequent one alone makes a pipeline fresh.
  if (period && (!pipeline.period || *period < *pipeline.period)) pipeline.period = period;
}

}  // namespace

std::vector<KnownPipeline> known_pipelines(const telemetry::MetricFamilies& ledger,
                                           std::span<const KnownTrigger> triggers, Timestamp now) {
  const MetricDescriptors& metrics = metric_descriptors();
  Pipelines pipelines;
  for (const telemetry::Metric& metric : ledger.metrics) {
    if (metric.descriptor != &metrics.consecutive_failures) continue;
    for (const telemetry::Point& point : metric.points)
      if (const auto name = pipeline_label(point); !name.empty())
        add(pipelines, point.source, name);
  }
  for (const KnownTrigger& trigger : triggers) take_trigger(trigger, now, pipelines);
  for (const telemetry::Metric& metric : ledger.metrics) {
    for (const telemetry::Point& point : metric.points) {
      if (metric.descriptor == &metrics.duration) take_duration(point, pipelines);
      if (metric.descriptor == &metrics.finished_count)
        take_labels(*metric.descriptor, point, pipelines);
    }
  }
  std::vector<KnownPipeline> found;
  for (auto& [key, known] : pipelines) found.push_back(std::move(known));
  return found;
}

bool tells_all_pipelines(const telemetry::MetricFamilies& ledger) {
  return std::ranges::none_of(ledger.metrics, [](const telemetry::Metric& metric) {
    return std::ranges::any_of(metric.points, [](const telemetry::Point& point) {
      const auto label = point.labels.find(kPipeline);
      return label != point.labels.end() && label->second == kOther;
    });
  });
}

}  // namespace walpulse::monitor
