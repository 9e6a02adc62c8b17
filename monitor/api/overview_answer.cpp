#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "monitor/api/answers.h"
#include "monitor/api/overview_parts.h"
#include "monitor/reading/evidence.h"
#include "monitor/reading/problem_view.h"

namespace walpulse::monitor::api {
namespace {

using reading::PipelineEntry;

/// What is asked for; without a name all of it.
struct OverviewFilter {
  std::optional<std::string> source, team;
};

constexpr std::chrono::hours kDueWindow{3};
constexpr std::chrono::hours kNormalWindow{12};
constexpr std::size_t kDueShown = 5;
constexpr std::size_t kGoingOnShown = 10;
constexpr std::size_t kNormalShown = 5;
constexpr std::size_t kFewPipelines = 10;
constexpr std::size_t kClosedLooked = 200;
constexpr std::size_t kEndsOfFew = 20;

Entries entries_of(const Scene& scene, const OverviewFilter& filter) {
  Entries entries;
  for (const PipelineEntry& entry : scene.directory.pipelines)
    if ((!filter.source || entry.summary->source == *filter.source) &&
        is_of_team(entry.concerned->team, filter.team))
      entries.push_back(&entry);
  return entries;
}

/// A problem is its rules' team's, as it was found.
bool passes(const OverviewFilter& filter, const Problem& problem) {
  const Finding& finding = problem.finding;
  return (!filter.source || finding.key.source == *filter.source) &&
         is_of_team(reading::evidence_of(finding, "team"), filter.team);
}

Json sources_json(const Scene& scene, const Entries& entries,
                  const std::optional<std::string>& source) {
  Json json = Json::array();
  for (const reading::SourceView& view : scene.directory.sources) {
    if (source && view.name != *source) continue;
    std::size_t triggers = 0, ran = 0;
    for (const PipelineEntry* entry : entries) {
      if (entry->summary->source != view.name) continue;
      if (entry->summary->table != 0) ++ran;
      for (const auto& trigger : entry->summary->triggers)
        if (trigger.next) ++triggers;
    }
    const auto behind = reading::behind_seconds(view.as_of, scene.now);
    json.push_back({{"id", view.name},
                    {"state", name_of(view.state)},
                    {"as_of", instant(view.as_of)},
                    {"behind_seconds", behind ? Json(*behind) : Json(nullptr)},
                    {"heard_at", instant(view.heard)},
                    {"trigger_count", triggers},
                    {"pipeline_count", ran},
                    {"snapshot", json_of(view.snapshot)}});
  }
  return json;
}

struct Counts {
  std::array<std::size_t, kProblemKinds> open{}, muted{};
  std::size_t all_muted = 0, at_first = 0;
};

Counts count_problems(const Scene& scene, const OverviewFilter& filter) {
  Counts counts;
  for (const Problem& problem : scene.directory.open) {
    if (!passes(filter, problem)) continue;
    const auto view = reading::view_of(problem, scene.directory);
    const auto kind = static_cast<std::size_t>(problem.finding.key.kind);
    ++(view.mute ? counts.muted : counts.open)[kind];
    if (view.mute) ++counts.all_muted;
    if (view.at_first) ++counts.at_first;
  }
  return counts;
}

Json counts_json(const Counts& counts) {
  Json json = Json::array();
  for (std::size_t i = 0; i < kProblemKinds; ++i) {
    const auto kind = static_cast<ProblemKind>(i);
    json.push_back({{"kind", name_of(kind)},
                    {"title", title_of(kind)},
                    {"open", counts.open[i]},
                    {"muted", counts.muted[i]}});
  }
  return json;
}

Json last_end_json(const Scene& scene, const Entries& entries) {
  const PipelineEntry* newest = nullptr;
  for (const PipelineEntry* entry : entries) {
    if (entry->summary->last_ends.empty()) continue;
    if (newest == nullptr ||
        newest->summary->last_ends[0].ended < entry->summary->last_ends[0].ended)
      newest = entry;
  }
  if (newest == nullptr) return nullptr;
  const reading::PipelineSummary& summary = *newest->summary;
  const RunEnd& end = summary.last_ends[0];
  const std::string id = Links::id(summary.source, end.key.run);
  return {{"id", id},
          {"url", Links::url("runs", id)},
          {"run", end.key.run},
          {"pipeline", pipeline_ref(scene.links, summary.source, summary.name)},
          {"status", end.status},
          {"ended_at", instant(end.ended)},
          {"seconds", seconds_or_null(end.seconds)}};
}

struct Due {
  const PipelineEntry* entry = nullptr;
  const reading::TriggerSummary* trigger = nullptr;
};

Json due_json(const Scene& scene, const Due& due) {
  const reading::PipelineSummary& summary = *due.entry->summary;
  return {{"due_at", instant(due.trigger->next->due)},
          {"slot", instant(due.trigger->next->at)},
          {"pipeline", pipeline_ref(scene.links, summary.source, summary.name)},
          {"trigger",
           trigger_ref(summary.source, due.trigger->trigger->trigger.id, due.trigger->name())},
          {"source", summary.source}};
}

std::vector<Due> all_due(const Entries& entries) {
  std::vector<Due> due;
  for (const PipelineEntry* entry : entries)
    for (const reading::TriggerSummary& trigger : entry->summary->triggers)
      if (trigger.next) due.push_back({entry, &trigger});
  std::ranges::sort(due, {}, [](const Due& each) {
    return std::tuple(each.trigger->next->due, each.entry->summary->source,
                      each.entry->summary->name, each.trigger->trigger->trigger.id);
  });
  return due;
}

void add_due(const Scene& scene, const Entries& entries, Timestamp at, Json& json) {
  const auto due = all_due(entries);
  json["next_due"] = due.empty() ? Json(nullptr) : due_json(scene, due.front());
  json["due"] = Json::array();
  std::size_t within = 0;
  for (const Due& each : due) {
    if (each.trigger->next->due > at + kDueWindow) break;
    if (++within <= kDueShown) json["due"].push_back(due_json(scene, each));
  }
  json["due_count"] = within;
  json["due_window_seconds"] = std::chrono::seconds(kDueWindow).count();
}

struct GoingOn {
  const PipelineEntry* entry = nullptr;
  const ActiveFacts* run = nullptr;
  double beyond = 0;  ///< How many times the usual it has run.
};

void add_going_on(const Scene& scene, const Entries& entries, Timestamp at, Json& json) {
  std::vector<GoingOn> runs;
  std::size_t count = 0;
  for (const PipelineEntry* entry : entries) {
    const reading::PipelineSummary& summary = *entry->summary;
    count += summary.active_count;
    for (const ActiveFacts& run : summary.active) {
      const double passed = std::chrono::duration<double>(at - run.run.since).count();
      const bool counts = summary.durations.usual && !run.run.initial && !run.run.orphaned;
      runs.push_back({entry, &run, counts ? passed / std::max(*summary.durations.usual, 1.0) : 0});
    }
  }
  const auto rank = [](const GoingOn& each) {
    return std::tuple(-each.beyond, each.run->run.since, each.run->run.id);
  };
  const std::size_t shown = std::min(runs.size(), kGoingOnShown);
  std::ranges::partial_sort(runs, runs.begin() + static_cast<std::ptrdiff_t>(shown), {}, rank);
  json["going_on"] = Json::array();
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [entry, run, beyond] = runs[i];
    const reading::PipelineSummary& summary = *entry->summary;
    const std::string id = Links::id(summary.source, run->run.id);
    json["going_on"].push_back(
        {{"id", id},
         {"url", Links::url("runs", id)},
         {"mage_url", scene.links.mage_run(summary.name, run->run.id)},
         {"source", summary.source},
         {"run", run->run.id},
         {"pipeline", pipeline_ref(scene.links, summary.source, summary.name)},
         {"status", run->run.orphaned  ? "ORPHANED"
                    : run->run.initial ? "INITIAL"
                                       : "RUNNING"},
         {"since", instant(run->run.since)},
         {"labels", labels_json(run->labels)},
         {"usual_seconds", seconds_or_null(summary.durations.usual)},
         {"nine_of_ten_seconds", seconds_or_null(summary.durations.nine_of_ten)},
         {"unusual", reading::runs_unusually_long(summary, *run, at)}});
  }
  json["going_on_count"] = count;
}

void add_normal(const Scene& scene, const OverviewFilter& filter, Timestamp at, Json& json) {
  std::vector<reading::ProblemView> views;
  Json last = nullptr;
  for (const Problem& problem : scene.in.problems().closed(kClosedLooked)) {
    if (!passes(filter, problem)) continue;
    if (last.is_null()) last = instant(problem.closed);
    if (*problem.closed < at - kNormalWindow || views.size() == kNormalShown) break;
    views.push_back(reading::view_of(problem, scene.directory));
  }
  json["back_to_normal"] = problems_json(scene, std::move(views));
  json["back_to_normal_window_seconds"] = std::chrono::seconds(kNormalWindow).count();
  json["last_problem_ended_at"] = std::move(last);
}

Json few_json(const Scene& scene, Entries entries) {
  Json json = Json::array();
  if (entries.size() > kFewPipelines) return json;
  std::ranges::stable_sort(entries, {}, [](const PipelineEntry* each) { return each->state.rank; });
  for (const PipelineEntry* entry : entries)
    json.push_back(json_of(scene.links, *entry, kEndsOfFew));
  return json;
}

}  // namespace

