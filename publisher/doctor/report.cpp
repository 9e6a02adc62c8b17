#include "publisher/doctor/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"

namespace walpulse::doctor {
namespace {

using Level = Check::Level;

constexpr std::size_t kLevelWidth = 6;
constexpr std::size_t kNameWidth = 20;

const char* word(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::warn:
      return "warn";
    case Level::fail:
      return "fail";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::string warnings(std::ptrdiff_t count) {
  return std::to_string(count) + (count == 1 ? " warning" : " warnings");
}

std::ptrdiff_t count(const std::vector<Check>& checks, Level level) {
  return std::count_if(checks.begin(), checks.end(),
                       [level](const Check& check) { return check.level == level; });
}

}  // namespace

std::string text(const std::vector<Check>& checks, const TextOptions& options) {
  const std::string indent(kLevelWidth, ' ');
  std::string text;
  for (const Check& check : checks) {
    const bool failed = check.level == Level::fail;
    text += padded(failed ? "FAIL" : word(check.level), kLevelWidth) +
            padded(check.name, kNameWidth) + check.finding + "\n";
    if (check.remedy.empty()) continue;
    text += indent + "fix: " + check.remedy + "\n";
    if (options.restarts && (failed || check.restart)) {
      text += indent + "restart: " + (check.restart ? "needed" : "not needed") + "\n";
    }
  }
  return text + std::to_string(count(checks, Level::fail)) + " failed, " +
         warnings(count(checks, Level::warn)) + ", " + std::to_string(count(checks, Level::ok)) +
         " ok\n";
}

std::string json(const std::vector<Check>& checks) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Check& check : checks) {
    nlohmann::ordered_json entry;
    entry["name"] = check.name;
    entry["level"] = word(check.level);
    entry["finding"] = check.finding;
    entry["remedy"] = check.remedy;
    entry["restart"] = check.restart;
    list.push_back(std::move(entry));
  }
  nlohmann::ordered_json json;
  json["failed"] = count(checks, Level::fail);
  json["warnings"] = count(checks, Level::warn);
  json["checks"] = std::move(list);
  return dump_json(json) + "\n";
}

int exit_code(const std::vector<Check>& checks) { return count(checks, Level::fail) == 0 ? 0 : 1; }

}  // namespace walpulse::doctor
