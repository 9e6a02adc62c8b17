#include "publisher/config/command_line.h"

#include <CLI/CLI.hpp>

#include "decoder/schema/change_event.h"
#include "publisher/config/help.h"
#include "publisher/config/slips.h"

namespace walpulse::config {
namespace {

/// What CLI11 fills, by key.
struct Words {
  std::map<std::string, Texts> options;
  std::map<std::string, std::string> arguments;
  std::map<std::string, bool> switches;
  std::string config;
};

void declare_verbs(CLI::App& app, const CommandText& command, Words& words) {
  if (command.verbs.empty()) return;
  app.require_subcommand(1, 1);
  for (const Verb& verb : command.verbs) {
    CLI::App* sub = app.add_subcommand(std::string(verb.name));
    sub->fallthrough();  // the command's flags may stand behind the verb
    for (const auto key : verb.arguments) {
      const std::string name(key);
      sub->add_option(name, words.arguments[name])->required();
    }
  }
}

// CLI11 splits the command line; no more. Its environment and file support ranks the file above the
// environment, and its help does not wrap. The type's name is shown only where a value is missing:
// the example stands in it, for CLI11's error does not tell the option but in its text.
void declare(CLI::App& app, const Program& program, Words& words) {
  app.set_version_flag("--version",
                       std::string(program.name) + " " + std::string(schema::kProgramVersion));
  app.require_subcommand(1, 1);
  app.allow_extras();  // CLI11's own complaint would repeat their values
  for (const CommandText& command : program.commands) {
    CLI::App* sub = app.add_subcommand(std::string(command.name));
    sub->add_option("--config", words.config)->type_name("FILE");
    for (const SettingText& setting : program.settings) {
      if ((setting.commands & bit_of(command.id)) == 0 || setting.kind == Kind::argument) continue;
      const std::string key(setting.key);
      const std::string name = value_name(setting);
      if (name.empty()) {
        sub->add_flag("--" + key, words.switches[key]);
      } else {
        sub->add_option("--" + key, words.options[key])
            ->type_name(name + " (" + example_of(setting) + ")")
            ->allow_extra_args(false)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      }
    }
    declare_verbs(*sub, command, words);
  }
}

tl::unexpected<Exit> refuse(const Program& program, const std::vector<std::string>& messages) {
  std::string text;
  for (const std::string& message : messages) {
    text += std::string(program.name) + ": " + message + "\n";
  }
  return tl::unexpected(Exit{kExitUsage, text + "Try --help.\n"});
}

const CommandText* chosen(const Program& program, const CLI::App& app) {
  for (const CommandText& command : program.commands) {
    if (app.got_subcommand(std::string(command.name))) return &command;
  }
  return nullptr;
}

std::string chosen_verb(const CLI::App& app, const CommandText& command) {
  const CLI::App* sub = app.get_subcommand(std::string(command.name));
  for (const Verb& verb : command.verbs) {
    if (sub->got_subcommand(std::string(verb.name))) return std::string(verb.name);
  }
  return "";
}

}  // namespace

tl::expected<ParsedFlags, Exit> split_command_line(const Program& program,
                                                   const std::vector<std::string>& arguments,
                                                   std::size_t columns) {
  if (const auto trouble = trouble_with_command(program, arguments); !trouble.empty()) {
    return refuse(program, {trouble});
  }
  CLI::App app("", std::string(program.name));
  Words words;
  declare(app, program, words);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const CommandText* command = chosen(program, app);
    return tl::unexpected(Exit{kExitStopped, command == nullptr
                                                 ? program_help(program, columns)
                                                 : command_help(program, *command, columns)});
  } catch (const CLI::CallForVersion& version) {
    return tl::unexpected(Exit{kExitStopped, std::string(version.what()) + "\n"});
  } catch (const CLI::ArgumentMismatch& missing) {
    return refuse(program, {missing.what()});
  } catch (const CLI::ParseError& error) {
    const CommandText* command = chosen(program, app);
    if (command != nullptr) {
      const auto slips =
          slips_of(program, *command, chosen_verb(app, *command), app.remaining(true));
      if (!slips.empty()) return refuse(program, slips);
    }
    return refuse(program,
                  {std::string(error.what()) + "; for example: " + std::string(program.example)});
  }
  const CommandText& command = *chosen(program, app);
  const auto slips = slips_of(program, command, chosen_verb(app, command), app.remaining(true));
  if (!slips.empty()) return refuse(program, slips);
  ParsedFlags flags{command.id, chosen_verb(app, command), {}, words.config};
  for (auto& [key, texts] : words.options) {
    if (!texts.empty()) flags.texts.emplace(key, std::move(texts));
  }
  for (const Verb& verb : command.verbs) {
    if (verb.name != flags.verb) continue;
    for (const auto key : verb.arguments) {
      flags.texts.emplace(key, Texts{words.arguments[std::string(key)]});
    }
  }
  for (const auto& [key, on] : words.switches) {
    if (on) flags.texts.emplace(key, Texts{"true"});
  }
  return flags;
}

}  // namespace walpulse::config
