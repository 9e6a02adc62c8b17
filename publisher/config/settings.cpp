#include "publisher/config/settings.h"

#include <algorithm>

namespace walpulse::config {

const SettingText* find_setting(const Program& program, std::string_view key) {
  const auto found = std::find_if(program.settings.begin(), program.settings.end(),
                                  [&](const SettingText& setting) { return setting.key == key; });
  return found == program.settings.end() ? nullptr : &*found;
}

std::string environment_name(std::string_view key) {
  std::string name = "WALPULSE_";
  for (const char c : key) {
    const bool lower = c >= 'a' && c <= 'z';
    name += c == '-' ? '_' : lower ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string flag_name(const SettingText& setting) {
  return (setting.kind == Kind::argument ? "" : "--") + std::string(setting.key);
}

std::string example_of(const SettingText& setting) {
  std::string example = "for example";
  if (setting.kind != Kind::argument) example += " " + flag_name(setting);
  if (!setting.example.empty()) example += " " + std::string(setting.example);
  return example;
}

}  // namespace walpulse::config
