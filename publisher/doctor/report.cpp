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

/// The first check that is mended by the same command.
const Check& first_with_remedy(const std::vector<Check>& checks, const std::string& remedy) {
  return *std::find_if(checks.begin(), checks.end(),
                       [&](const Check& check) { return check.remedy == remedy; });
}

/// Nothing where nothing is to be done; a command that stands above already is not said again.
std::string fix(const std::vector<Check>& checks, const Check& check) {
  const std::string indent(kLevelWidth, ' ');
  const auto line = [&](const char* what, const std::string& value) {
    return value.empty() ? "" : indent + what + value + "\n";
  };
  if (check.remedy.empty()) return "";
  if (const Check& first = first_with_remedy(checks, check.remedy); &first != &check)
    return line("fix: ", "as above, of " + first.name);
  return line("fix: ", check.remedy) + line("as: ", check.as) + line("or: ", check.otherwise) +
         line("restart: ", check.restart ? "needed" : "");
}

}  // namespace

std::string text(const std::vector<Check>& checks) {
  std::string text;
  for (const Check& check : checks) {
    text += padded(check.level == Level::fail ? "FAIL" : word(check.level), kLevelWidth) +
            padded(check.name, kNameWidth) + check.finding + "\n" + fix(checks, check);
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
    entry["as"] = check.as;
    entry["otherwise"] = check.otherwise;
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
