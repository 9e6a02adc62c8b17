#include "publisher/config/help.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace walpulse::config {
namespace {

constexpr std::size_t kWidth = 98;
constexpr std::size_t kColumn = 27;  // where the descriptions begin

/// Words in lines of at most kWidth; every line but the first is indented.
std::string wrap(std::string_view text, std::size_t indent = 0) {
  std::istringstream words{std::string(text)};
  std::string result;
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    if (!result.empty() && column + 1 + word.size() > kWidth) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!result.empty()) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result + "\n";
}

std::string entry(const std::string& name, std::string_view text) {
  std::string line = "  " + name;
  if (line.size() >= kColumn) line += "\n" + std::string(kColumn, ' ');
  line.append(kColumn - std::min(line.size(), kColumn), ' ');
  return line + wrap(text, kColumn);
}

std::string sources_text(const Program& program) {
  const auto line = program.config_line;
  const std::string key(line.substr(0, line.find(' ')));
  return wrap(
      "Every setting can also stand in the environment (--" + key + ": " + environment_name(key) +
      ") or in the configuration file (" + std::string(line) +
      ", --config); a flag wins over the environment, that over the file. Times read 500ms, "
      "90s, 15m, 36h, 30d; sizes 512KiB, 16MiB, 1GiB.");
}

using Meanings = std::map<int, std::string_view>;

Meanings general_meanings() {
  Meanings meanings;
  for (const ExitText& exit : exit_texts()) meanings[exit.code] = exit.meaning;
  return meanings;
}

std::string exits_text(const Meanings& meanings) {
  std::string text;
  for (const auto& [code, meaning] : meanings) {
    text +=
        (text.empty() ? "Exit codes: " : ", ") + std::to_string(code) + " " + std::string(meaning);
  }
  return wrap(text + ".");
}

std::string exits_of(const CommandText& command) {
  const Meanings general = general_meanings();
  Meanings meanings;
  for (const int code : {kExitUsage, kExitConfiguration}) meanings[code] = general.at(code);
  for (const auto& [code, meaning] : command.exits) {
    meanings[code] = meaning.empty() ? general.at(code) : meaning;
  }
  return exits_text(meanings);
}

std::string exits_of(const Program& program) {
  const Meanings general = general_meanings();
  Meanings meanings;
  for (const int code : {kExitUsage, kExitConfiguration}) meanings[code] = general.at(code);
  for (const CommandText& command : program.commands) {
    for (const ExitText& exit : command.exits) meanings[exit.code] = general.at(exit.code);
  }
  return exits_text(meanings);
}

std::string usage_of(const Program& program, const CommandText& command) {
  const std::string call = std::string(program.name) + " " + std::string(command.name);
  if (command.verbs.empty()) return "Usage: " + call + " [OPTIONS]\n";
  std::string text;
  for (const Verb& verb : command.verbs) {
    text += (text.empty() ? "Usage: " : "       ") + call + " " + std::string(verb.name);
    for (const auto argument : verb.arguments) text += " " + std::string(argument);
    text += " [OPTIONS]\n";
  }
  return text;
}

std::string verbs_of(const Program& program, const CommandText& command) {
  std::string text;
  for (const Verb& verb : command.verbs) {
    text += entry(std::string(verb.name), verb.brief);
    for (const auto key : verb.arguments) {
      const SettingText* setting = find_setting(program, key);
      if (setting != nullptr) text += entry("  " + std::string(key), setting->help);
    }
  }
  return text.empty() ? text : "\nCommands:\n" + text;
}

}  // namespace

std::string program_help(const Program& program) {
  std::string text = wrap(program.purpose);
  text += "\nUsage: " + std::string(program.name) + " COMMAND [OPTIONS]\n\nCommands:\n";
  for (const auto& command : program.commands) {
    text += entry(std::string(command.name), command.brief);
  }
  text += "\nOptions:\n" + entry("-h, --help", "this text; after a command, that command's") +
          entry("--version", "the version");
  text += "\nFirst steps:\n" + std::string(program.first_steps) + "\n";
  return text + sources_text(program) + exits_of(program);
}

std::string command_help(const Program& program, const CommandText& command) {
  std::string text = wrap(command.purpose) + "\n" + usage_of(program, command);
  text += verbs_of(program, command) + "\nOptions:\n";
  text += entry("--config FILE",
                "TOML file of settings [" + std::string(program.config_file) + " if it exists]");
  for (const SettingText& setting : program.settings) {
    if ((setting.commands & bit_of(command.id)) == 0 || setting.kind == Kind::argument) continue;
    const std::string value(setting.value_name);
    text += entry(flag_name(setting) + (value.empty() ? "" : " " + value), setting.help);
  }
  text += entry("-h, --help", "this text");
  text += "\nExamples:\n" + std::string(command.examples) + "\n";
  return text + sources_text(program) + exits_of(command);
}

}  // namespace walpulse::config
