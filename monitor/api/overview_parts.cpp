#include "monitor/api/overview_parts.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <tuple>

#include "monitor/reading/deadline_view.h"

namespace walpulse::monitor::api {
namespace {

constexpr std::chrono::hours kDeadlineWindow{24};
constexpr std::size_t kDeadlinesShown = 5;
constexpr std::size_t kNotMadeGoodPipelines = 5;
constexpr std::string_view kNobodysTeam = "none";

Json work_json(const reading::DeadlineWork& work) {
  return {{"at", instant(work.at)}, {"done", work.done}, {"done_at", instant(work.done_at)}};
}

}  // namespace

bool is_of_team(const std::string& team, const std::optional<std::string>& wanted) {
  return !wanted || team == (*wanted == kNobodysTeam ? "" : *wanted);
}

Json deadline_json(const Scene& scene, const reading::PipelineEntry& entry,
                   const std::vector<RunEnd>& ends, Timestamp at) {
  const auto& done_by = entry.concerned->done_by;
  if (!done_by) return nullptr;
  const rules::TimeZone& zone = scene.rules.rules->time_zone;
  const auto view = reading::view_deadlines(scene.in, *entry.summary, *done_by, zone, ends, at);
  Json next = work_json(view.next);
  next["under_way"] = view.under_way;
  next["usual_at"] = instant(view.usual_at);
  next["expected_at"] = instant(view.expected_at);
  return {{"pipeline", pipeline_ref(scene.links, entry.summary->source, entry.summary->name)},
          {"done_by", to_string(done_by->times)},
          {"time_zone", zone.name()},
          {"last", view.last ? work_json(*view.last) : Json(nullptr)},
          {"next", std::move(next)}};
}

void add_deadlines(const Scene& scene, const Entries& entries, Timestamp at, Json& json) {
  struct Coming {
    bool done = false;
    Timestamp at;
    const reading::PipelineEntry* entry = nullptr;
  };
  std::vector<Coming> coming;
  std::size_t done_count = 0;
  for (const reading::PipelineEntry* entry : entries) {
    if (!entry->concerned->done_by) continue;
    const auto around =
        reading::deadlines_around(*entry->concerned->done_by, scene.rules.rules->time_zone, at);
    if (around.next > at + kDeadlineWindow) continue;
    coming.push_back({reading::seems_done(*entry->summary, around), around.next, entry});
    if (coming.back().done) ++done_count;
  }
  std::ranges::sort(coming, {}, [](const Coming& each) {
    return std::tuple(each.done, each.at, each.entry->summary->source, each.entry->summary->name);
  });
  json["deadlines"] = Json::array();
  for (std::size_t i = 0; i < coming.size() && i < kDeadlinesShown; ++i)
    json["deadlines"].push_back(
        deadline_json(scene, *coming[i].entry, coming[i].entry->summary->last_ends, at));
  json["deadline_count"] = coming.size();
  json["deadline_done_count"] = done_count;
  json["deadline_window_seconds"] = std::chrono::seconds(kDeadlineWindow).count();
}

void add_not_made_good(const Scene& scene, const Entries& entries, Json& json) {
  std::vector<const reading::PipelineEntry*> found;
  std::size_t slots = 0;
  for (const reading::PipelineEntry* entry : entries) {
    slots += entry->summary->not_made_good.size();
    if (!entry->summary->not_made_good.empty()) found.push_back(entry);
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, [](const reading::PipelineEntry* entry) {
    return entry->summary->not_made_good.front().slot;
  });
  Json pipelines = Json::array();
  for (const reading::PipelineEntry* entry : found) {
    if (pipelines.size() == kNotMadeGoodPipelines) break;
    const reading::PipelineSummary& summary = *entry->summary;
    pipelines.push_back({{"pipeline", pipeline_ref(scene.links, summary.source, summary.name)},
                         {"slot_count", summary.not_made_good.size()},
                         {"oldest_slot", instant(summary.not_made_good.back().slot)},
                         {"newest_slot", instant(summary.not_made_good.front().slot)}});
  }
  json["not_made_good"] = {
      {"slot_count", slots}, {"pipeline_count", found.size()}, {"pipelines", std::move(pipelines)}};
}

}  // namespace walpulse::monitor::api
