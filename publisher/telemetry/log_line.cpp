#include "publisher/telemetry/log_line.h"

#include "decoder/base/json_text.h"

namespace walpulse::telemetry {
namespace {

/// Escaped, each may take six times as much.
constexpr std::size_t kMessageBytesMax = 16 << 10;
constexpr std::size_t kFieldsBytesMax = 64 << 10;
constexpr std::string_view kCut = "... (cut)";

void append_member(std::string_view name, std::string_view value, std::string& json) {
  json += ",\"";
  json += name;
  json += "\":";
  append_json_name(value, json);
}

/// Not in the middle of a character.
std::string_view beginning(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

void append_message(std::string_view message, std::string& json) {
  if (message.size() <= kMessageBytesMax) return append_json_name(message, json);
  std::string cut(beginning(message, kMessageBytesMax));
  cut += kCut;
  append_json_name(cut, json);
}

/// The compiler was given the file's path from the folder that it works in.
std::string_view from_the_top(std::string_view file) {
  while (file.starts_with("../")) file.remove_prefix(3);
  return file;
}

void append_source(const LogLine& line, std::string& json) {
  const std::string number = std::to_string(line.line);
  json += ",\"logging.googleapis.com/sourceLocation\":{\"file\":";
  append_json_name(from_the_top(line.file), json);
  append_member("line", number, json);
  append_member("function", line.function, json);
  json += '}';
  if (line.severity != "ERROR" && line.severity != "CRITICAL") return;
  append_member(
      "@type", "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent",
      json);
  json += ",\"context\":{\"reportLocation\":{\"filePath\":";
  append_json_name(from_the_top(line.file), json);
  json += ",\"lineNumber\":" + number;
  append_member("functionName", line.function, json);
  json += "}}";
}

void append_trace(const LogLine& line, std::string& json) {
  if (line.trace == nullptr || line.project.empty()) return;
  append_member("logging.googleapis.com/trace",
                "projects/" + std::string(line.project) + "/traces/" + line.trace->trace_id, json);
  append_member("logging.googleapis.com/spanId", line.trace->span_id, json);
  json += ",\"logging.googleapis.com/trace_sampled\":";
  json += line.trace->sampled ? "true" : "false";
}

}  // namespace

void append_log_line(const LogLine& line, std::string& out) {
  out += "{\"severity\":\"";
  out += line.severity;
  out += "\",\"time\":\"";
  out += to_rfc3339(line.time);
  out += "\",\"message\":";
  append_message(line.message, out);
  if (!line.service.empty()) {
    out += ",\"serviceContext\":{\"service\":";
    append_json_name(line.service, out);
    if (!line.version.empty()) append_member("version", line.version, out);
    out += '}';
  }
  if (!line.file.empty()) append_source(line, out);
  append_trace(line, out);
  if (line.left_out > 0) out += ",\"left_out\":" + std::to_string(line.left_out);
  if (line.fields.size() > kFieldsBytesMax) {
    out += ",\"fields_bytes_left_out\":" + std::to_string(line.fields.size());
  } else if (!line.fields.empty()) {
    out += ',';
    out += line.fields;
  }
  out += "}\n";
}

}  // namespace walpulse::telemetry
