#pragma once

#include <cstddef>

#include "decoder/base/timestamp.h"
#include "decoder/mage/pipeline_schedule.h"
#include "monitor/schedule/trigger.h"

namespace walpulse::monitor {

/// Mage writes a hundred bytes. Longer settings are not read, and set nothing.
inline constexpr std::size_t kSettingsBytesMax = 64 * 1024;

/// What a trigger's row expects of Mage's scheduler. Of its `settings` a flag is set by the JSON
/// value true alone; what is no JSON, or no object, sets none. Pure, never throws for what it says.
Trigger expectation_of(const mage::PipelineSchedule& row, Timestamp known_since);

}  // namespace walpulse::monitor
