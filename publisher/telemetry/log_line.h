#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "decoder/base/timestamp.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::telemetry {

/// One line as Cloud Logging is to see it.
struct LogLine {
  std::string_view severity;  ///< "ERROR".
  Timestamp time;
  std::string_view message;
  std::string_view fields;  ///< Further members of the object, without braces.
  std::string_view file;    ///< Empty where the place in the source is not known.
  int line = 0;
  std::string_view function;
  std::uint64_t left_out = 0;  ///< Lines of the same place that were not written before it.
  const TraceContext* trace = nullptr;
  std::string_view service;
  std::string_view version;
  std::string_view project;  ///< Without it no trace can be named.
};

/// A JSON object and a line break, below Cloud Logging's 256 KiB for an entry whatever the line
/// holds. An error whose place is known has the form that Error Reporting groups by that place
/// (https://cloud.google.com/error-reporting/docs/formatting-error-messages).
void append_log_line(const LogLine& line, std::string& out);

}  // namespace walpulse::telemetry
