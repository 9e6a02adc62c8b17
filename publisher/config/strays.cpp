#include "publisher/config/strays.h"

#include <algorithm>
#include <ranges>

#include "publisher/config/nearest.h"

namespace walpulse::config {
namespace {

constexpr std::string_view kPrefix = "WALPULSE_";
/// Names the file itself; no key of it.
constexpr std::string_view kConfig = "config";

/// Empty where nothing is amiss; `key` is the name without its prefix.
std::string trouble_of(const Program& program, std::span<const std::string_view> keys,
                       const std::string& name, std::string_view key) {
  for (const SettingText& setting : program.settings) {
    if (!is_act(setting) || environment_name(setting.key) != name) continue;
    return name + " is not read; give " + flag_name(setting) +
           ", which belongs to one call, on the command line";
  }
  const std::string_view meant = nearest(key, keys);
  if (meant.empty()) return "";
  return name + " is no setting, and is passed over; did you mean " + environment_name(meant) + "?";
}

}  // namespace

std::vector<std::string_view> lasting_keys(const Program& program) {
  std::vector<std::string_view> keys;
  for (const SettingText& setting : program.settings) {
    if (!is_of_one_call(setting)) keys.push_back(setting.key);
  }
  return keys;
}

std::vector<std::string> strays(const Program& program, std::vector<std::string> variable_names,
                                const Environment& environment) {
  std::vector<std::string_view> keys = lasting_keys(program);
  keys.push_back(kConfig);
  const auto holds = [](const auto& known, const std::string& name) {
    return std::ranges::any_of(known,
                               [&](std::string_view key) { return environment_name(key) == name; });
  };
  std::ranges::sort(variable_names);
  std::vector<std::string> found;
  for (const std::string& name : variable_names) {
    if (!name.starts_with(kPrefix) || value_of(environment, name.c_str()).empty()) continue;
    if (holds(keys, name) || holds(program.foreign_keys, name)) continue;
    auto sentence = trouble_of(program, keys, name, std::string_view(name).substr(kPrefix.size()));
    if (!sentence.empty()) found.push_back(std::move(sentence));
  }
  return found;
}

}  // namespace walpulse::config
