#pragma once

#include <string>

namespace walpulse::telemetry {

struct LogOptions {
  enum class Format { automatic, json, text };  ///< automatic: text on a terminal, else JSON.
  Format format = Format::automatic;
  std::string level = "info";  ///< debug, info, warn, error.
  bool to_stderr = false;      ///< For programs whose stdout is data.
  std::string service;         ///< "walpulse-connector".
  std::string project = {};    ///< Of traces; GOOGLE_CLOUD_PROJECT where empty.
};

/// Sets spdlog's default logger: one JSON object a line as Cloud Logging reads it
/// (https://cloud.google.com/logging/docs/structured-logging: severity, message, time,
/// logging.googleapis.com/sourceLocation, and a TraceScope's trace), or human lines. Errors are in
/// the form that Error Reporting groups. Call once, first thing in main(). Callers log through
/// spdlog's macros (SPDLOG_WARN, from decoder/base/logging.h), which know their place in the
/// source: a lowercase sentence, then key=value. Of one place at most 30 lines pass in 10 s; the
/// next says how many were left out.
void start_logging(const LogOptions& options);

/// One structured line whose `fields` (a JSON object, without braces: "\"run_id\":7") stand beside
/// severity and message; in text form the message alone is printed. Severity: INFO, WARNING, ERROR.
/// `group` ("pipeline_run_failed daily_sales") is what Error Reporting groups by, in the place of a
/// function's name, and what is limited, as a place in the source is: what is told of one group
/// must not silence the others. The place is the caller's (clang 14, which fuzzes, has no
/// std::source_location).
void log_structured(const char* severity, const std::string& message, const std::string& fields,
                    const std::string& group, const char* file = __builtin_FILE(),
                    int line = __builtin_LINE());

}  // namespace walpulse::telemetry
