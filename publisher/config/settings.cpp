#include "publisher/config/settings.h"

#include <algorithm>

namespace walpulse::config {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

const SettingText* find_setting(const Program& program, std::string_view key) {
  const auto found = std::find_if(program.settings.begin(), program.settings.end(),
                                  [&](const SettingText& setting) { return setting.key == key; });
  return found == program.settings.end() ? nullptr : &*found;
}

bool is_of_one_call(const SettingText& setting) {
  return is_act(setting) || setting.kind == Kind::argument;
}

bool is_act(const SettingText& setting) {
  return setting.kind == Kind::act || setting.kind == Kind::act_list;
}

bool is_list(const SettingText& setting) {
  return setting.kind == Kind::list || setting.kind == Kind::act_list;
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

std::string value_name(const SettingText& setting) {
  std::string name;
  for (const std::string_view choice : setting.choices) {
    name += (name.empty() ? "" : "|") + std::string(choice);
  }
  return name.empty() ? std::string(setting.value_name) : name;
}

std::string example_of(const SettingText& setting) {
  std::string example = "for example";
  if (setting.kind != Kind::argument) example += " " + flag_name(setting);
  if (!setting.example.empty()) example += " " + std::string(setting.example);
  return example;
}

}  // namespace walpulse::config
