#include "decoder/mage/pipeline_run.h"

#include <utility>

#include "decoder/mage/run_cells.h"

namespace walpulse::mage {

bool is_terminal(std::string_view status) {
  return status == kCompleted || status == kFailed || status == kCancelled;
}

Result<PipelineRun> read_pipeline_run(const RunCells& cells, std::string_view schema,
                                      std::string_view table) {
  ColumnReader columns(cells, schema, table);
  PipelineRun run;
  run.id = columns.id(RunColumn::id);
  run.created_at = columns.timestamp(RunColumn::created_at);
  run.pipeline_schedule_id = columns.integer(RunColumn::pipeline_schedule_id);
  run.pipeline_uuid = columns.string(RunColumn::pipeline_uuid);
  run.execution_date = columns.timestamp(RunColumn::execution_date);
  run.status = columns.string(RunColumn::status);
  run.completed_at = columns.timestamp(RunColumn::completed_at);
  run.passed_sla = columns.boolean(RunColumn::passed_sla);
  run.backfill_id = columns.integer(RunColumn::backfill_id);
  run.started_at = columns.timestamp(RunColumn::started_at);
  return columns.finish(std::move(run));
}

}  // namespace walpulse::mage
