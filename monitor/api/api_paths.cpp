#include "monitor/api/api_paths.h"

#include <array>

namespace walpulse::monitor::api {
namespace {

using Names = std::string_view;

constexpr std::array<Names, 2> kOfOverview = {"source", "team"};
constexpr std::array<Names, 1> kOfSources = {"source"};
constexpr std::array<Names, 11> kOfProblems = {"state",    "kind",      "severity",  "source",
                                               "pipeline", "team",      "label.*",   "opened_after",
                                               "text",     "page_size", "page_token"};
constexpr std::array<Names, 10> kOfPipelines = {"state",     "has",       "source", "team",
                                                "trigger",   "label.*",   "text",   "sort",
                                                "page_size", "page_token"};
constexpr std::array<Names, 13> kOfRuns = {
    "pipeline", "source", "status", "trigger", "label.*",   "ended_after", "ended_before",
    "window",   "text",   "sort",   "format",  "page_size", "page_token"};
constexpr std::array<Names, 1> kOfRun = {"include"};
constexpr std::array<Names, 6> kOfTriggers = {"pipeline", "source",    "state",
                                              "text",     "page_size", "page_token"};
constexpr std::array<Names, 6> kOfSchedule = {"day",    "time_zone", "pipeline",
                                              "source", "page_size", "page_token"};
constexpr std::array<Names, 4> kOfExplain = {"pipeline", "source", "trigger", "label.*"};
constexpr std::array<Names, 3> kOfMutes = {"state", "page_size", "page_token"};
constexpr std::array<Names, 4> kOfDeliveries = {"state", "channel", "page_size", "page_token"};

constexpr std::array<ApiPath, 14> kPaths = {{
    {"/overview", kOfOverview, overview},
    {"/problems", kOfProblems, problems},
    {"/problems/", {}, problem},
    {"/pipelines", kOfPipelines, pipelines},
    {"/pipelines/", {}, pipeline},
    {"/runs", kOfRuns, runs, true},
    {"/runs/", kOfRun, run},
    {"/triggers", kOfTriggers, triggers},
    {"/schedule", kOfSchedule, schedule},
    {"/sources", kOfSources, sources},
    {"/rules", {}, rules_in_force},
    {"/rules/explain", kOfExplain, rules_explained},
    {"/mutes", kOfMutes, mutes},
    {"/deliveries", kOfDeliveries, deliveries},
}};

}  // namespace

std::optional<FoundPath> find_path(std::string_view path) {
  if (!path.starts_with(kApiBase)) return std::nullopt;
  path.remove_prefix(kApiBase.size());
  for (const ApiPath& each : kPaths) {
    if (path == each.path && !each.path.ends_with('/')) return FoundPath{&each, ""};
    if (each.path.ends_with('/') && path.starts_with(each.path) && path.size() > each.path.size())
      return FoundPath{&each, std::string(path.substr(each.path.size()))};
  }
  return std::nullopt;
}

}  // namespace walpulse::monitor::api
