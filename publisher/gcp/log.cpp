#include "publisher/gcp/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>
#include <string_view>

#include "decoder/schema/json_text.h"
#include "decoder/schema/timestamp.h"

namespace walpulse::gcp {
namespace {

/// spdlog carries no fields of the caller's. They travel beside the message, in the one thread that
/// logs and formats it.
thread_local std::string_view fields_of_this_line;

std::string_view severity_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return "DEBUG";
    case spdlog::level::info:
      return "INFO";
    case spdlog::level::warn:
      return "WARNING";
    case spdlog::level::err:
      return "ERROR";
    default:
      return "CRITICAL";
  }
}

spdlog::level::level_enum level_of(std::string_view severity) {
  if (severity == "ERROR") return spdlog::level::err;
  if (severity == "WARNING") return spdlog::level::warn;
  return spdlog::level::info;
}

std::string_view view(spdlog::string_view_t text) { return {text.data(), text.size()}; }

class CloudLoggingFormatter final : public spdlog::formatter {
 public:
  explicit CloudLoggingFormatter(std::string service) : service_(std::move(service)) {}

  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    std::string json = "{\"severity\":\"";
    json += severity_of(line.level);
    json += "\",\"time\":\"";
    json += to_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(line.time));
    json += "\",\"message\":";
    schema::append_json_name(view(line.payload), json);
    if (!service_.empty()) {
      json += ",\"serviceContext\":{\"service\":";
      schema::append_json_name(service_, json);
      json += '}';
    }
    if (!line.source.empty()) append_source(line.source, json);
    if (!fields_of_this_line.empty()) {
      json += ',';
      json += fields_of_this_line;
    }
    json += "}\n";
    out.append(json.data(), json.data() + json.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<CloudLoggingFormatter>(service_);
  }

 private:
  static void append_source(const spdlog::source_loc& source, std::string& json) {
    json += ",\"logging.googleapis.com/sourceLocation\":{\"file\":";
    schema::append_json_name(source.filename, json);
    json += ",\"line\":\"" + std::to_string(source.line) + "\",\"function\":";
    schema::append_json_name(source.funcname == nullptr ? "" : source.funcname, json);
    json += '}';
  }

  std::string service_;
};

spdlog::sink_ptr make_log_sink(const LogOptions& options) {
  const bool terminal = isatty(options.to_stderr ? STDERR_FILENO : STDOUT_FILENO) == 1;
  const bool text = options.format == LogOptions::Format::text ||
                    (options.format == LogOptions::Format::automatic && terminal);
  if (!text) {
    spdlog::sink_ptr sink;
    if (options.to_stderr) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
    }
    sink->set_formatter(std::make_unique<CloudLoggingFormatter>(options.service));
    return sink;
  }
  spdlog::sink_ptr sink;
  if (options.to_stderr) {
    sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::stdout_color_sink_mt>();
  }
  sink->set_pattern("%H:%M:%S.%e %^%-7l%$ %v");
  return sink;
}

}  // namespace

void start_logging(const LogOptions& options) {
  auto logger = std::make_shared<spdlog::logger>("", make_log_sink(options));
  // spdlog reads an unknown name as "off"; a program must not fall silent over a typing error.
  const auto level = spdlog::level::from_str(options.level);
  logger->set_level(level == spdlog::level::off ? spdlog::level::info : level);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_structured(const char* severity, const std::string& message, const std::string& fields) {
  fields_of_this_line = fields;
  spdlog::default_logger_raw()->log(level_of(severity), spdlog::string_view_t(message));
  fields_of_this_line = {};
}

}  // namespace walpulse::gcp
