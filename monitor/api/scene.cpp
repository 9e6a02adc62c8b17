#include "monitor/api/scene.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "decoder/schema/change_event.h"
#include "monitor/reading/event_figures.h"

namespace walpulse::monitor::api {
namespace {

constexpr std::size_t kNameBytesMax = 1024;
constexpr std::size_t kTeamsShown = 100;
constexpr std::size_t kHashShown = 12;

std::vector<std::string> source_names(const Scene& scene) {
  std::vector<std::string> names;
  for (const reading::SourceView& source : scene.directory.sources) names.push_back(source.name);
  return names;
}

/// The longest source whose name, and a colon, the id begins with: names may have colons too.
std::optional<NamedId> split_id(const Scene& scene, const std::string& id) {
  std::optional<NamedId> found;
  for (const reading::SourceView& source : scene.directory.sources)
    if (id.starts_with(source.name + ':') && (!found || found->source.size() < source.name.size()))
      found = NamedId{source.name, id.substr(source.name.size() + 1)};
  return found;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Content content_of(const Json& json) { return {dump_json(json)}; }

std::optional<Timestamp> as_of(const Scene& scene, const std::optional<std::string>& source) {
  if (!source) return scene.directory.as_of;
  const reading::SourceView* view = scene.directory.source(*source);
  return view == nullptr ? std::nullopt : view->as_of;
}

Json head(const Scene& scene, const std::optional<std::string>& source) {
  const auto at = as_of(scene, source);
  const auto behind = reading::behind_seconds(at, scene.now);
  return {{"as_of", instant(at)}, {"behind_seconds", behind ? Json(*behind) : Json(nullptr)}};
}

std::string list_text(const Scene& scene, const std::optional<std::string>& source,
                      std::string_view items, const std::optional<std::string>& next) {
  std::string text = dump_json(head(scene, source));
  text.pop_back();
  text.append(R"(,"items":[)").append(items).append(R"(],"next_page_token":)");
  return text.append(dump_json(next ? Json(*next) : Json(nullptr))).append("}");
}

Json list_head(const Scene& scene, const std::optional<std::string>& source, Json items,
               const std::optional<std::string>& next) {
  Json json = head(scene, source);
  json["items"] = std::move(items);
  json["next_page_token"] = next ? Json(*next) : Json(nullptr);
  return json;
}

std::optional<std::string> source_of(const Scene& scene, Parameters& parameters) {
  auto source = parameters.text("source", 256);
  if (!source || scene.directory.source(*source) != nullptr) return source;
  ApiError error =
      bad_value("source", "no source of this name is known",
                scene.directory.sources.empty() ? "mage" : scene.directory.sources[0].name);
  error.allowed = source_names(scene);
  parameters.latch(std::move(error));
  return std::nullopt;
}

Answer<NamedId> read_id(const Scene& scene, const std::string& id) {
  if (auto found = split_id(scene, id); found && !found->name.empty()) return *std::move(found);
  if (id.find(':') != std::string::npos && !is_number(id))
    return refuse(not_found("no source that is known has '" + id + "'"));
  const auto names = source_names(scene);
  ApiError error = bad_value("id", "an id is SOURCE:NAME",
                             (names.empty() ? "mage" : names[0]) + ":" + (id.empty() ? "812" : id));
  error.allowed = names;
  return refuse(std::move(error));
}

Answer<NumberedId> read_numbered_id(const Scene& scene, const std::string& id) {
  auto named = read_id(scene, id);
  if (!named) return tl::unexpected<ApiError>(named.error());
  NumberedId numbered{named->source, 0};
  const std::string& text = named->name;
  const auto [end, wrong] =
      std::from_chars(text.data(), text.data() + text.size(), numbered.number);
  if (wrong != std::errc() || end != text.data() + text.size())
    return refuse(bad_value("id", "the id's second part is not a number", named->source + ":812"));
  return numbered;
}

PipelineFilter pipeline_filter(const Scene& scene, Parameters& parameters) {
  const auto text = parameters.text("pipeline", kNameBytesMax);
  if (!text) return {};
  const auto is_known = [&](const NamedId& id) {
    return scene.directory.find(id.source, id.name) != nullptr;
  };
  if (auto id = split_id(scene, *text); id && is_known(*id)) return {id->source, id->name};
  const bool known = std::ranges::any_of(
      scene.directory.pipelines,
      [&](const reading::PipelineEntry& entry) { return entry.summary->name == *text; });
  if (!known) {
    const auto& pipelines = scene.directory.pipelines;
    const std::string example =
        pipelines.empty() ? "mage:daily"
                          : Links::id(pipelines[0].summary->source, pipelines[0].summary->name);
    parameters.latch(bad_value("pipeline", "no pipeline of this name is known", example));
  }
  return {std::nullopt, *text};
}

std::string text_filter(Parameters& parameters) {
  return parameters.text("text", 256).value_or("");
}

Json problems_json(const Scene& scene, std::vector<reading::ProblemView> views) {
  reading::add_details(scene.in, scene.context, views);
  reading::add_told(scene.in, *scene.rules.rules, views);
  Json json = Json::array();
  for (const reading::ProblemView& view : views) json.push_back(json_of(scene.links, view));
  return json;
}

Json monitor_json(const Scene& scene) {
  const MonitorFacts& monitor = scene.monitor;
  const reading::EventFigures events = reading::event_figures(scene.in);
  return {{"version", schema::kProgramVersion},
          {"instance", monitor.instance},
          {"started_at", instant(monitor.started)},
          {"ledger", monitor.ledger},
          {"born_at", instant(scene.context.birth)},
          {"leads", monitor.leadership.ours},
          {"leader", text_or_null(monitor.leadership.leader)},
          {"listens_on", text_or_null(monitor.listens_on)},
          {"message_count", events.processed},
          {"rejected_count", events.rejected},
          {"rules_hash", text_or_null(scene.rules.hash.substr(0, kHashShown))},
          {"rules_mistakes", scene.book.mistakes().size()},
          {"warnings", monitor.warnings}};
}

Json notices_json(const Scene& scene) {
  Json notices = Json::array();
  const auto mistakes = scene.book.mistakes();
  if (!mistakes.empty())
    notices.push_back(
        {{"name", "rules-broken"},
         {"text", "the rules file is not in order, the rules of before stay in force: " +
                      to_string(mistakes.front())},
         {"remedy", "mend the file; walpulse-monitor rules check names every mistake"}});
  if (scene.monitor.judges && !scene.monitor.leadership.ours &&
      scene.monitor.leadership.leader.empty())
    notices.push_back({{"name", "no-leader"},
                       {"text", "no instance leads: nothing is judged"},
                       {"remedy", "see /health of every instance"}});
  for (const std::string& warning : scene.monitor.warnings)
    notices.push_back({{"name", "warning"}, {"text", warning}, {"remedy", nullptr}});
  return notices;
}

Json teams_json(const Scene& scene, const std::optional<std::string>& source) {
  struct Count {
    std::size_t pipelines = 0, fine = 0;
  };
  std::map<std::string, Count> teams;
  for (const reading::PipelineEntry& entry : scene.directory.pipelines) {
    if (source && entry.summary->source != *source) continue;
    Count& count = teams[entry.concerned->team];
    ++count.pipelines;
    if (entry.state.problem_count == 0) ++count.fine;
  }
  Json json = Json::array();
  for (const auto& [team, count] : teams) {
    if (json.size() == kTeamsShown) break;
    json.push_back(
        {{"team", text_or_null(team)}, {"pipelines", count.pipelines}, {"fine", count.fine}});
  }
  return json;
}

}  // namespace walpulse::monitor::api
