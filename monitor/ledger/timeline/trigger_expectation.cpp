#include "monitor/ledger/timeline/trigger_expectation.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"

namespace walpulse::monitor {
namespace {

bool sets(const nlohmann::json& settings, const char* flag) {
  const auto at = settings.find(flag);
  return at != settings.end() && at->is_boolean() && at->get<bool>();
}

}  // namespace

Trigger expectation_of(const mage::PipelineSchedule& row, Timestamp known_since) {
  Trigger trigger;
  trigger.schedule_type = row.schedule_type.value_or("");
  trigger.schedule_interval = row.schedule_interval.value_or("");
  trigger.status = row.status.value_or("");
  trigger.start_time = row.start_time;
  trigger.last_enabled_at = row.last_enabled_at;
  trigger.known_since = known_since;
  if (!row.settings || row.settings->size() > kSettingsBytesMax) return trigger;
  const nlohmann::json settings = parse_json(*row.settings);
  if (!settings.is_object()) return trigger;
  trigger.create_initial_pipeline_run = sets(settings, "create_initial_pipeline_run");
  trigger.landing_time_enabled = sets(settings, "landing_time_enabled");
  return trigger;
}

}  // namespace walpulse::monitor
