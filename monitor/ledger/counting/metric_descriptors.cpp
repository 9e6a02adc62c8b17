#include "monitor/ledger/counting/metric_descriptors.h"

#include <unordered_map>

#include "publisher/telemetry/connector_metrics.h"

namespace walpulse::monitor {
namespace {

using Kind = telemetry::Descriptor::Kind;
using Type = telemetry::Descriptor::ValueType;

telemetry::Descriptor counter(std::string_view name, std::string_view display,
                              std::string_view help, std::vector<std::string_view> labels) {
  return {name, display, help, "1", Kind::cumulative, Type::int64, std::move(labels)};
}
telemetry::Descriptor seconds(std::string_view name, std::string_view display,
                              std::string_view help, std::vector<std::string_view> labels) {
  return {name, display, help, "s", Kind::cumulative, Type::distribution, std::move(labels)};
}
telemetry::Descriptor number(std::string_view name, std::string_view display, std::string_view help,
                             std::vector<std::string_view> labels) {
  return {name, display, help, "1", Kind::gauge, Type::int64, std::move(labels)};
}
telemetry::Descriptor age(std::string_view name, std::string_view display, std::string_view help,
                          std::vector<std::string_view> labels) {
  return {name, display, help, "s", Kind::gauge, Type::double_, std::move(labels)};
}

}  // namespace

const MetricDescriptors& metric_descriptors() {
  static const MetricDescriptors all{
      .created_count = counter("pipeline_run/created_count", "Pipeline runs created",
                               "Pipeline runs inserted.", {"pipeline", "trigger"}),
      .started_count = counter("pipeline_run/started_count", "Pipeline runs started",
                               "Entries of a pipeline run into RUNNING, retries among them.",
                               {"pipeline", "trigger"}),
      .finished_count = counter("pipeline_run/finished_count", "Pipeline runs finished",
                                "Entries of a pipeline run into COMPLETED, FAILED or CANCELLED.",
                                {"pipeline", "trigger", "status"}),
      .failed_count = counter("pipeline_run/failed_count", "Pipeline runs failed, by cause",
                              "Entries of a pipeline run into FAILED, by what its blocks had done "
                              "by then.",
                              {"pipeline", "trigger", "cause"}),
      .retried_count = counter("pipeline_run/retried_count", "Pipeline runs retried",
                               "Finished pipeline runs that were set going again.", {"pipeline"}),
      .skipped_count =
          counter("pipeline_run/skipped_count", "Pipeline runs skipped",
                  "Pipeline runs cancelled before they ever started.", {"pipeline", "by"}),
      .sla_missed_count = counter("pipeline_run/sla_missed_count", "Pipeline runs past their SLA",
                                  "Pipeline runs that Mage found past their SLA.", {"pipeline"}),
      .duration =
          seconds("pipeline_run/duration", "Pipeline run duration",
                  "From the start of a finished pipeline run to its end.", {"pipeline", "status"}),
      .queue_time = seconds("pipeline_run/queue_time", "Pipeline run queue time",
                            "From the insert of a pipeline run to its first start.", {}),
      .block_ended_count =
          counter("block_run/ended_count", "Block runs ended",
                  "Entries of a block run into COMPLETED, FAILED, UPSTREAM_FAILED or "
                  "CONDITION_FAILED, counted when the pipeline run has ended.",
                  {"pipeline", "block", "status"}),
      .block_duration = seconds("block_run/duration", "Block run duration",
                                "From the start of an ended block run to its end.",
                                {"pipeline", "block", "status"}),
      .active = number("pipeline_run/active", "Active pipeline runs",
                       "Pipeline runs that have not ended.", {"pipeline", "status"}),
      .oldest_active_age = age(
          "pipeline_run/oldest_active_age", "Age of the oldest active pipeline run",
          "Time since the oldest pipeline run that has not ended was created; orphans left out.",
          {"pipeline"}),
      .last_success_age = age("pipeline/last_success_age", "Time since the last success",
                              "Time since a run of the pipeline last completed.", {"pipeline"}),
      .consecutive_failures =
          number("pipeline/consecutive_failures", "Consecutive failures",
                 "Failed runs of the pipeline since one last completed.", {"pipeline"}),
      .last_created_age =
          age("scheduler/last_created_age", "Time since a run was created",
              "Time since any pipeline run was created: is the scheduler alive?", {}),
      .open_problems = number("problem/open", "Open problems",
                              "What needs a person now; what another problem explains is left out.",
                              {"kind", "severity"}),
      .trigger_overdue =
          age("trigger/overdue", "Overdue triggers",
              "Time since the oldest slot of the pipeline's triggers that has no run was due; a 0 "
              "once there is one.",
              {"pipeline"}),
      .trigger_missed_count = counter(
          "trigger/missed_count", "Missed slots",
          "Slots of triggers for which Mage made no run, and makes none any more.", {"pipeline"}),
      .deliveries_waiting = number("delivery/waiting_count", "Deliveries that wait",
                                   "Messages and calls that are still to be made.", {"channel"}),
      .oldest_delivery_age =
          age("delivery/oldest_age", "Oldest delivery",
              "Time since the oldest message or call that is still to be made came to be; a 0 once "
              "none is.",
              {"channel"}),
      .delivery_sent_count = counter("delivery/sent_count", "Deliveries made",
                                     "Messages and calls that were taken.", {"channel"}),
      .delivery_given_up_count = counter("delivery/given_up_count", "Deliveries given up",
                                         "Messages and calls that were given up.", {"channel"}),
      .rejected_message_count =
          number("rejected/message_count", "Messages set aside",
                 "Messages that could not be counted, and are kept with the reason.", {}),
      .rejected_bytes = {"rejected/bytes",
                         "Size of the messages set aside",
                         "What the messages that could not be counted take in the ledger; 64 MiB "
                         "at most.",
                         "By",
                         Kind::gauge,
                         Type::int64,
                         {}},
      .rejected_dropped_count = counter(
          "rejected/dropped_count", "Messages set aside that were dropped",
          "Messages that could not be counted, were not forwarded, and went since they were "
          "older than 30 days or all of them larger than 64 MiB.",
          {"reason"}),
      .processed_count = counter("event/processed_count", "Events processed",
                                 "Change events processed by the monitor.", {"op", "outcome"}),
      .delivery_latency = seconds("event/delivery_latency", "Event delivery latency",
                                  "From the commit of a change to its place in the ledger; "
                                  "replayed and snapshot rows left out.",
                                  {}),
      .heartbeat_age = age("flow/heartbeat_age", "Heartbeat age",
                           "Time since the connector sent its last heartbeat.", {}),
      .watermark_age = age("flow/watermark_age", "Watermark age",
                           "Time since everything in the log was known to be delivered.", {}),
      .gap_count =
          counter("flow/gap_count", "Gaps", "Gaps found in the flow of events.", {"reason"}),
      .late_event_count =
          counter("flow/late_event_count", "Events that were never to come",
                  "Events first seen long after everything up to them was known to be delivered: "
                  "was the server restored?",
                  {}),
      .failed_points_count = counter("export/failed_points_count", "Points not written",
                                     "Points that the metrics service did not take.", {"reason"}),
      .overflow_count = counter("labels/overflow_count", "Label values folded",
                                "Observations folded into _other because a label has too many "
                                "values.",
                                {"label"}),
      .late_origin_count =
          counter("labels/late_origin_count", "Inserts that came too late",
                  "Runs whose insert came after they had been counted under the labels of a later "
                  "change.",
                  {})};
  return all;
}

const std::vector<const telemetry::Descriptor*>& all_descriptors() {
  static const std::vector<const telemetry::Descriptor*> all = [] {
    const MetricDescriptors& c = metric_descriptors();
    std::vector<const telemetry::Descriptor*> found{&c.created_count,
                                                    &c.started_count,
                                                    &c.finished_count,
                                                    &c.failed_count,
                                                    &c.retried_count,
                                                    &c.skipped_count,
                                                    &c.sla_missed_count,
                                                    &c.duration,
                                                    &c.queue_time,
                                                    &c.block_ended_count,
                                                    &c.block_duration,
                                                    &c.active,
                                                    &c.oldest_active_age,
                                                    &c.last_success_age,
                                                    &c.consecutive_failures,
                                                    &c.last_created_age,
                                                    &c.open_problems,
                                                    &c.trigger_overdue,
                                                    &c.trigger_missed_count,
                                                    &c.deliveries_waiting,
                                                    &c.oldest_delivery_age,
                                                    &c.delivery_sent_count,
                                                    &c.delivery_given_up_count,
                                                    &c.rejected_message_count,
                                                    &c.rejected_bytes,
                                                    &c.rejected_dropped_count,
                                                    &c.processed_count,
                                                    &c.delivery_latency,
                                                    &c.heartbeat_age,
                                                    &c.watermark_age,
                                                    &c.gap_count,
                                                    &c.late_event_count,
                                                    &c.failed_points_count,
                                                    &c.overflow_count,
                                                    &c.late_origin_count};
    for (const telemetry::Descriptor& descriptor : telemetry::connector_descriptors())
      found.push_back(&descriptor);
    return found;
  }();
  return all;
}

bool is_only_scraped(const telemetry::Descriptor& metric) {
  const MetricDescriptors& all = metric_descriptors();
  return &metric == &all.block_ended_count || &metric == &all.block_duration;
}

const std::vector<const telemetry::Descriptor*>& exported_descriptors() {
  static const std::vector<const telemetry::Descriptor*> exported = [] {
    std::vector<const telemetry::Descriptor*> found = all_descriptors();
    std::erase_if(found, [](const auto* descriptor) { return is_only_scraped(*descriptor); });
    return found;
  }();
  return exported;
}

const telemetry::Descriptor* find_descriptor(std::string_view name) {
  static const std::unordered_map<std::string_view, const telemetry::Descriptor*> by_name = [] {
    std::unordered_map<std::string_view, const telemetry::Descriptor*> found;
    for (const telemetry::Descriptor* descriptor : all_descriptors())
      found.emplace(descriptor->name, descriptor);
    return found;
  }();
  const auto at = by_name.find(name);
  return at == by_name.end() ? nullptr : at->second;
}

}  // namespace walpulse::monitor
