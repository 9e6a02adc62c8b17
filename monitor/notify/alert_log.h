#pragma once

#include <string>

#include "monitor/ledger/application/run_alert.h"

namespace walpulse::monitor {

struct AlertLine {
  const char* severity;  ///< "ERROR" or "WARNING".
  std::string message;
  std::string fields;  ///< JSON members without braces, as telemetry::log_structured takes them.
  std::string group;   ///< "pipeline_run_failed daily_sales", likewise.
};

/// The line that says which run a metric counted. `mage_url` may be empty: then there is no link.
AlertLine alert_line(const RunAlert& alert, const std::string& mage_url);
/// Logs it, within the trace of the message that told of it.
void log_alert(const RunAlert& alert, const std::string& mage_url);

}  // namespace walpulse::monitor
