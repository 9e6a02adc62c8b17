#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "monitor/api/answers.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/reading/problem_view.h"
#include "monitor/rules/coverage.h"
#include "monitor/rules/deadline.h"
#include "publisher/http/url_encoding.h"

/// walpulse itself: where changes come from, the rules, and what somebody said is known.
namespace walpulse::monitor::api {
namespace {

constexpr std::array<std::string_view, 2> kMuteStates = {"in_force", "ended"};
constexpr std::size_t kTablesShown = 200;
constexpr std::size_t kMistakesShown = 25;
constexpr std::size_t kMutesLookedAt = 1'000;

Json problems_of_source(const Scene& scene, const std::string& source) {
  std::vector<reading::ProblemView> views;
  for (const Problem& problem : scene.directory.open)
    if (problem.finding.key.source == source && problem.finding.key.subject.empty())
      views.push_back(reading::view_of(problem, scene.directory));
  return problems_json(scene, std::move(views));
}

Json source_json(const Scene& scene, const reading::SourceView& source) {
  std::size_t triggers = 0, ran = 0;
  for (const reading::PipelineEntry& entry : scene.directory.pipelines) {
    if (entry.summary->source != source.name) continue;
    if (entry.summary->table != 0) ++ran;
    triggers += static_cast<std::size_t>(std::ranges::count_if(
        entry.summary->triggers,
        [](const reading::TriggerSummary& each) { return each.next.has_value(); }));
  }
  Json connectors = Json::array();
  for (const reading::ConnectorView& connector : source.connectors)
    connectors.push_back(json_of(connector));
  Json tables = Json::array();
  for (const reading::TableView& table : source.tables) tables.push_back(json_of(table));
  const auto behind = reading::behind_seconds(source.as_of, scene.now);
  return {{"id", source.name},
          {"url", "/api/v1/sources?source=" + http::percent_encoded(source.name)},
          {"mage_url", scene.links.mage()},
          {"state", name_of(source.state)},
          {"as_of", instant(source.as_of)},
          {"behind_seconds", behind ? Json(*behind) : Json(nullptr)},
          {"heard_at", instant(source.heard)},
          {"connectors", std::move(connectors)},
          {"tables", std::move(tables)},
          {"trigger_count", triggers},
          {"pipeline_count", ran},
          {"snapshot", json_of(source.snapshot)},
          {"problems", problems_of_source(scene, source.name)}};
}

std::vector<rules::KnownPipeline> known_pipelines(const Scene& scene) {
  std::vector<rules::KnownPipeline> known;
  for (const reading::PipelineEntry& entry : scene.directory.pipelines) {
    rules::KnownPipeline pipeline;
    pipeline.source = entry.summary->source;
    pipeline.pipeline = entry.summary->name;
    for (const auto& trigger : entry.summary->triggers) pipeline.triggers.insert(trigger.name());
    for (const RunEnd& end : entry.summary->last_ends)
      for (const auto& [name, value] : decode_labels(end.labels).value_or(telemetry::Labels{}))
        ++pipeline.labels[name][value];
    known.push_back(std::move(pipeline));
  }
  return known;
}

}  // namespace

Answer<Content> sources(const Scene& scene, Question& question) {
  const auto source = source_of(scene, question.parameters);
  if (question.parameters.error()) return refuse(*question.parameters.error());
  Json items = Json::array();
  for (const reading::SourceView& view : scene.directory.sources)
    if (!source || view.name == *source) items.push_back(source_json(scene, view));
  Json json = list_head(scene, source, std::move(items), std::nullopt);
  json["monitor"] = monitor_json(scene);
  Json channels = Json::array();
  for (const reading::ChannelView& channel : reading::read_channels(scene.in, *scene.rules.rules))
    channels.push_back(json_of(channel));
  json["channels"] = std::move(channels);
  return content_of(json);
}

Answer<Content> rules_in_force(const Scene& scene, Question&) {
  const rules::Rules& rules = *scene.rules.rules;
  const auto coverage = rules::coverage_of(rules, known_pipelines(scene));
  Json tables = Json::array();
  for (const rules::TableCoverage& table : coverage.tables)
    if (tables.size() < kTablesShown)
      tables.push_back({{"place", to_string(rules, table.place)}, {"matched", table.matched}});
  Json unmatched = Json::array();
  for (const std::string& name : coverage.unmatched)
    if (unmatched.size() < kTablesShown) unmatched.push_back(name);
  Json mistakes = Json::array();
  for (const rules::Mistake& mistake : scene.book.mistakes())
    if (mistakes.size() < kMistakesShown) mistakes.push_back(to_string(mistake));
  Json json = head(scene, std::nullopt);
  json["path"] = text_or_null(scene.book.path().string());
  json["hash"] = text_or_null(scene.rules.hash);
  json["files"] = rules.files;
  json["table_count"] = rules.table_count;
  json["time_zone"] = rules.time_zone.name();
  json["tables"] = std::move(tables);
  json["unmatched_count"] = coverage.unmatched.size();
  json["unmatched"] = std::move(unmatched);
  json["mistakes"] = std::move(mistakes);
  return content_of(json);
}

Answer<Content> rules_explained(const Scene& scene, Question& question) {
  Parameters& parameters = question.parameters;
  const auto name = parameters.text("pipeline", 1024);
  if (!name && !parameters.error())
    parameters.latch(bad_value("pipeline", "it must be given", "pipeline=daily_sales"));
  auto source = source_of(scene, parameters);
  const auto trigger = parameters.text("trigger", 512);
  const telemetry::Labels labels = parameters.labels();
  if (parameters.error()) return refuse(*parameters.error());
  std::string pipeline = *name;
  for (const reading::SourceView& view : scene.directory.sources)
    if (!source && name->starts_with(view.name + ':') && name->size() > view.name.size() + 1) {
      pipeline = name->substr(view.name.size() + 1);
      source = view.name;
      break;
    }
  rules::Subject subject{pipeline, source, trigger, {}};
  for (const auto& [label, value] : labels) subject.labels.emplace(label, value);
  const rules::Rules& rules = *scene.rules.rules;
  const rules::Policy policy = rules::policy_of(rules, subject);
  Json rows = Json::array();
  for (const rules::PolicyRow& row : rules::rows_of(policy))
    rows.push_back(
        {{"key", row.key}, {"value", row.value}, {"place", to_string(rules, row.place)}});
  Json told = Json::array();
  for (const rules::Told& each : rules::told_of(rules, subject, policy))
    told.push_back(json_of(rules, each));
  return content_of(
      Json({{"pipeline", pipeline},
            {"source", source ? Json(*source) : Json(nullptr)},
            {"trigger", trigger ? Json(*trigger) : Json(nullptr)},
            {"labels", labels_json(labels)},
            {"rows", std::move(rows)},
            {"told", std::move(told)},
            {"next_deadline",
             policy.done_by.value
                 ? instant(rules::next_deadline(*policy.done_by.value, rules.time_zone, scene.now))
                 : Json(nullptr)},
            {"time_zone", rules.time_zone.name()}}));
}

Answer<Content> mutes(const Scene& scene, Question& question) {
  Parameters& parameters = question.parameters;
  auto states = parameters.choices("state", kMuteStates);
  if (states.empty()) states = {"in_force"};
  const std::size_t size = parameters.page_size();
  const auto mark = parameters.page_mark();
  if (mark && mark->numbers.size() != 1) parameters.latch(token_expired());
  if (parameters.error()) return refuse(*parameters.error());
  Json items = Json::array();
  std::optional<std::string> next;
  std::int64_t last = 0;
  auto all = scene.in.mutes().all(kMutesLookedAt);
  std::ranges::sort(all, std::ranges::greater{}, &Mute::id);
  for (const Mute& mute : all) {
    if (mark && mute.id >= mark->numbers[0]) continue;
    Json json = json_of(mute, scene.now);
    if (std::ranges::find(states, json["state"].get<std::string>()) == states.end()) continue;
    if (items.size() == size) {
      next = parameters.page_token({{last}, ""});
      break;
    }
    last = mute.id;
    items.push_back(std::move(json));
  }
  return content_of(list_head(scene, std::nullopt, std::move(items), next));
}

}  // namespace walpulse::monitor::api
