#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "monitor/api/answers.h"

namespace walpulse::monitor::api {

/// One path of openapi.yaml that is read.
struct ApiPath {
  std::string_view path;  ///< Below /api/v1; "/runs/" has an id behind it.
  std::span<const std::string_view> parameters;
  Answer<Content> (*answer)(const Scene& scene, Question& question);
  /// Of the pipelines it shows their names and triggers alone: a look at them may be a second old.
  bool of_runs = false;
};

inline constexpr std::string_view kApiBase = "/api/v1";

struct FoundPath {
  const ApiPath* path = nullptr;
  std::string id;
};
/// What answers a whole path; nothing where there is no such path.
std::optional<FoundPath> find_path(std::string_view path);

}  // namespace walpulse::monitor::api
