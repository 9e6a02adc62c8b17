#include "monitor/schedule/trigger.h"

#include <tuple>
#include <utility>

namespace walpulse::monitor {
namespace {

auto decisive(const Trigger& trigger) {
  return std::tie(trigger.schedule_type, trigger.schedule_interval, trigger.status,
                  trigger.start_time, trigger.last_enabled_at, trigger.create_initial_pipeline_run,
                  trigger.landing_time_enabled);
}

}  // namespace

bool same_expectation(const Trigger& one, const Trigger& other) {
  return decisive(one) == decisive(other);
}

Trigger rewritten(const Trigger& before, Trigger row) {
  if (same_expectation(before, row)) row.known_since = before.known_since;
  return row;
}

}  // namespace walpulse::monitor
