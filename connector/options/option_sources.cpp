// Where settings come from besides the command line, and what they come to.
#include <map>
#include <set>
#include <sstream>

#include "connector/options/exit_codes.h"
#include "connector/options/parsed_flags.h"
#include "connector/options/settings.h"
#include "publisher/config/config_file.h"
#include "publisher/database/dsn.h"

namespace walpulse::connector {
namespace {

struct Given {
  std::vector<std::string> texts;
  std::string where;  ///< As the user wrote it: "--slot", "WALPULSE_SLOT", "FILE: line 3: slot".
  bool flag = false;
};

/// The winning source of each setting: the first that is put in stays.
using GivenSettings = std::map<std::string, Given, std::less<>>;

/// Problems, and whether a flag is among them: the exit code depends on it.
class Report {
 public:
  void add(bool flag, const std::string& line) {
    text_ += "walpulse-connector: " + line + "\n";
    flags_ = flags_ || flag;
  }
  bool empty() const { return text_.empty(); }
  CommandLine finish() const {
    return {std::nullopt, text_ + "Try --help.\n", flags_ ? kExitUsage : kExitConfiguration};
  }

 private:
  std::string text_;
  bool flags_ = false;
};

void take_flags(const ParsedFlags& flags, GivenSettings& given, Report& report) {
  for (const auto& [key, texts] : flags.texts) {
    const Setting& setting = *find_setting(key);
    const std::string flag = "--" + key;
    if (texts.size() > 1 && !setting.repeatable) {
      report.add(true, flag + " is given twice; " + example_of(setting));
    }
    if ((key == "dsn" || key == "admin-dsn") && database::holds_password(texts.front())) {
      report.add(true, flag +
                           " holds a password, which every user of this machine can read in the "
                           "process list; set " +
                           environment_name(key) +
                           ", PGPASSWORD or PGPASSFILE, or write it into the configuration file; " +
                           example_of(setting));
    }
    given[key] = {texts, flag, true};
  }
  for (const auto& key : flags.switches) given[key] = {{"true"}, "--" + key, true};
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
    const auto name = environment_name(setting.key);
    const auto text = setting.flag_only ? "" : variable(sources, name);
    if (text.empty()) continue;
    const auto texts = setting.repeatable ? split_commas(text) : std::vector{text};
    given.try_emplace(std::string(setting.key), Given{texts, name, false});
  }
}

void take_file(const OptionSources& sources, const std::string& path, bool must_exist,
               GivenSettings& given, Report& report) {
  constexpr const char* kExample = "; a valid line is  slot = \"walpulse\"";
  const auto text = sources.read_file ? sources.read_file(path) : std::nullopt;
  if (!text) {
    if (must_exist) report.add(false, "cannot read the configuration file " + path);
    return;
  }
  const auto entries = config::parse_config(*text);
  if (!entries) {
    report.add(false, path + ": " + entries.error().message + kExample);
    return;
  }
  for (const auto& entry : *entries) {
    const std::string where = path + ": line " + std::to_string(entry.line) + ": ";
    const Setting* setting = find_setting(entry.key);
    if (setting == nullptr || setting->flag_only) {
      report.add(false, where + "unknown key '" + entry.key + "'" + kExample);
    } else if (entry.values.size() != 1 && !setting->repeatable) {
      report.add(false, where + entry.key + " takes one value");
    } else if (!entry.values.empty()) {
      given.try_emplace(entry.key, Given{entry.values, where + entry.key, false});
    }
  }
}

/// Understands every text, then checks what they come to; a setting is complained about once.
void understand(const GivenSettings& given, Invocation& invocation, Report& report) {
  std::set<std::string> broken;
  for (const auto& [key, value] : given) {
    const Setting& setting = *find_setting(key);
    if (!setting.belongs_to(invocation.command)) continue;
    const auto problem = setting.apply(value.texts, invocation);
    if (!problem) continue;
    broken.insert(key);
    report.add(value.flag, value.where + ": " + *problem + "; " + example_of(setting));
  }
  for (const auto& problem : validate(invocation)) {
    if (broken.contains(problem.key)) continue;
    const auto found = given.find(problem.key);
    const bool absent = found == given.end();
    report.add(absent || found->second.flag,
               (absent ? "--" + problem.key : found->second.where) + ": " + problem.message);
  }
}

}  // namespace

CommandLine merge_sources(const ParsedFlags& flags, const OptionSources& sources) {
  Report report;
  GivenSettings given;
  take_flags(flags, given, report);
  take_environment(sources, given);
  const auto asked = flags.config.empty() ? variable(sources, "WALPULSE_CONFIG") : flags.config;
  take_file(sources, asked.empty() ? kConfigFile : asked, !asked.empty(), given, report);
  if (const auto port = variable(sources, "PORT"); !port.empty()) {  // Cloud Run's way
    given.try_emplace("http-port", Given{{port}, "PORT", false});
  }
  Invocation invocation;
  invocation.command = flags.command;
  understand(given, invocation, report);
  if (!report.empty()) return report.finish();
  return {invocation, "", 0};
}

}  // namespace walpulse::connector
