#include "monitor/export/cloud_monitoring_answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "publisher/http/json_member.h"

namespace walpulse::monitor {
namespace {

using Document = nlohmann::json;

struct Summary {
  std::size_t failed_count = 0;
  std::string reason;  ///< Of the first error.
};

/// "0-31,33]" after "timeSeries[": the indices below `point_count`, and where the list ends.
std::vector<std::size_t> read_indices(std::string_view list, std::size_t point_count) {
  std::vector<std::size_t> indices;
  const char* at = list.data();
  const char* const end = list.data() + list.size();
  while (at < end) {
    std::size_t first = 0;
    const auto read = std::from_chars(at, end, first);
    if (read.ec != std::errc()) break;
    at = read.ptr;
    std::size_t last = first;
    if (at < end && *at == '-') {
      const auto range = std::from_chars(at + 1, end, last);
      if (range.ec != std::errc()) break;
      at = range.ptr;
    }
    for (std::size_t i = first; i <= last && i < point_count; ++i) indices.push_back(i);
    while (at < end && (*at == ',' || *at == ' ')) ++at;
  }
  return indices;
}

/// Marks the points that one clause of the message lists. Points listed twice keep their first
/// reason.
void read_clause(std::string_view clause, std::vector<ExportResult>& results) {
  static constexpr std::string_view kMark = "timeSeries[";
  const std::string_view reason = refusal_reason(clause);
  for (auto at = clause.find(kMark); at != std::string_view::npos; at = clause.find(kMark, at)) {
    at += kMark.size();
    const auto end = std::min(clause.find(']', at), clause.size());
    for (const std::size_t index : read_indices(clause.substr(at, end - at), results.size())) {
      if (results[index].empty()) results[index] = reason;
    }
  }
}

/// The message is clauses joined by "; ", each an error with the points that it befell.
void read_message(std::string_view message, std::vector<ExportResult>& results) {
  while (!message.empty()) {
    auto end = message.find("; ");
    // What stands before the next list of points belongs to one clause, semicolons and all.
    while (end != std::string_view::npos &&
           message.substr(0, end).find("timeSeries[") == std::string_view::npos) {
      end = message.find("; ", end + 2);
    }
    read_clause(message.substr(0, end), results);
    message = end == std::string_view::npos ? std::string_view() : message.substr(end + 2);
  }
}

/// Integers come as numbers or, as proto3 JSON has it for 64 bits, as strings.
std::size_t number_at(const Document& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return 0;
  if (found->is_number_unsigned()) return found->get<std::size_t>();
  std::size_t value = 0;
  if (found->is_string()) {
    const auto& text = found->get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  return value;
}

std::optional<Summary> read_summary(const Document& error) {
  const auto details = error.find("details");
  if (details == error.end() || !details->is_array()) return std::nullopt;
  for (const Document& detail : *details) {
    if (!detail.is_object() ||
        !http::text_at(detail, "@type").ends_with(".CreateTimeSeriesSummary")) {
      continue;
    }
    const std::size_t total = number_at(detail, "totalPointCount");
    const std::size_t success = number_at(detail, "successPointCount");
    Summary summary{total > success ? total - success : 0, "refused"};
    const auto errors = detail.find("errors");
    if (errors != detail.end() && errors->is_array() && !errors->empty()) {
      const Document& first = errors->front();
      if (first.is_object() && first.contains("status") && first["status"].is_object()) {
        summary.reason = refusal_reason(http::text_at(first["status"], "message"));
      }
    }
    return summary;
  }
  return std::nullopt;
}

WriteAnswer all(std::size_t point_count, std::string_view reason) {
  return {std::vector<ExportResult>(point_count, ExportResult(reason)), false};
}

}  // namespace

std::string_view refusal_reason(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kTexts = {{
      {"more frequently than the maximum sampling period", "too_frequent"},
      {"older end time", "out_of_order"},
      {"older start time", "older_start"},
      {"Duplicate TimeSeries", "duplicate"},
      {"in the past", "too_old"},
      {"in the future", "too_new"},
      {"Metrics cannot be written to", "resource"},
      {"resource labels is incomplete", "resource"},
      {"must be written in order", "out_of_order"},
      {"Internal error", "internal"},
      {"internal error", "internal"},
  }};
  for (const auto& [part, reason] : kTexts) {
    if (text.find(part) != std::string_view::npos) return reason;
  }
  return "refused";
}

WriteAnswer read_write_answer(const http::Response& response, std::size_t point_count) {
  if (response.status >= 200 && response.status < 300) return all(point_count, "");
  const Document body = Document::parse(response.body, nullptr, false);
  const bool has_error = body.is_object() && body.contains("error") && body["error"].is_object();
  const Document error = has_error ? body["error"] : Document::object();
  const auto summary = read_summary(error);
  const std::string message = http::text_at(error, "message");

  WriteAnswer answer = all(point_count, "");
  read_message(message, answer.results);
  const auto listed = static_cast<std::size_t>(
      std::count_if(answer.results.begin(), answer.results.end(),
                    [](const ExportResult& result) { return !result.empty(); }));
  if (summary) {
    if (listed >= summary->failed_count) return answer;
    for (auto& result : answer.results) {
      if (result.empty()) result = summary->reason;
    }
    return answer;
  }
  if (response.status == 408 || response.status == 409 || response.status == 429 ||
      response.status >= 500) {
    return all(point_count, "unavailable");
  }
  if (response.status == 401 || response.status == 403 || response.status == 404) {
    return all(point_count, "denied");
  }
  // "could not be written" is said of points; everything else is said of the call.
  answer.whole_call_refused =
      listed == 0 || message.find("could not be written") == std::string::npos;
  if (answer.whole_call_refused && listed == 0) {
    return {std::vector<ExportResult>(point_count, std::string(refusal_reason(message))), true};
  }
  return answer;
}

}  // namespace walpulse::monitor