Answer<Content> overview(const Scene& scene, Question& question) {
  OverviewFilter filter;
  filter.source = source_of(scene, question.parameters);
  filter.team = question.parameters.text("team", 256);
  if (question.parameters.error()) return refuse(*question.parameters.error());
  const auto& source = filter.source;
  const Entries entries = entries_of(scene, filter);
  const Timestamp at = as_of(scene, source).value_or(scene.now);
  const Counts counts = count_problems(scene, filter);
  const auto fine = std::ranges::count_if(
      entries, [](const PipelineEntry* entry) { return entry->state.problem_count == 0; });
  Json json = head(scene, source);
  json["sources"] = sources_json(scene, entries_of(scene, {source, std::nullopt}), source);
  json["notices"] = notices_json(scene);
  json["counts"] = counts_json(counts);
  json["muted_count"] = counts.all_muted;
  json["at_first_count"] = counts.at_first;
  json["channel_count"] = scene.rules.rules->channels.size();
  json["pipelines"] = {{"total", entries.size()}, {"fine", fine}};
  json["last_end"] = last_end_json(scene, entries);
  add_going_on(scene, entries, at, json);
  add_due(scene, entries, at, json);
  add_deadlines(scene, entries, at, json);
  add_not_made_good(scene, entries, json);
  add_normal(scene, filter, at, json);
  json["teams"] = teams_json(scene, source);
  json["few_pipelines"] = few_json(scene, entries);
  json["monitor"] = monitor_json(scene);
  return content_of(json);
}

}  // namespace walpulse::monitor::api
