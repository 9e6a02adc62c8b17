#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "monitor/api/answers.h"
#include "monitor/api/overview_parts.h"
#include "monitor/reading/evidence.h"
#include "monitor/reading/label_sets.h"
#include "monitor/reading/problem_view.h"

namespace walpulse::monitor::api {
namespace {

using reading::ProblemView;

constexpr std::array<std::string_view, 3> kProblemStates = {"open", "muted", "closed"};
/// So many that are over are looked at.
constexpr std::size_t kClosedLookedAt = 1'000;

const std::vector<std::string_view>& kind_names() {
  static const auto kNames = [] {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kProblemKinds; ++i)
      names.push_back(name_of(static_cast<ProblemKind>(i)));
    return names;
  }();
  return kNames;
}

/// By this a list is in order: open ones by severity, then the newest; closed ones behind them, the
/// last closed first.
using Rank = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
Rank problem_rank(const Problem& problem) {
  const auto count = [](Timestamp at) { return at.time_since_epoch().count(); };
  if (problem.closed) return {1, 0, -count(*problem.closed), -problem.id};
  return {0, static_cast<std::int64_t>(problem.finding.severity), -count(problem.finding.since),
          -problem.id};
}

struct ProblemFilter {
  std::vector<std::string> states, kinds, severities;
  std::optional<std::string> source;
  PipelineFilter pipeline;
  std::optional<std::string> team;
  telemetry::Labels labels;
  std::optional<Timestamp> opened_after;
  std::string text;
};

ProblemFilter read_filter(const Scene& scene, Parameters& parameters) {
  ProblemFilter filter;
  filter.states = parameters.choices("state", kProblemStates);
  if (filter.states.empty()) filter.states = {"open", "muted"};
  filter.kinds = parameters.choices("kind", kind_names());
  filter.severities = parameters.choices("severity", kSeverityNames);
  filter.source = source_of(scene, parameters);
  // A problem may be of a pipeline that never ran: any name is taken.
  if (const auto name = parameters.text("pipeline", 1024)) {
    filter.pipeline.name = *name;
    for (const auto& source : scene.directory.sources)
      if (name->starts_with(source.name + ':'))
        filter.pipeline = {source.name, name->substr(source.name.size() + 1)};
  }
  filter.team = parameters.text("team", 256);
  filter.labels = parameters.labels();
  filter.opened_after = parameters.instant("opened_after");
  filter.text = text_filter(parameters);
  return filter;
}

bool is_among(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool passes(const ProblemFilter& filter, const ProblemView& view) {
  const Finding& finding = view.problem.finding;
  if (std::ranges::find(filter.states, view.state()) == filter.states.end()) return false;
  if (!is_among(filter.kinds, name_of(finding.key.kind)) ||
      !is_among(filter.severities, name_of(finding.severity)))
    return false;
  if (filter.source && finding.key.source != *filter.source) return false;
  if (filter.pipeline.source && finding.key.source != *filter.pipeline.source) return false;
  if (filter.pipeline.name && view.pipeline != *filter.pipeline.name) return false;
  if (filter.opened_after && view.problem.opened <= *filter.opened_after) return false;
  if (!filter.text.empty() && !reading::contains_text(subject_of(finding.key), filter.text))
    return false;
  if (!is_of_team(reading::evidence_of(finding, "team"), filter.team)) return false;
  return std::ranges::all_of(filter.labels, [&](const auto& wanted) {
    const auto found = view.labels.find(wanted.first);
    return found != view.labels.end() && found->second == wanted.second;
  });
}

Json notice_json(const Scene& scene, const Notice& notice) {
  constexpr std::array<std::string_view, kNoticePhases> kPhases = {"opened", "closed", "repeated",
                                                                   "found", "unmuted"};
  std::optional<Delivery> delivery;
  if (notice.delivery) delivery = scene.in.deliveries().find(*notice.delivery);
  const bool sent = delivery && delivery->state == Delivery::State::sent;
  return {{"channel", notice.channel},
          {"place", text_or_null(notice.target)},
          {"what", kPhases[static_cast<std::size_t>(notice.phase)]},
          {"noted_at", instant(notice.noted)},
          {"delivery", delivery ? Json(std::to_string(delivery->id)) : Json(nullptr)},
          {"state", delivery          ? name_of(delivery->state)
                    : notice.delivery ? std::string_view("not_told")
                                      : std::string_view("collected")},
          {"sent_at", sent ? instant(delivery->ended) : Json(nullptr)}};
}

std::optional<Rank> problems_begin(Parameters& parameters) {
  const auto mark = parameters.page_mark();
  if (!mark) return std::nullopt;
  if (mark->numbers.size() != 4) {
    parameters.latch(token_expired());
    return std::nullopt;
  }
  return Rank{mark->numbers[0], mark->numbers[1], mark->numbers[2], mark->numbers[3]};
}

}  // namespace

Answer<Content> problems(const Scene& scene, Question& question) {
  Parameters& parameters = question.parameters;
  const ProblemFilter filter = read_filter(scene, parameters);
  const std::size_t size = parameters.page_size();
  const auto begin = problems_begin(parameters);
  if (parameters.error()) return refuse(*parameters.error());

  std::vector<ProblemView> views;
  const auto add = [&](const Problem& problem) {
    auto view = reading::view_of(problem, scene.directory);
    if (passes(filter, view)) views.push_back(std::move(view));
  };
  for (const Problem& problem : scene.directory.open) add(problem);
  if (is_among(filter.states, "closed"))
    for (const Problem& problem : scene.in.problems().closed(kClosedLookedAt)) add(problem);
  const std::size_t total = views.size();
  const auto rank = [](const ProblemView& view) { return problem_rank(view.problem); };
  if (begin) std::erase_if(views, [&](const auto& view) { return rank(view) <= *begin; });
  std::ranges::sort(views, {}, rank);
  std::optional<std::string> next;
  if (views.size() > size) {
    views.resize(size);
    const auto [phase, severity, at, id] = rank(views.back());
    next = parameters.page_token({{phase, severity, at, id}, ""});
  }
  Json json = list_head(scene, filter.source, problems_json(scene, std::move(views)), next);
  json["total"] = total;
  return content_of(json);
}

Answer<Content> problem(const Scene& scene, Question& question) {
  const auto id = read_numbered_id(scene, question.id);
  if (!id) return refuse(id.error());
  const auto is_it = [&](const Problem& each) {
    return each.id == id->number && each.finding.key.source == id->source;
  };
  std::vector<Problem> closed;
  auto found = std::ranges::find_if(scene.directory.open, is_it);
  const Problem* problem = found == scene.directory.open.end() ? nullptr : &*found;
  if (problem == nullptr) {
    closed = scene.in.problems().closed(kClosedLookedAt);
    const auto over = std::ranges::find_if(closed, is_it);
    if (over == closed.end())
      return refuse(
          not_found("no problem " + question.id + " is known: what is over is kept 30 days"));
    problem = &*over;
  }
  Json json = head(scene, id->source);
  json["problem"] =
      std::move(problems_json(scene, {reading::view_of(*problem, scene.directory)}).front());
  json["told"] = Json::array();
  for (const Notice& notice : scene.in.notices().of_problem(problem->id))
    json["told"].push_back(notice_json(scene, notice));
  return content_of(json);
}

}  // namespace walpulse::monitor::api
