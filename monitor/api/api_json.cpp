#include "monitor/api/api_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "monitor/ledger/timeline/label_bytes.h"

namespace walpulse::monitor::api {
namespace {

/// A bar is some pixels high, and a list has a thousand of them: whole seconds from ten on.
Json mark_seconds(const std::optional<double>& seconds) {
  constexpr double kWhole = 10;
  if (!seconds || *seconds < kWhole) return seconds_or_null(seconds);
  constexpr double kMost = 1e15;
  return static_cast<std::int64_t>(std::min(std::round(*seconds), kMost));
}

}  // namespace

Json instant(const std::optional<Timestamp>& at) {
  if (!at) return nullptr;
  std::string text = to_rfc3339(*at);
  // Years beyond RFC 3339, and the infinities, have no form that readers know.
  if (!text.ends_with('Z')) return nullptr;
  return text;
}

Json text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return text;
}

Json seconds_or_null(const std::optional<double>& seconds) {
  if (!seconds || !std::isfinite(*seconds)) return nullptr;
  constexpr double kExact = 1e12;  // beyond it the parts of a second mean nothing
  if (*seconds > kExact) return *seconds;
  return std::round(*seconds * 1000) / 1000;
}

Json labels_json(const telemetry::Labels& labels) {
  Json json = Json::object();
  for (const auto& [name, value] : labels) json[name] = value;
  return json;
}

Json trigger_ref(const std::string& source, const std::optional<std::int64_t>& id,
                 const std::string& name) {
  if (!id) return nullptr;
  return {{"id", Links::id(source, *id)}, {"name", text_or_null(name)}};
}

Json pipeline_ref(const Links& links, const std::string& source, const std::string& pipeline) {
  const std::string id = Links::id(source, pipeline);
  return {{"id", id},
          {"name", pipeline},
          {"url", Links::url("pipelines", id)},
          {"mage_url", links.mage_pipeline(pipeline)}};
}

Json json_of(const Failure& failure) {
  return {{"cause", to_string(failure.cause)},
          {"block", text_or_null(failure.block)},
          {"error", text_or_null(failure.error)}};
}

Json end_marks(const std::vector<RunEnd>& ends, std::size_t count_max) {
  Json marks = Json::array();
  for (const RunEnd& end : ends) {
    if (marks.size() == count_max) break;
    marks.push_back(
        {{"run", end.key.run}, {"status", end.status}, {"seconds", mark_seconds(end.seconds)}});
  }
  return marks;
}

Json end_json(const RunEnd& end) {
  return {{"run", end.key.run},
          {"status", end.status},
          {"seconds", seconds_or_null(end.seconds)},
          {"ended_at", instant(end.ended)},
          {"labels", labels_json(decode_labels(end.labels).value_or(telemetry::Labels{}))}};
}

Json json_of(const Mute& mute, Timestamp now) {
  const bool over = mute.ended || (mute.until && *mute.until <= now);
  const std::string id = std::to_string(mute.id);
  return {{"id", id},
          {"url", Links::url("mutes", id)},
          {"state", over ? "ended" : "in_force"},
          {"source", text_or_null(mute.source)},
          {"pipeline", text_or_null(mute.pipeline)},
          {"labels", labels_json(mute.labels)},
          {"problem", mute.problem ? Json(std::to_string(*mute.problem)) : Json(nullptr)},
          {"reason", mute.reason},
          {"created_by", mute.created_by},
          {"created_at", instant(mute.created)},
          {"until", instant(mute.until)},
          {"until_recovered", !mute.until.has_value()},
          {"ended_at", instant(mute.ended)},
          {"ended_by", text_or_null(mute.ended_by)}};
}

}  // namespace walpulse::monitor::api
