#include "publisher/config/slips.h"

#include <algorithm>
#include <iterator>

#include "publisher/config/nearest.h"

namespace walpulse::config {
namespace {

constexpr std::size_t kWordBytesMax = 32;

bool is_word_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/// " 'stauts'", or nothing of what is no plain word.
std::string in_quotes(std::string_view word) {
  const bool is_plain = word.size() <= kWordBytesMax && std::ranges::all_of(word, is_word_letter);
  return is_plain ? " '" + std::string(word) + "'" : "";
}

/// "--slot" of "--slot=x"; of "-xVALUE" no more than "-x".
std::string name_of_option(std::string_view argument) {
  if (!argument.starts_with("--")) return std::string(argument.substr(0, 2));
  const auto* const end = std::find_if_not(argument.begin(), argument.end(), is_word_letter);
  return std::string(argument.begin(), end);
}

std::string hint(std::string_view before, std::string_view meant) {
  return meant.empty() ? "" : "; did you mean " + std::string(before) + std::string(meant) + "?";
}

/// "run", "run and replay", "run, replay and snapshot".
std::string enumerated(const std::vector<std::string>& names, const char* last = " and ") {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? last : ", ";
    text += names[i];
  }
  return text;
}

std::vector<std::string_view> keys_of(const Program& program, const CommandText& command) {
  std::vector<std::string_view> keys;
  for (const SettingText& setting : program.settings) {
    const bool has = (setting.commands & bit_of(command.id)) != 0;
    if (has && setting.kind != Kind::argument) keys.push_back(setting.key);
  }
  keys.insert(keys.end(), {"config", "help"});
  return keys;
}

std::string unknown_option(const Program& program, const CommandText& command,
                           const std::string& option) {
  const std::string key = option.substr(std::min(option.find_first_not_of('-'), option.size()));
  const SettingText* setting = find_setting(program, key);
  if (setting != nullptr && setting->kind != Kind::argument) {
    std::vector<std::string> others;
    for (const CommandText& other : program.commands) {
      if ((setting->commands & bit_of(other.id)) != 0) others.emplace_back(other.name);
    }
    return option + " is an option of " + enumerated(others) + ", not of " +
           std::string(command.name);
  }
  const std::string_view meant = nearest(key, keys_of(program, command));
  if (!meant.empty()) return "unknown option " + option + hint("--", meant);
  return "unknown option " + option + "; " + std::string(program.name) + " " +
         std::string(command.name) + " --help lists those that there are";
}

std::string unknown_verb(const CommandText& command, const std::string& word) {
  std::vector<std::string> names;
  std::vector<std::string_view> known;
  for (const Verb& verb : command.verbs) {
    names.emplace_back(verb.name);
    known.push_back(verb.name);
  }
  const std::string name(command.name);
  if (word.empty()) return name + " is to be followed by " + enumerated(names, " or ");
  return name + " does not know" + (in_quotes(word).empty() ? " this word" : in_quotes(word)) +
         ", only " + enumerated(names) + hint("", nearest(word, known));
}

std::string word_too_many(const Program& program, const CommandText& command, std::string_view verb,
                          const std::string& word) {
  const std::string call =
      std::string(command.name) + (verb.empty() ? "" : " " + std::string(verb));
  std::string_view meant;
  if (!in_quotes(word).empty()) meant = nearest(word, keys_of(program, command));
  return "there is a word too many" + (in_quotes(word).empty() ? "" : ":" + in_quotes(word)) +
         (meant.empty() ? "; what " + call + " is told stands behind an option, for example: " +
                              std::string(program.example)
                        : hint("--", meant));
}

}  // namespace

std::string trouble_with_command(const Program& program,
                                 const std::vector<std::string>& arguments) {
  const std::string first = arguments.empty() ? "" : arguments.front();
  if (first == "-h" || first == "--help" || first == "--version") return "";
  std::string list;
  std::vector<std::string_view> known;
  for (const CommandText& command : program.commands) {
    if (first == command.name) return "";
    list += (list.empty() ? "" : ", ") + std::string(command.name);
    known.push_back(command.name);
  }
  const std::string all = "there are " + list + ", for example: " + std::string(program.example);
  if (first.empty()) return "a command is missing; " + all;
  if (first.starts_with('-')) {
    return "a command is missing before " + name_of_option(first) + "; " + all;
  }
  const std::string_view meant = nearest(first, known);
  return "unknown command" + in_quotes(first) + hint("", meant) + (meant.empty() ? "; " : " ") +
         (meant.empty() ? all : "There" + all.substr(std::string_view("there").size()));
}

std::vector<std::string> slips_of(const Program& program, const CommandText& command,
                                  std::string_view verb, const std::vector<std::string>& extras) {
  std::vector<std::string> slips;
  for (const std::string& extra : extras) {
    if (extra.size() < 2 || extra.front() != '-') continue;
    slips.push_back(unknown_option(program, command, name_of_option(extra)));
  }
  if (!slips.empty()) return slips;
  if (verb.empty() && !command.verbs.empty()) {
    return {unknown_verb(command, extras.empty() ? "" : extras.front())};
  }
  if (extras.empty()) return {};
  return {word_too_many(program, command, verb, extras.front())};
}

}  // namespace walpulse::config
