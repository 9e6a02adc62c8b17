#include "monitor/api/status_page.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace walpulse::monitor {
namespace {

struct PipelineRow {
  std::map<std::string, std::int64_t> active;
  std::map<std::string, std::int64_t> finished;
  std::optional<double> last_success_age;
  std::int64_t consecutive_failures = 0;
};
struct FlowRow {
  std::optional<double> heartbeat_age;
  std::optional<double> watermark_age;
  std::int64_t gap_count = 0;
};
/// By source, then pipeline.
using Pipelines = std::map<std::pair<std::string, std::string>, PipelineRow>;

double number_of(const telemetry::Number& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return static_cast<double>(std::get<telemetry::Distribution>(value).count());
}

std::string label_of(const telemetry::Point& point, const char* name) {
  const auto found = point.labels.find(name);
  return found == point.labels.end() ? "" : found->second;
}

void collect(const telemetry::Metric& metric, Pipelines& pipelines,
             std::map<std::string, FlowRow>& flows) {
  const std::string_view name = metric.descriptor->name;
  for (const telemetry::Point& point : metric.points) {
    const double value = number_of(point.value);
    const auto count = static_cast<std::int64_t>(value);
    const auto row = [&]() -> PipelineRow& {
      return pipelines[{point.source, label_of(point, "pipeline")}];
    };
    if (name == "pipeline_run/active") {
      row().active[label_of(point, "status")] += count;
    } else if (name == "pipeline_run/finished_count") {
      row().finished[label_of(point, "status")] += count;
    } else if (name == "pipeline/last_success_age") {
      row().last_success_age = value;
    } else if (name == "pipeline/consecutive_failures") {
      row().consecutive_failures = count;
    } else if (name == "flow/heartbeat_age") {
      flows[point.source].heartbeat_age = value;
    } else if (name == "flow/watermark_age") {
      flows[point.source].watermark_age = value;
    } else if (name == "flow/gap_count") {
      flows[point.source].gap_count += count;
    }
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// "45 s", "3 min", "7 h", "12 d".
std::string age_text(std::optional<double> seconds) {
  if (!seconds) return "-";
  if (*seconds < 120) return std::to_string(static_cast<long long>(*seconds)) + " s";
  if (*seconds < 7200) return std::to_string(static_cast<long long>(*seconds / 60)) + " min";
  if (*seconds < 172800) return std::to_string(static_cast<long long>(*seconds / 3600)) + " h";
  return std::to_string(static_cast<long long>(*seconds / 86400)) + " d";
}

std::string cell(std::string_view text, const char* style = "") {
  return "<td" + std::string(style) + ">" + escaped(text) + "</td>";
}

std::string active_text(const PipelineRow& row) {
  std::string out;
  for (const auto& [status, count] : row.active) {
    if (count == 0) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + status;
  }
  return out.empty() ? "-" : out;
}

std::string pipelines_table(const Pipelines& pipelines) {
  static constexpr std::array kStatuses = {"COMPLETED", "FAILED", "CANCELLED"};
  std::string out =
      "<h2>Pipelines</h2><table><tr><th>source</th><th>pipeline</th><th>active</th>"
      "<th>completed</th><th>failed</th><th>cancelled</th><th>last success</th>"
      "<th>failures in a row</th></tr>\n";
  for (const auto& [key, row] : pipelines) {
    out += "<tr>" + cell(key.first) + cell(key.second) + cell(active_text(row));
    for (const char* status : kStatuses) {
      const auto found = row.finished.find(status);
      out += cell(std::to_string(found == row.finished.end() ? 0 : found->second));
    }
    const char* style = row.consecutive_failures > 0 ? " class=\"bad\"" : "";
    out += cell(age_text(row.last_success_age)) +
           cell(std::to_string(row.consecutive_failures), style) + "</tr>\n";
  }
  return out + "</table>\n";
}

std::string flows_table(const std::map<std::string, FlowRow>& flows) {
  std::string out =
      "<h2>Flow</h2><table><tr><th>source</th><th>last heartbeat</th><th>everything seen until</th>"
      "<th>gaps</th></tr>\n";
  for (const auto& [source, row] : flows) {
    const auto ago = [](std::optional<double> age) {
      return age ? age_text(age) + " ago" : std::string("-");
    };
    out += "<tr>" + cell(source) + cell(ago(row.heartbeat_age)) + cell(ago(row.watermark_age)) +
           cell(std::to_string(row.gap_count), row.gap_count > 0 ? " class=\"bad\"" : "") +
           "</tr>\n";
  }
  return out + "</table>\n";
}

constexpr std::string_view kHead =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta http-equiv=\"refresh\" content=\"10\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>walpulse</title><style>"
    "body{font:15px system-ui,sans-serif;margin:2rem;color:#222;background:#fff}"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.3rem .9rem .3rem 0;"
    "border-bottom:1px solid #ddd}th{font-weight:600}.bad{color:#b00020;font-weight:600}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}"
    "th,td{border-color:#333}.bad{color:#ff6b6b}}</style></head><body><h1>walpulse</h1>\n";

}  // namespace

std::string status_page(const telemetry::MetricFamilies& snapshot, const Leadership& leadership,
                        const std::vector<std::string>& troubles) {
  Pipelines pipelines;
  std::map<std::string, FlowRow> flows;
  for (const telemetry::Metric& metric : snapshot.metrics) collect(metric, pipelines, flows);
  std::string out(kHead);
  for (const std::string& trouble : troubles) {
    out += "<p class=\"bad\">" + escaped(trouble) + "</p>\n";
  }
  out += pipelines_table(pipelines) + flows_table(flows);
  out += "<p>As of " + to_rfc3339(snapshot.taken) +
         (leadership.ours             ? " &middot; this instance leads"
          : leadership.leader.empty() ? " &middot; nobody leads"
                                      : " &middot; led by " + escaped(leadership.leader)) +
         " &middot; <a href=\"/metrics\">metrics</a> &middot; <a href=\"/health\">health</a></p>"
         "</body></html>\n";
  return out;
}

}  // namespace walpulse::monitor
