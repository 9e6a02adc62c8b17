#include "connector/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <sstream>

#include "connector/command_help.h"
#include "connector/config_file.h"
#include "connector/dsn.h"
#include "connector/settings.h"

namespace walpulse::connector {
namespace {

enum class Origin { flag, environment, file };

struct Given {
  std::vector<std::string> texts;
  Origin origin = Origin::flag;
};
using GivenSettings = std::map<std::string, Given, std::less<>>;

/// What CLI11 fills. Its own environment and file support puts the file above the environment.
struct Flags {
  std::map<std::string, std::vector<std::string>, std::less<>> texts;
  std::map<std::string, bool, std::less<>> switches;
  std::string config;
};

/// Problems by where they come from: the exit code depends on it.
struct Report {
  std::string text;
  bool flags = false;
  void add(Origin origin, const std::string& line) {
    text += "walpulse-connector: " + line + "\n";
    flags = flags || origin == Origin::flag;
  }
  CommandLine finish() const {
    return {std::nullopt, text + "Try --help.\n", flags ? kExitUsage : kExitConfiguration};
  }
};

std::string named(std::string_view key, Origin origin) {
  const std::string name(key);
  if (origin == Origin::environment) return environment_name(key);
  return origin == Origin::file ? name + " (configuration file)" : "--" + name;
}

void declare(CLI::App& app, Flags& flags) {
  app.set_version_flag("--version", std::string("walpulse-connector ") + kVersion);
  app.require_subcommand(1, 1);
  app.footer(std::string(kFooter));
  for (const auto& command : command_helps()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.purpose));
    sub->footer(std::string(command.footer));
    sub->add_option("--config", flags.config,
                    "TOML file of settings [" + std::string(kConfigFile) + " if it exists]")
        ->type_name("FILE")
        ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    for (const auto& setting : settings()) {
      if (!setting.belongs_to(command.command)) continue;
      const std::string flag = "--" + std::string(setting.key);
      const std::string help(setting.help);
      if (setting.value_name.empty()) {
        sub->add_flag(flag, flags.switches[std::string(setting.key)], help);
        continue;
      }
      sub->add_option(flag, flags.texts[std::string(setting.key)], help)
          ->type_name(std::string(setting.value_name))
          ->allow_extra_args(false)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
}

void take_flags(const Flags& flags, GivenSettings& given, Report& report) {
  for (const auto& [key, texts] : flags.texts) {
    if (texts.empty()) continue;
    const Setting* setting = find_setting(key);
    if (texts.size() > 1 && !setting->repeatable) {
      report.add(Origin::flag, "--" + key + " is given twice; " + example_of(*setting));
    }
    if ((key == "dsn" || key == "admin-dsn") && holds_password(texts.front())) {
      report.add(Origin::flag, "--" + key +
                                   " holds a password, which every user of this machine can read "
                                   "in the process list; set " +
                                   environment_name(key) +
                                   ", PGPASSWORD or PGPASSFILE, or write it into the "
                                   "configuration file; " +
                                   example_of(*setting));
    }
    given[key] = {texts, Origin::flag};
  }
  for (const auto& [key, on] : flags.switches) {
    if (on) given[key] = {{"true"}, Origin::flag};
  }
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> items;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');) items.push_back(item);
  return items;
}

std::string variable(const OptionSources& sources, const std::string& name) {
  const char* value = sources.environment ? sources.environment(name.c_str()) : nullptr;
  return value == nullptr ? "" : value;
}

void take_environment(const OptionSources& sources, GivenSettings& given) {
  for (const auto& setting : settings()) {
    if (setting.flag_only) continue;
    const auto text = variable(sources, environment_name(setting.key));
    if (text.empty()) continue;
    given.try_emplace(
        std::string(setting.key),
        Given{setting.repeatable ? split_commas(text) : std::vector{text}, Origin::environment});
  }
}

void take_file(const OptionSources& sources, const std::string& path, bool must_exist,
               GivenSettings& given, Report& report) {
  const auto text = sources.read_file ? sources.read_file(path) : std::nullopt;
  if (!text) {
    if (must_exist) report.add(Origin::file, "cannot read the configuration file " + path);
    return;
  }
  const auto entries = parse_config(*text);
  if (!entries) {
    report.add(Origin::file,
               path + ": " + entries.error().message + "; a valid line is  slot = \"walpulse\"");
    return;
  }
  for (const auto& entry : *entries) {
    const std::string where = path + ": line " + std::to_string(entry.line) + ": ";
    const Setting* setting = find_setting(entry.key);
    if (setting == nullptr || setting->flag_only) {
      report.add(Origin::file,
                 where + "unknown key '" + entry.key + "'; a valid line is  slot = \"walpulse\"");
    } else if (entry.values.size() != 1 && !setting->repeatable) {
      report.add(Origin::file, where + entry.key + " takes one value");
    } else if (!entry.values.empty()) {
      given.try_emplace(entry.key, Given{entry.values, Origin::file});
    }
  }
}

void apply(const GivenSettings& given, Invocation& invocation, Report& report) {
  for (const auto& [key, value] : given) {
    const Setting* setting = find_setting(key);
    if (!setting->belongs_to(invocation.command)) continue;
    if (auto problem = setting->apply(value.texts, invocation)) {
      report.add(value.origin,
                 named(key, value.origin) + ": " + *problem + "; " + example_of(*setting));
    }
  }
}

Origin origin_of(const GivenSettings& given, const std::string& key) {
  const auto found = given.find(key);
  return found == given.end() ? Origin::flag : found->second.origin;
}

CommandLine refuse_syntax(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  if (app.exit(error, out, out) == 0) return {std::nullopt, out.str(), 0};
  std::string text = std::string("walpulse-connector: ") + error.what() + "\n";
  for (const auto& setting : settings()) {
    const std::string flag = "--" + std::string(setting.key) + ":";
    if (text.find(flag) != std::string::npos) text += example_of(setting) + "\n";
  }
  return {std::nullopt, text + "Try --help, for example: walpulse-connector run --to stdout\n",
          kExitUsage};
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
  return CommandLine{std::nullopt,
                     "walpulse-connector: " + what + "; there are " + known +
                         ", for example: walpulse-connector doctor\nTry --help.\n",
                     kExitUsage};
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments,
                               const OptionSources& sources) {
  if (auto refused = refuse_command(arguments)) return *refused;
  CLI::App app(
      "Captures every change of Mage's pipeline_run table from PostgreSQL's write-ahead "
      "log and publishes it.",
      "walpulse-connector");
  Flags flags;
  declare(app, flags);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return refuse_syntax(app, error);
  }

  Invocation invocation;
  for (const auto& command : command_helps()) {
    if (app.got_subcommand(std::string(command.name))) invocation.command = command.command;
  }
  Report report;
  GivenSettings given;
  take_flags(flags, given, report);
  take_environment(sources, given);
  const std::string asked =
      flags.config.empty() ? variable(sources, "WALPULSE_CONFIG") : flags.config;
  take_file(sources, asked.empty() ? kConfigFile : asked, !asked.empty(), given, report);
  if (const auto port = variable(sources, "PORT"); !port.empty()) {  // Cloud Run's way
    given.try_emplace("http-port", Given{{port}, Origin::environment});
  }

  apply(given, invocation, report);
  if (report.text.empty()) {
    for (const auto& problem : validate(invocation)) {
      const auto origin = origin_of(given, problem.key);
      report.add(origin, named(problem.key, origin) + ": " + problem.message);
    }
  }
  if (!report.text.empty()) return report.finish();
  return {invocation, "", 0};
}

}  // namespace walpulse::connector
