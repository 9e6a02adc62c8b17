#include "decoder/mage/pipeline_schedule.h"

#include <utility>

namespace walpulse::mage {

Result<PipelineSchedule> read_pipeline_schedule(const Cells<ScheduleColumn>& cells,
                                                std::string_view schema, std::string_view table) {
  ColumnReader columns(cells, schema, table);
  PipelineSchedule trigger;
  trigger.id = columns.id(ScheduleColumn::id);
  trigger.created_at = columns.timestamp(ScheduleColumn::created_at);
  trigger.name = columns.string(ScheduleColumn::name);
  trigger.pipeline_uuid = columns.string(ScheduleColumn::pipeline_uuid);
  trigger.schedule_type = columns.string(ScheduleColumn::schedule_type);
  trigger.start_time = columns.timestamp(ScheduleColumn::start_time);
  trigger.schedule_interval = columns.string(ScheduleColumn::schedule_interval);
  trigger.status = columns.string(ScheduleColumn::status);
  trigger.sla = columns.integer(ScheduleColumn::sla);
  trigger.settings = columns.string(ScheduleColumn::settings);
  trigger.repo_path = columns.string(ScheduleColumn::repo_path);
  trigger.global_data_product_uuid = columns.string(ScheduleColumn::global_data_product_uuid);
  trigger.last_enabled_at = columns.timestamp(ScheduleColumn::last_enabled_at);
  return columns.finish(std::move(trigger));
}

}  // namespace walpulse::mage
