#include "connector/options/options.h"

#include <CLI/CLI.hpp>

#include "connector/options/command_help.h"
#include "connector/options/exit_codes.h"
#include "connector/options/parsed_flags.h"
#include "connector/options/settings.h"
#include "decoder/schema/change_event.h"

namespace walpulse::connector {
namespace {

// CLI11 splits the command line; no more. Its environment and file support ranks the file above the
// environment, and its help does not wrap.
void declare(CLI::App& app, ParsedFlags& flags, std::map<std::string, bool>& switches) {
  app.set_version_flag("--version", "walpulse-connector " + std::string(schema::kProgramVersion));
  app.require_subcommand(1, 1);
  for (const auto& command : command_helps()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name));
    sub->add_option("--config", flags.config)->type_name("FILE");
    for (const auto& setting : settings()) {
      if (!setting.belongs_to(command.command)) continue;
      const std::string key(setting.key);
      if (setting.value_name.empty()) {
        sub->add_flag("--" + key, switches[key]);
        continue;
      }
      sub->add_option("--" + key, flags.texts[key])
          ->type_name(std::string(setting.value_name))
          ->allow_extra_args(false)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
}

CommandLine refuse(const std::string& message) {
  return {std::nullopt, "walpulse-connector: " + message + "\nTry --help.\n", kExitUsage};
}

/// CLI11 would only say that a subcommand is required.
std::optional<CommandLine> refuse_command(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments.front().starts_with('-')) return std::nullopt;
  std::string known;
  for (const auto& command : command_helps()) {
    if (!arguments.empty() && arguments.front() == command.name) return std::nullopt;
    known += (known.empty() ? "" : ", ") + std::string(command.name);
  }
  const std::string what =
      arguments.empty() ? "a command is missing" : "unknown command '" + arguments.front() + "'";
  return refuse(what + "; there are " + known + ", for example: walpulse-connector doctor");
}

CommandLine refuse_syntax(const CLI::ParseError& error) {
  const std::string text = error.what();
  for (const auto& setting : settings()) {
    const bool named = text.find("--" + std::string(setting.key) + ":") != std::string::npos;
    if (named) return refuse(text + "; " + example_of(setting));
  }
  return refuse(text + "; for example: walpulse-connector run --to stdout");
}

const CommandHelp* chosen(const CLI::App& app) {
  for (const auto& command : command_helps()) {
    if (app.got_subcommand(std::string(command.name))) return &command;
  }
  return nullptr;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments,
                               const OptionSources& sources) {
  if (auto refused = refuse_command(arguments)) return *refused;
  CLI::App app("", "walpulse-connector");
  ParsedFlags flags;
  std::map<std::string, bool> switches;
  declare(app, flags, switches);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const CommandHelp* command = chosen(app);
    return {std::nullopt, command == nullptr ? program_help() : command_help(*command), 0};
  } catch (const CLI::CallForVersion&) {
    return {std::nullopt, "walpulse-connector " + std::string(schema::kProgramVersion) + "\n", 0};
  } catch (const CLI::ParseError& error) {
    return refuse_syntax(error);
  }
  flags.command = chosen(app)->command;
  std::erase_if(flags.texts, [](const auto& setting) { return setting.second.empty(); });
  for (const auto& [key, on] : switches) {
    if (on) flags.switches.insert(key);
  }
  auto line = merge_sources(flags, sources);
  if (line.invocation) line.invocation->arguments = arguments;
  return line;
}

}  // namespace walpulse::connector
