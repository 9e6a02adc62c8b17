#pragma once

#include <string>

#include "monitor/ledger/application/source_alert.h"

namespace walpulse::monitor {

struct AlertLine {
  const char* severity;  ///< "ERROR" or "WARNING".
  std::string message;
  std::string fields;  ///< JSON members without braces, as telemetry::log_structured takes them.
  std::string group;   ///< "conflict mage/public.pipeline_run", likewise.
};

/// What is wrong with a source, and the remedy.
AlertLine alert_line(const SourceAlert& alert);
/// Logs it, within the trace of the message that told of it.
void log_alert(const SourceAlert& alert);

}  // namespace walpulse::monitor
