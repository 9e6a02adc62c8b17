#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "decoder/schema/change_event.h"

namespace walpulse::mage {

/// The three statuses that end a run. Mage's enum is an open set: any other text, also one that
/// does not exist today, is a status too and not terminal.
inline constexpr std::string_view kCompleted = "COMPLETED";
inline constexpr std::string_view kFailed = "FAILED";
inline constexpr std::string_view kCancelled = "CANCELLED";
inline constexpr std::string_view kRunning = "RUNNING";
bool is_terminal(std::string_view status);

/// A row of Mage's pipeline_run as far as the metrics need it. Only `id` is NOT NULL in Mage's
/// schema; a column that is NULL, absent (older Mage versions) or unchanged is nullopt.
struct PipelineRun {
  std::int64_t id = 0;
  std::optional<Timestamp> created_at;
  std::optional<std::int64_t> pipeline_schedule_id;
  std::optional<std::string> pipeline_uuid;
  std::optional<Timestamp> execution_date;
  std::optional<std::string> status;
  std::optional<Timestamp> completed_at;
  std::optional<bool> passed_sla;
  std::optional<std::int64_t> backfill_id;
  std::optional<Timestamp> started_at;
  bool operator==(const PipelineRun&) const = default;
};

}  // namespace walpulse::mage
