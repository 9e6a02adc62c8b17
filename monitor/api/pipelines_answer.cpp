#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "monitor/api/answers.h"
#include "monitor/api/overview_parts.h"
#include "monitor/reading/failures.h"
#include "monitor/reading/label_sets.h"
#include "monitor/reading/own_ends.h"
#include "monitor/reading/pipeline_detail.h"
#include "monitor/rules/deadline.h"
#include "monitor/rules/suggestion.h"

namespace walpulse::monitor::api {
namespace {

using reading::PipelineEntry;

constexpr std::array<std::string_view, 4> kPipelineOrders = {"worst", "name", "-ended_at", "due"};
constexpr std::array<std::string_view, 2> kPipelineHas = {"running", "not_made_good"};
constexpr std::size_t kMatchedLabels = 3;
constexpr std::size_t kEndsInList = 20;
constexpr std::size_t kNotMadeGoodShown = 50;
constexpr std::size_t kGroupsShown = 100;
constexpr std::size_t kClosedBeside = 5;
constexpr std::size_t kClosedAsked = 200;

struct PipelinesFilter {
  std::vector<std::string> states, has;
  std::optional<std::string> source, team, trigger;
  telemetry::Labels labels;
  std::string text;
};

bool has_labels(const reading::PipelineSummary& summary, const telemetry::Labels& wanted) {
  return wanted.empty() ||
         std::ranges::any_of(
             summary.active,
             [&](const ActiveFacts& run) { return std::ranges::includes(run.labels, wanted); }) ||
         reading::has_set(summary.label_sets.get(), wanted);
}

bool has_text(const reading::PipelineSummary& summary, const std::string& text) {
  return reading::contains_text(summary.name, text) ||
         std::ranges::any_of(
             summary.active,
             [&](const ActiveFacts& run) { return reading::labels_have(run.labels, text); }) ||
         !reading::labels_with(summary.label_sets.get(), text, 1).empty();
}

bool has_what(const reading::PipelineSummary& summary, const std::string& what) {
  return what == "running" ? summary.active_count > 0 : !summary.not_made_good.empty();
}

/// By which labels a text finds it; by its name where there are none.
Json matched_labels(const reading::PipelineSummary& summary, const std::string& text) {
  Json matched = Json::array();
  if (text.empty() || reading::contains_text(summary.name, text)) return matched;
  for (const auto& [name, value] :
       reading::labels_with(summary.label_sets.get(), text, kMatchedLabels))
    matched.push_back({{"name", name}, {"value", value}});
  return matched;
}

bool passes(const PipelinesFilter& filter, const PipelineEntry& entry) {
  const reading::PipelineSummary& summary = *entry.summary;
  if (!filter.states.empty() &&
      std::ranges::find(filter.states, entry.state.word) == filter.states.end())
    return false;
  if (filter.source && summary.source != *filter.source) return false;
  if (!is_of_team(entry.concerned->team, filter.team)) return false;
  if (!std::ranges::all_of(filter.has,
                           [&](const std::string& what) { return has_what(summary, what); }))
    return false;
  if (filter.trigger &&
      std::ranges::none_of(summary.triggers, [&](const reading::TriggerSummary& trigger) {
        return trigger.name() == *filter.trigger;
      }))
    return false;
  return has_text(summary, filter.text) && has_labels(summary, filter.labels);
}

/// What an order goes by: two numbers, then the name, which no two have in common.
using Place = std::tuple<std::int64_t, std::int64_t, std::string>;
Place pipeline_place(const PipelineEntry& entry, const std::string& order) {
  const reading::PipelineSummary& summary = *entry.summary;
  const auto count = [](Timestamp at) { return at.time_since_epoch().count(); };
  std::string id = Links::id(summary.source, summary.name);
  if (order == "name") return {0, 0, summary.name + '\0' + summary.source};
  if (order == "-ended_at")
    return {0, summary.last_ends.empty() ? INT64_MAX : -count(summary.last_ends[0].ended),
            std::move(id)};
  if (order == "due") {
    const reading::TriggerSummary* next = summary.next_due();
    return {0, next == nullptr ? INT64_MAX : count(next->next->due), std::move(id)};
  }
  return {entry.state.rank, entry.state.since ? -count(*entry.state.since) : 0, std::move(id)};
}

std::optional<Place> pipelines_begin(Parameters& parameters) {
  const auto mark = parameters.page_mark();
  if (!mark) return std::nullopt;
  if (mark->numbers.size() != 2) {
    parameters.latch(token_expired());
    return std::nullopt;
  }
  return Place{mark->numbers[0], mark->numbers[1], mark->text};
}

Json problems_beside(const Scene& scene, const reading::PipelineSummary& summary) {
  std::vector<reading::ProblemView> views;
  const auto add = [&](const Problem& problem) {
    if (problem.finding.key.source != summary.source) return;
    auto view = reading::view_of(problem, scene.directory);
    if (view.pipeline == summary.name) views.push_back(std::move(view));
  };
  for (const Problem& problem : scene.directory.open) add(problem);
  const std::size_t open = views.size();
  for (const Problem& problem : scene.in.problems().closed(kClosedAsked)) {
    if (views.size() == open + kClosedBeside) break;
    add(problem);
  }
  return problems_json(scene, std::move(views));
}

Json trend_json(const Scene& scene, const reading::PipelineSummary& summary,
                const std::vector<RunEnd>& ends, Timestamp at) {
  Json days = Json::array();
  for (const reading::DayView& day :
       reading::days_of(ends, reading::read_pruned_days(scene.in, summary, at)))
    days.push_back({{"day", to_rfc3339(Timestamp(day.day)).substr(0, 10)},
                    {"completed", day.completed},
                    {"failed", day.failed},
                    {"cancelled", day.cancelled},
                    {"usual_seconds", seconds_or_null(day.usual)},
                    {"nine_of_ten_seconds", seconds_or_null(day.nine_of_ten)}});
  return days;
}

Json not_made_good_json(const reading::PipelineSummary& summary) {
  Json slots = Json::array();
  for (const reading::NotMadeGood& slot : summary.not_made_good) {
    if (slots.size() == kNotMadeGoodShown) break;
    slots.push_back({{"slot", instant(slot.slot)},
                     {"trigger", trigger_ref(summary.source, slot.trigger, slot.trigger_name)},
                     {"run", slot.run},
                     {"run_url", Links::url("runs", Links::id(summary.source, slot.run))}});
  }
  return slots;
}

Json failures_json(const Scene& scene, const reading::PipelineSummary& summary) {
  reading::FailureGroups groups;
  if (summary.table != 0)
    groups = reading::read_failure_groups(scene.in, scene.context, summary.table, summary.name);
  Json causes = Json::array();
  for (const reading::FailureGroup& group : groups.groups) {
    Json at = Json::array();
    for (const Timestamp each : group.at) at.push_back(instant(each));
    causes.push_back({{"cause", to_string(group.failure.cause)},
                      {"block", text_or_null(group.failure.block)},
                      {"count", group.count},
                      {"last_run", group.last_run},
                      {"last_at", instant(group.at.front())},
                      {"at", std::move(at)}});
  }
  return {{"looked_at", groups.looked_at},
          {"from", instant(groups.from)},
          {"causes", std::move(causes)}};
}

Json groups_json(const std::vector<RunEnd>& ends, const rules::Policy& policy,
                 const reading::PipelineSummary& summary) {
  Json groups = Json::array();
  for (const reading::GroupView& group :
       reading::groups_of(ends, policy.per.value, summary, kGroupsShown))
    groups.push_back({{"labels", labels_json(group.labels)},
                      {"trigger", text_or_null(group.trigger)},
                      {"last_status", group.last->status},
                      {"last_end_at", instant(group.last->ended)},
                      {"last_run", group.last->key.run},
                      {"last_success_at", instant(group.last_success)},
                      {"failed_in_a_row", group.failed_in_a_row}});
  return groups;
}

/// Nothing of labels that the rules tell apart already.
Json mixed_ends_json(const std::vector<RunEnd>& ends, const rules::Policy& policy,
                     const reading::PipelineSummary& summary) {
  Json mixed = Json::array();
  if (policy.ignore.value) return mixed;
  for (const MixedEnds& each : reading::mixed_ends_of(summary, ends)) {
    if (std::ranges::count(policy.per.value, each.label) > 0) continue;
    const auto rule = rules::table_with_per(summary.source, summary.name, each.label);
    mixed.push_back({{"label", each.label},
                     {"failing", each.failing},
                     {"failed_in_a_row", each.failures},
                     {"succeeding", each.succeeding},
                     {"rule", rule ? Json(*rule) : Json(nullptr)}});
  }
  return mixed;
}

}  // namespace

Answer<Content> pipelines(const Scene& scene, Question& question) {
  Parameters& parameters = question.parameters;
  PipelinesFilter filter;
  filter.states = parameters.choices("state", reading::kPipelineStates);
  filter.has = parameters.choices("has", kPipelineHas);
  filter.source = source_of(scene, parameters);
  filter.team = parameters.text("team", 256);
  filter.trigger = parameters.text("trigger", 512);
  filter.labels = parameters.labels();
  filter.text = text_filter(parameters);
  const std::string order = parameters.choice("sort", kPipelineOrders).value_or("worst");
  const std::size_t size = parameters.page_size();
  const auto begin = pipelines_begin(parameters);
  if (parameters.error()) return refuse(*parameters.error());

  std::vector<std::pair<Place, const PipelineEntry*>> found;
  for (const PipelineEntry& entry : scene.directory.pipelines)
    if (passes(filter, entry)) found.emplace_back(pipeline_place(entry, order), &entry);
  const std::size_t total = found.size();
  if (begin) std::erase_if(found, [&](const auto& each) { return each.first <= *begin; });
  std::ranges::sort(found);
  std::optional<std::string> next;
  if (found.size() > size) {
    found.resize(size);
    const auto& [first, second, name] = found.back().first;
    next = parameters.page_token({{first, second}, name});
  }
  Json items = Json::array();
  for (const auto& [place, entry] : found) {
    items.push_back(json_of(scene.links, *entry, kEndsInList));
    if (Json matched = matched_labels(*entry->summary, filter.text); !matched.empty())
      items.back()["matched_labels"] = std::move(matched);
  }
  Json json = list_head(scene, filter.source, std::move(items), next);
  json["total"] = total;
  json["teams"] = teams_json(scene, filter.source);
  return content_of(json);
}

Answer<Content> pipeline(const Scene& scene, Question& question) {
  const auto id = read_id(scene, question.id);
  if (!id) return refuse(id.error());
  const PipelineEntry* entry = scene.directory.find(id->source, id->name);
  if (entry == nullptr) return refuse(not_found("no pipeline " + question.id + " is known"));
  const reading::PipelineSummary& summary = *entry->summary;
  const auto policy =
      rules::policy_of(*scene.rules.rules, {summary.name, summary.source, std::nullopt, {}});
  const Timestamp at = as_of(scene, summary.source).value_or(scene.now);
  const auto ends = reading::read_recent_ends(scene.in, summary, at);

  Json json = head(scene, summary.source);
  json["pipeline"] = json_of(scene.links, *entry, reading::kLastEndsMax);
  json["last_ends"] = Json::array();
  for (const RunEnd& end : summary.last_ends) json["last_ends"].push_back(end_json(end));
  json["problems"] = problems_beside(scene, summary);
  json["triggers"] = Json::array();
  for (const reading::TriggerSummary& trigger : summary.triggers)
    json["triggers"].push_back(json_of(scene.links, trigger, scene.directory));
  json["trend"] = trend_json(scene, summary, ends, at);
  json["not_made_good"] = not_made_good_json(summary);
  json["failures"] = failures_json(scene, summary);
  json["groups"] = groups_json(ends, policy, summary);
  json["mixed_ends"] = mixed_ends_json(ends, policy, summary);
  json["rules"] = Json::array();
  for (const rules::PolicyRow& row : rules::rows_of(policy))
    if (row.place.line != 0)
      json["rules"].push_back({{"key", row.key},
                               {"value", row.value},
                               {"place", to_string(*scene.rules.rules, row.place)}});
  json["next_deadline"] =
      policy.done_by.value
          ? instant(rules::next_deadline(*policy.done_by.value, scene.rules.rules->time_zone, at))
          : Json(nullptr);
  json["deadline"] = deadline_json(scene, *entry, ends, at);
  return content_of(json);
}

}  // namespace walpulse::monitor::api
