#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decoder/base/result.h"
#include "decoder/mage/columns.h"

namespace walpulse::mage {

/// A row of Mage's pipeline_schedule, which its pages call a trigger. Only `id` is NOT NULL in
/// Mage's schema; a column that is NULL, absent or unchanged is nullopt. `token` starts runs: it
/// never leaves the database.
struct PipelineSchedule {
  std::int64_t id = 0;
  std::optional<Timestamp> created_at;
  std::optional<std::string> name;  ///< Not unique.
  std::optional<std::string> pipeline_uuid;
  std::optional<std::string> schedule_type;  ///< TIME, API, EVENT; none: of a backfill.
  std::optional<Timestamp> start_time;
  std::optional<std::string> schedule_interval;  ///< "@hourly", or a cron expression.
  std::optional<std::string> status;             ///< ACTIVE, INACTIVE.
  std::optional<std::int64_t> sla;               ///< Seconds.
  std::optional<std::string> settings;           ///< JSON, as it was written.
  std::optional<std::string> repo_path;
  std::optional<std::string> global_data_product_uuid;
  std::optional<Timestamp> last_enabled_at;
  /// The row's settings are TOASTed, and those that it had before: an earlier row says them.
  bool settings_unchanged = false;
  bool operator==(const PipelineSchedule&) const = default;
};

enum class ScheduleColumn : std::uint8_t {
  id,
  created_at,
  name,
  pipeline_uuid,
  schedule_type,
  start_time,
  schedule_interval,
  status,
  sla,
  settings,
  repo_path,
  global_data_product_uuid,
  last_enabled_at,
};
template <>
struct ColumnNames<ScheduleColumn> {
  static constexpr std::array<std::string_view, 13> kAll = {"id",
                                                            "created_at",
                                                            "name",
                                                            "pipeline_uuid",
                                                            "schedule_type",
                                                            "start_time",
                                                            "schedule_interval",
                                                            "status",
                                                            "sla",
                                                            "settings",
                                                            "repo_path",
                                                            "global_data_product_uuid",
                                                            "last_enabled_at"};
};

/// Malformed where `id` is missing or a value does not read as its column's type.
Result<PipelineSchedule> read_pipeline_schedule(const Cells<ScheduleColumn>& cells,
                                                std::string_view schema, std::string_view table);

}  // namespace walpulse::mage
