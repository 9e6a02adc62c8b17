#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "decoder/mage/columns.h"
#include "decoder/mage/pipeline_run.h"

namespace walpulse::mage {

/// The columns of pipeline_run that the metrics need, in the order of Mage's table.
enum class RunColumn : std::uint8_t {
  id,
  created_at,
  pipeline_schedule_id,
  pipeline_uuid,
  execution_date,
  status,
  completed_at,
  passed_sla,
  backfill_id,
  started_at,
};
inline constexpr std::array<std::string_view, 10> kRunColumns = {
    "id",     "created_at",   "pipeline_schedule_id", "pipeline_uuid", "execution_date",
    "status", "completed_at", "passed_sla",           "backfill_id",   "started_at"};
template <>
struct ColumnNames<RunColumn> {
  static constexpr auto& kAll = kRunColumns;
};
using RunCells = Cells<RunColumn>;

/// Malformed where `id` is missing or a value does not read as its column's type.
Result<PipelineRun> read_pipeline_run(const RunCells& cells, std::string_view schema,
                                      std::string_view table);

}  // namespace walpulse::mage
