#pragma once

#include <string>

namespace walpulse::gcp {

struct LogOptions {
  enum class Format { automatic, json, text };  ///< automatic: text on a terminal, else JSON.
  Format format = Format::automatic;
  std::string level = "info";  ///< debug, info, warn, error.
  bool to_stderr = false;      ///< For programs whose stdout is data.
  std::string service;         ///< "walpulse-connector".
};

/// Sets spdlog's default logger: one JSON object a line as Cloud Logging reads it
/// (https://cloud.google.com/logging/docs/structured-logging: severity, message, time,
/// logging.googleapis.com/sourceLocation), or human lines. Call once, first thing in main().
/// Callers log through spdlog itself: a lowercase sentence, then key=value.
void start_logging(const LogOptions& options);

/// One structured line whose `fields` (a JSON object, without braces: "\"run_id\":7") stand beside
/// severity and message; in text form the message alone is printed. Severity: INFO, WARNING, ERROR.
void log_structured(const char* severity, const std::string& message, const std::string& fields);

}  // namespace walpulse::gcp
