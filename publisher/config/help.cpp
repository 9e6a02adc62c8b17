#include "publisher/config/help.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace walpulse::config {
namespace {

constexpr std::size_t kColumn = 27;  // where the descriptions begin
constexpr std::size_t kIndent = 2;

/// Words in lines of at most `columns`; every line but the first is indented.
std::string wrap(std::string_view text, std::size_t columns, std::size_t indent = 0) {
  std::istringstream words{std::string(text)};
  std::string result;
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    if (!result.empty() && column + 1 + word.size() > columns) {
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

std::string entry(const std::string& name, std::string_view text, std::size_t columns) {
  std::string line = std::string(kIndent, ' ') + name;
  if (line.size() >= kColumn) line += "\n" + std::string(kColumn, ' ');
  line.append(kColumn - std::min(line.size(), kColumn), ' ');
  return line + wrap(text, columns, kColumn);
}

std::string paragraph(std::string_view text, std::size_t columns) {
  return std::string(kIndent, ' ') + wrap(text, columns, kIndent);
}

/// Where else options stand: said once, for all commands.
std::string settings_text(const Program& program, std::size_t columns) {
  const std::string line(program.config_line);
  const std::string key = line.substr(0, line.find(' '));
  std::string value = line.substr(line.find("= ") + 2);
  std::erase(value, '"');
  return "\nSettings:\n" +
         paragraph("An option of a command may stand in several places; the first counts:",
                   columns) +
         entry("--" + key + " " + value, "on the command line", columns) +
         entry(environment_name(key) + "=" + value,
               "in the environment, which both programs may share; of a variable that looks like a "
               "setting and is none they warn",
               columns) +
         entry(line,
               "in the file, TOML, for every command: --config FILE, or WALPULSE_CONFIG, or " +
                   std::string(program.config_file) + " where it exists",
               columns) +
         entry("[" + value + "]", "the default, as --help shows it", columns) +
         paragraph(
             "What belongs to one call, as --help does, is a flag alone. A list is a flag given "
             "several times, a variable with commas, an array in the file; a switch is true "
             "or false there. Times read 500ms, 90s, 15m, 36h, 30d; sizes 512KiB, 16MiB, "
             "1GiB.",
             columns);
}

using Meanings = std::map<int, std::string_view>;

Meanings general_meanings() {
  Meanings meanings;
  for (const ExitText& exit : exit_texts()) meanings[exit.code] = exit.meaning;
  return meanings;
}

std::string exits_text(const Meanings& meanings, std::size_t columns) {
  std::string text;
  for (const auto& [code, meaning] : meanings) {
    text +=
        (text.empty() ? "Exit codes: " : ", ") + std::to_string(code) + " " + std::string(meaning);
  }
  return "\n" + wrap(text + ".", columns);
}

std::string exits_of(const CommandText& command, std::size_t columns) {
  const Meanings general = general_meanings();
  Meanings meanings;
  for (const int code : {kExitUsage, kExitConfiguration}) meanings[code] = general.at(code);
  for (const auto& [code, meaning] : command.exits) {
    meanings[code] = meaning.empty() ? general.at(code) : meaning;
  }
  return exits_text(meanings, columns);
}

std::string exits_of(const Program& program, std::size_t columns) {
  const Meanings general = general_meanings();
  Meanings meanings;
  for (const int code : {kExitUsage, kExitConfiguration}) meanings[code] = general.at(code);
  for (const CommandText& command : program.commands) {
    for (const ExitText& exit : command.exits) meanings[exit.code] = general.at(exit.code);
  }
  return exits_text(meanings, columns);
}

bool is_of(const SettingText& setting, const CommandText& command) {
  return (setting.commands & bit_of(command.id)) != 0 && setting.kind != Kind::argument;
}

bool is_needed(const SettingText& setting, const CommandText& command) {
  return (setting.needed_by & bit_of(command.id)) != 0;
}

std::string name_and_value(const SettingText& setting) {
  const std::string value = value_name(setting);
  return flag_name(setting) + (value.empty() ? "" : " " + value);
}

std::string usage_of(const Program& program, const CommandText& command) {
  const std::string call = std::string(program.name) + " " + std::string(command.name);
  std::string options;
  for (const SettingText& setting : program.settings) {
    if (is_needed(setting, command)) options += " " + name_and_value(setting);
  }
  options += " [OPTIONS]\n";
  if (command.verbs.empty()) return "Usage: " + call + options;
  std::string text;
  for (const Verb& verb : command.verbs) {
    text += (text.empty() ? "Usage: " : "       ") + call + " " + std::string(verb.name);
    for (const auto argument : verb.arguments) text += " " + std::string(argument);
    text += options;
  }
  return text;
}

std::string verbs_of(const Program& program, const CommandText& command, std::size_t columns) {
  std::string text;
  for (const Verb& verb : command.verbs) {
    text += entry(std::string(verb.name), verb.brief, columns);
    for (const auto key : verb.arguments) {
      const SettingText* setting = find_setting(program, key);
      if (setting != nullptr) text += entry("  " + std::string(key), setting->help, columns);
    }
  }
  return text.empty() ? text : "\nCommands:\n" + text;
}

std::string options_of(const Program& program, const CommandText& command, bool needed,
                       std::size_t columns) {
  std::string text;
  for (const SettingText& setting : program.settings) {
    if (!is_of(setting, command) || is_needed(setting, command) != needed) continue;
    text += entry(name_and_value(setting), setting.help, columns);
  }
  return text;
}

}  // namespace

std::string program_help(const Program& program, std::size_t columns) {
  const std::string name(program.name);
  std::string text = wrap(program.purpose, columns);
  text += "\nUsage: " + name + " COMMAND [OPTIONS]\n\nCommands:\n";
  for (const auto& command : program.commands) {
    text += entry(std::string(command.name), command.brief, columns);
  }
  text += "\nOptions:\n" +
          entry("-h, --help", "this text; after a command, that command's", columns) +
          entry("--version", "the version", columns);
  text += "\nFirst steps:\n" + std::string(program.first_steps);
  return text + settings_text(program, columns) + exits_of(program, columns);
}

std::string command_help(const Program& program, const CommandText& command, std::size_t columns) {
  const std::string name(program.name);
  std::string text = wrap(command.purpose, columns) + "\n" + usage_of(program, command);
  text += verbs_of(program, command, columns);
  const std::string needed = options_of(program, command, true, columns);
  if (!needed.empty()) text += "\nRequired:\n" + needed;
  text += "\nOptions:\n" + options_of(program, command, false, columns);
  text +=
      entry("--config FILE",
            "file of settings [" + std::string(program.config_file) + " where it exists]", columns);
  text += entry("-h, --help", "this text", columns);
  text += "\nExamples:\n" + std::string(command.examples) + "\n";
  text +=
      wrap("How options stand in the environment and in the file: " + name + " --help.", columns);
  return text + exits_of(command, columns);
}

}  // namespace walpulse::config
