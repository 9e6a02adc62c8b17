#include "publisher/telemetry/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <tuple>
#include <utility>

#include "decoder/base/logging.h"
#include "decoder/base/one_line.h"
#include "decoder/schema/change_event.h"
#include "publisher/telemetry/log_limit.h"
#include "publisher/telemetry/log_line.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::telemetry {
namespace {

/// spdlog carries no fields of the caller's. They travel beside the message, in the one thread that
/// logs and formats it.
thread_local std::string_view fields_of_this_line;
thread_local std::uint64_t left_out_of_this_line = 0;

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
  explicit CloudLoggingFormatter(LogOptions options) : options_(std::move(options)) {}

  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    LogLine entry;
    entry.severity = severity_of(line.level);
    entry.time = std::chrono::time_point_cast<std::chrono::microseconds>(line.time);
    entry.message = view(line.payload);
    entry.fields = fields_of_this_line;
    if (!line.source.empty()) {
      entry.file = line.source.filename;
      entry.line = line.source.line;
      if (line.source.funcname != nullptr) entry.function = line.source.funcname;
    }
    entry.left_out = left_out_of_this_line;
    entry.trace = TraceScope::current();
    entry.service = options_.service;
    entry.version = schema::kProgramVersion;
    entry.project = options_.project;
    std::string json;
    append_log_line(entry, json);
    out.append(json.data(), json.data() + json.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<CloudLoggingFormatter>(options_);
  }

 private:
  const LogOptions options_;
};

/// Passes on what is written, but no more than kLinesMax lines of one place in the source (and one
/// function or group there) within kInterval: trouble that comes with every message must not fill
/// the log. The next line that passes says how many were left out.
class LimitedSink final : public spdlog::sinks::sink {
 public:
  explicit LimitedSink(spdlog::sink_ptr inner) : inner_(std::move(inner)) {}

  void log(const spdlog::details::log_msg& line) override {
    std::uint64_t left_out = 0;
    if (!line.source.empty()) {
      const std::lock_guard lock(mutex_);
      const auto passed = limit_of(line.source).pass_some(kLinesMax);
      if (!passed) return;
      left_out = *passed;
    }
    left_out_of_this_line = left_out;
    inner_->log(line);
    left_out_of_this_line = 0;
  }
  void flush() override { inner_->flush(); }
  void set_pattern(const std::string& pattern) override { inner_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    inner_->set_formatter(std::move(formatter));
  }

 private:
  static constexpr std::chrono::seconds kInterval{10};
  static constexpr unsigned kLinesMax = 30;
  /// Groups are named by what the events say, so there is no end of them.
  static constexpr std::size_t kLimitsMax = 4096;
  using Place = std::tuple<std::string_view, int, std::string>;

  LogLimit& limit_of(const spdlog::source_loc& source) {
    if (limits_.size() >= kLimitsMax) limits_.clear();
    const char* name = source.funcname == nullptr ? "" : source.funcname;
    return limits_.try_emplace(Place(source.filename, source.line, name), kInterval).first->second;
  }

  const spdlog::sink_ptr inner_;
  std::mutex mutex_;
  std::map<Place, LogLimit> limits_;
};

/// For people: what was left out stands at the end of the line.
class LeftOutFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg&, const std::tm&, spdlog::memory_buf_t& out) override {
    if (left_out_of_this_line == 0) return;
    const std::string text = " left_out=" + std::to_string(left_out_of_this_line);
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<LeftOutFlag>();
  }
};

/// For people: names in a message are anybody's, and must neither make a line nor move a cursor.
class MessageFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const std::string text = one_line(view(line.payload));
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<MessageFlag>();
  }
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
    sink->set_formatter(std::make_unique<CloudLoggingFormatter>(options));
    return sink;
  }
  spdlog::sink_ptr sink;
  if (options.to_stderr) {
    sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::stdout_color_sink_mt>();
  }
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<MessageFlag>('&').add_flag<LeftOutFlag>('*').set_pattern(
      "%H:%M:%S.%e %^%-7l%$ %&%*");
  sink->set_formatter(std::move(formatter));
  return sink;
}

/// Where the project is not given, what Google's own tools read.
LogOptions with_project(LogOptions options) {
  const char* named = std::getenv("GOOGLE_CLOUD_PROJECT");
  if (options.project.empty() && named != nullptr) options.project = named;
  return options;
}

}  // namespace

void start_logging(const LogOptions& options) {
  auto logger = std::make_shared<spdlog::logger>(
      "", std::make_shared<LimitedSink>(make_log_sink(with_project(options))));
  // spdlog reads an unknown name as "off"; a program must not fall silent over a typing error.
  const auto level = spdlog::level::from_str(options.level);
  logger->set_level(level == spdlog::level::off ? spdlog::level::info : level);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_structured(const char* severity, const std::string& message, const std::string& fields,
                    const std::string& group, const char* file, int line) {
  const spdlog::source_loc place(file, line, group.c_str());
  fields_of_this_line = fields;
  spdlog::default_logger_raw()->log(place, level_of(severity), spdlog::string_view_t(message));
  fields_of_this_line = {};
}

}  // namespace walpulse::telemetry
