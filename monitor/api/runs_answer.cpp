#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "monitor/api/answers.h"
#include "monitor/api/csv.h"
#include "monitor/reading/failures.h"
#include "monitor/reading/run_list.h"

namespace walpulse::monitor::api {
namespace {

constexpr std::array<std::string_view, 6> kRunStatuses = {"INITIAL",   "RUNNING", "ORPHANED",
                                                          "COMPLETED", "FAILED",  "CANCELLED"};
constexpr std::array<std::string_view, 1> kRunOrders = {"-ended_at"};
constexpr std::array<std::string_view, 2> kFormats = {"json", "csv"};
constexpr std::array<std::string_view, 3> kIncluded = {"steps", "blocks", "last_success"};

/// Those of a name, or the one of an id.
std::optional<std::set<std::pair<std::string, std::int64_t>>> trigger_filter(
    const Scene& scene, Parameters& parameters) {
  const auto text = parameters.text("trigger", 512);
  if (!text) return std::nullopt;
  std::set<std::pair<std::string, std::int64_t>> found;
  for (const reading::PipelineEntry& entry : scene.directory.pipelines)
    for (const reading::TriggerSummary& trigger : entry.summary->triggers) {
      const auto& [source, id] = std::pair(entry.summary->source, trigger.trigger->trigger.id);
      if (trigger.name() == *text || Links::id(source, id) == *text) found.emplace(source, id);
    }
  if (found.empty())
    parameters.latch(bad_value("trigger", "no trigger of this name or id is known", "mage:7"));
  return found;
}

void read_window(const Scene& scene, Parameters& parameters, reading::RunFilter& filter) {
  const auto after = parameters.instant("ended_after");
  const auto before = parameters.instant("ended_before");
  const auto window = parameters.duration("window");
  if (window && (after || before))
    parameters.latch(bad_value("window", "it says what ended_after and ended_before say",
                               "leave one of them out"));
  if (after) filter.ended_from = *after;
  if (before) filter.ended_before = *before;
  if (window) filter.ended_from = as_of(scene, filter.source).value_or(scene.now) - *window;
  filter.with_active = !after && !before;
}

reading::RunListMark runs_begin(Parameters& parameters) {
  const auto mark = parameters.page_mark();
  reading::RunListMark begin;
  if (!mark) return begin;
  if (mark->numbers.size() != 4) {
    parameters.latch(token_expired());
    return begin;
  }
  begin.in_active = mark->numbers[0] != 0;
  const RunKey key{mark->numbers[2], mark->numbers[3]};
  (begin.in_active ? begin.key : begin.ends.key) = key;
  if (!begin.in_active) begin.ends.ended = Timestamp(std::chrono::microseconds(mark->numbers[1]));
  return begin;
}

PageMark run_mark(const reading::RunListMark& next) {
  const RunKey& key = next.in_active ? next.key : next.ends.key;
  return {{next.in_active ? 1 : 0, next.ends.ended.time_since_epoch().count(), key.source, key.run},
          ""};
}

std::string cell(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string csv_of(const Json& items) {
  static const std::vector<std::string> kColumns = {
      "id",   "source",     "run",        "pipeline", "status",  "trigger",  "made_by",
      "slot", "created_at", "started_at", "ended_at", "seconds", "attempts", "labels"};
  std::string table = csv_line(kColumns);
  for (const Json& item : items) {
    std::vector<std::string> cells;
    for (const std::string& column : kColumns) {
      const Json& value = item[column];
      const bool named = (column == "pipeline" || column == "trigger") && value.is_object();
      if (column != "labels") {
        cells.push_back(cell(named ? value["name"] : value));
        continue;
      }
      std::string labels;
      for (const auto& [name, label] : value.items())
        labels.append(labels.empty() ? "" : " ").append(name + "=" + label.get<std::string>());
      cells.push_back(std::move(labels));
    }
    table += csv_line(cells);
  }
  return table;
}

Json blocks_json(const Scene& scene, const RunKey& key) {
  const auto blocks = reading::run_blocks(scene.in, scene.context, key);
  if (!blocks) return nullptr;
  Json json = Json::array();
  for (const KnownBlock& block : *blocks) json.push_back(json_of(block));
  return json;
}

Json open_problems(const Scene& scene, const reading::RunView& run) {
  std::vector<reading::ProblemView> views;
  for (const Problem& problem : scene.directory.open) {
    auto view = reading::view_of(problem, scene.directory);
    if (view.pipeline == run.run.pipeline && problem.finding.key.source == run.source)
      views.push_back(std::move(view));
  }
  return problems_json(scene, std::move(views));
}

void add_included(const Scene& scene, const std::vector<std::string>& include,
                  const reading::RunView& view, Json& json) {
  const auto wants = [&](std::string_view what) {
    return std::ranges::find(include, what) != include.end();
  };
  if (wants("steps")) {
    json["steps"] = Json::array();
    for (const RunStep& step : view.run.steps) json["steps"].push_back(json_of(step));
  }
  if (wants("blocks")) json["blocks"] = blocks_json(scene, view.run.key);
  if (!wants("last_success")) return;
  json["last_success"] = nullptr;
  const auto success = reading::last_success_before(scene.in, view);
  if (!success) return;
  const auto other = reading::run_view(*success, scene.context, scene.directory);
  if (!other) return;
  json["last_success"] = {{"run", json_of(scene.links, *other)}};
  if (wants("blocks")) json["last_success"]["blocks"] = blocks_json(scene, other->run.key);
}

}  // namespace

Answer<Content> runs(const Scene& scene, Question& question) {
  Parameters& parameters = question.parameters;
  reading::RunFilter filter;
  filter.source = source_of(scene, parameters);
  const PipelineFilter pipeline = pipeline_filter(scene, parameters);
  filter.pipeline = pipeline.name;
  const bool other_source = filter.source && pipeline.source && filter.source != pipeline.source;
  if (pipeline.source && !other_source) filter.source = pipeline.source;
  const auto statuses = parameters.choices("status", kRunStatuses);
  filter.statuses = {statuses.begin(), statuses.end()};
  filter.triggers = trigger_filter(scene, parameters);
  filter.labels = parameters.labels();
  filter.text = text_filter(parameters);
  read_window(scene, parameters, filter);
  parameters.choice("sort", kRunOrders);
  const bool csv = parameters.choice("format", kFormats) == "csv";
  const std::size_t size = parameters.page_size();
  const auto mark = runs_begin(parameters);
  if (parameters.error()) return refuse(*parameters.error());

  reading::RunListPage page;
  if (!other_source)
    page = reading::list_runs(scene.in, scene.context, scene.directory, filter, mark, size);
  std::string items;
  for (const auto& run : page.runs) {
    if (!items.empty()) items += ',';
    items += text_of(scene.links, run);
  }
  std::optional<std::string> next;
  if (page.next) next = parameters.page_token(run_mark(*page.next));
  if (!csv) return Content{list_text(scene, filter.source, items, next)};
  Content content{csv_of(Json::parse('[' + items + ']')), "text/csv; charset=utf-8"};
  if (next)
    content.headers.emplace_back("Link", "<" + parameters.url_of_page(*next) + ">; rel=\"next\"");
  content.headers.emplace_back("Content-Disposition", "attachment; filename=\"runs.csv\"");
  return content;
}

Answer<Content> run(const Scene& scene, Question& question) {
  const auto include = question.parameters.choices("include", kIncluded);
  if (question.parameters.error()) return refuse(*question.parameters.error());
  const auto id = read_numbered_id(scene, question.id);
  if (!id) return refuse(id.error());
  const auto stored = reading::find_run(scene.in, scene.context, id->source, id->number);
  const auto view = stored ? reading::run_view(*stored, scene.context, scene.directory)
                           : std::optional<reading::RunView>();
  if (!view) return refuse(not_found("no run " + question.id + " is known"));

  const auto failures = reading::read_failures(scene.in, scene.context, std::span(&*stored, 1));
  const auto failure = failures.find(view->run.key);
  const reading::PipelineEntry* entry = scene.directory.find(view->source, view->run.pipeline);
  const reading::Durations durations =
      entry == nullptr ? reading::Durations{} : entry->summary->durations;
  Json json = head(scene, view->source);
  json["run"] = json_of(scene.links, *view);
  json["cause"] = failure == failures.end() ? Json(nullptr) : json_of(failure->second);
  json["usual_seconds"] = seconds_or_null(durations.usual);
  json["nine_of_ten_seconds"] = seconds_or_null(durations.nine_of_ten);
  json["usual_of"] = durations.count;
  json["problems"] = open_problems(scene, *view);
  json["remedy"] = view->orphaned() ? Json(scene.links.ending(view->run.key.run)) : Json(nullptr);
  add_included(scene, include, *view, json);
  return content_of(json);
}

}  // namespace walpulse::monitor::api
