#pragma once

#include <optional>
#include <string>

#include "monitor/ledger/stores/happenings.h"
#include "monitor/notify/alert_log.h"

namespace walpulse::monitor {

/// The line that says which run a metric counted: one that failed, that missed its SLA, that was
/// abandoned; nothing of one that ended otherwise. `source` is "mage/public.pipeline_run".
/// `mage_url` may be empty: then there is no link.
std::optional<AlertLine> run_line(const Happening& happening, const std::string& source,
                                  const std::string& mage_url);
/// Logs it, within the trace of the message that told of it.
void log_run(const Happening& happening, const std::string& source, const std::string& mage_url);

}  // namespace walpulse::monitor
