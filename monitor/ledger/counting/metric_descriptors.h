#pragma once

#include <string_view>
#include <vector>

#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// Every metric of the monitor but `connector/*` (those are telemetry::connector_descriptors()).
struct MetricDescriptors {
  telemetry::Descriptor created_count, started_count, finished_count, failed_count, retried_count,
      skipped_count, sla_missed_count, duration, queue_time;
  telemetry::Descriptor block_ended_count, block_duration;
  telemetry::Descriptor active, oldest_active_age, last_success_age, consecutive_failures,
      last_created_age;
  telemetry::Descriptor open_problems, trigger_overdue, trigger_missed_count;
  telemetry::Descriptor deliveries_waiting, oldest_delivery_age, delivery_sent_count,
      delivery_given_up_count;
  telemetry::Descriptor rejected_message_count, rejected_bytes, rejected_dropped_count;
  telemetry::Descriptor processed_count, delivery_latency;
  telemetry::Descriptor heartbeat_age, watermark_age, gap_count, late_event_count;
  telemetry::Descriptor failed_points_count, overflow_count, late_origin_count;
};
const MetricDescriptors& metric_descriptors();

/// All of them, and connector/*.
const std::vector<const telemetry::Descriptor*>& all_descriptors();
/// Told where it is asked for, and never written to a service that is paid by the series: there may
/// be tens of thousands of them.
bool is_only_scraped(const telemetry::Descriptor& metric);
/// Without those that are only scraped: what a metrics service must know before the first point.
const std::vector<const telemetry::Descriptor*>& exported_descriptors();
/// Null where there is no such metric.
const telemetry::Descriptor* find_descriptor(std::string_view name);

}  // namespace walpulse::monitor
