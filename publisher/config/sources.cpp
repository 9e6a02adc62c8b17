#include "publisher/config/sources.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "publisher/config/command_line.h"
#include "publisher/config/config_file.h"
#include "publisher/config/nearest.h"
#include "publisher/config/strays.h"
#include "publisher/config/values.h"

namespace walpulse::config {
namespace {

constexpr std::size_t kColumns = 80;
/// Longer lines are hard to read, however wide the terminal is.
constexpr std::size_t kColumnsMax = 100;
constexpr std::size_t kColumnsMin = 60;

std::size_t columns_of_terminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kColumns;
  return std::clamp<std::size_t>(size.ws_col, kColumnsMin, kColumnsMax);
}

std::vector<std::string> variable_names() {
  std::vector<std::string> names;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

Result<std::optional<std::string>> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in && errno == ENOENT) return std::nullopt;
  if (in) in.peek();  // fails for a folder, not for an empty file
  if (!in) return fail(ErrorKind::rejected, std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void take_flags(const ParsedFlags& flags, const Program& program, Given& given) {
  for (const auto& setting : program.settings) {
    const auto found = flags.texts.find(setting.key);
    if (found == flags.texts.end()) continue;
    const Texts& texts = found->second;
    const std::string flag = flag_name(setting);
    if (texts.size() > 1 && !is_list(setting)) {
      given.refuse(true, flag + " is given twice; " + example_of(setting));
    }
    if (setting.holds_password != nullptr && setting.holds_password(texts.front())) {
      given.refuse(true, flag +
                             " holds a password, which every user of this machine can read in the "
                             "process list; set " +
                             environment_name(setting.key) +
                             ", PGPASSWORD or PGPASSFILE, or write it into the configuration file");
    }
    given.offer(setting, {texts, flag, Given::From::flag});
  }
}

void warn(const Sources& sources, const Program& program, const std::string& sentence) {
  if (sources.warn) sources.warn(std::string(program.name) + ": warning: " + sentence);
}

std::string variable(const Sources& sources, std::string_view name) {
  const char* value =
      sources.environment ? sources.environment(std::string(name).c_str()) : nullptr;
  return value == nullptr ? "" : value;
}

void take_environment(const Sources& sources, const Program& program, Given& given) {
  for (const auto& setting : program.settings) {
    if (is_of_one_call(setting)) continue;
    const auto name = environment_name(setting.key);
    const auto text = variable(sources, name);
    if (text.empty()) continue;
    given.offer(setting, {setting.kind == Kind::list ? split_list(text) : Texts{text}, name,
                          Given::From::environment});
  }
}

/// What is said of a key that the file cannot give.
std::string unknown_key(const std::string& key, const Program& program) {
  const SettingText* setting = find_setting(program, key);
  if (setting != nullptr && is_act(*setting)) {
    return "key '" + key + "' is none of the file: give " + flag_name(*setting) +
           " on the command line";
  }
  const std::string_view meant = nearest(key, lasting_keys(program));
  return "unknown key '" + key + "'; " +
         (meant.empty() ? "a valid line is  " + std::string(program.config_line)
                        : "did you mean " + std::string(meant) + "?");
}

void take_entry(const ConfigEntry& entry, const std::string& path, const Program& program,
                Given& given) {
  const std::string where = path + ": line " + std::to_string(entry.line) + ": ";
  const SettingText* setting = find_setting(program, entry.key);
  if (setting == nullptr || is_of_one_call(*setting)) {
    given.refuse(false, where + unknown_key(entry.key, program));
  } else if (entry.values.size() != 1 && setting->kind != Kind::list) {
    given.refuse(false, where + entry.key + " takes one value; " + example_of(*setting));
  } else {
    given.offer(*setting, {entry.values, where + entry.key, Given::From::file});
  }
}

void take_file(const Sources& sources, const std::string& asked, const Program& program,
               Given& given) {
  const std::string path = asked.empty() ? std::string(program.config_file) : asked;
  const auto text = sources.read_file ? sources.read_file(path) : std::optional<std::string>();
  if (!text && !asked.empty()) {
    given.refuse(false,
                 "cannot read the configuration file " + path + ": " + to_string(text.error()));
  } else if (!text) {
    warn(sources, program,
         "cannot read the configuration file " + path + " (" + to_string(text.error()) +
             "), so that none of its settings counts; run this as root (sudo), or name a file that "
             "you may read (--config FILE)");
  } else if (text && !*text && !asked.empty()) {
    given.refuse(false, "cannot read the configuration file " + path + ": there is none");
  }
  if (!text || !*text) return;
  const auto entries = parse_config(**text);
  if (!entries) {
    return given.refuse(false, path + ": " + to_string(entries.error()) + "; a valid line is  " +
                                   std::string(program.config_line));
  }
  for (const ConfigEntry& entry : *entries) take_entry(entry, path, program, given);
}

void take_last_resorts(const Sources& sources, const Program& program, Given& given) {
  for (const auto& setting : program.settings) {
    if (setting.last_resort.empty()) continue;
    const auto text = variable(sources, setting.last_resort);
    if (text.empty()) continue;
    given.offer(setting, {{text}, std::string(setting.last_resort), Given::From::environment});
  }
}

}  // namespace

Sources process_sources() {
  return {[](const char* name) -> const char* { return std::getenv(name); }, read_file,
          variable_names,
          [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); },
          columns_of_terminal()};
}

int leave(const Exit& exit) {
  std::signal(SIGPIPE, SIG_IGN);
  std::FILE* out = exit.code == kExitStopped ? stdout : stderr;
  std::fputs(exit.text.c_str(), out);
  std::fflush(out);
  return exit.code;
}

std::optional<OptionProblem> check_choices(const SettingText& setting, const Texts& texts) {
  if (setting.choices.empty()) return std::nullopt;
  for (const std::string& text : texts) {
    if (std::ranges::find(setting.choices, text) != setting.choices.end()) continue;
    std::string all;
    for (const auto choice : setting.choices) {
      all += (all.empty() ? "" : ", ") + std::string(choice);
    }
    const std::string meant(nearest(text, setting.choices));
    return OptionProblem{std::string(setting.key), "'" + text + "' is none of " + all,
                         meant.empty() ? "" : "did you mean " + meant + "?"};
  }
  return std::nullopt;
}

Given::Given(const Program& program, unsigned command, std::string verb)
    : program_(&program), command_(command), verb_(std::move(verb)) {}

void Given::offer(const SettingText& setting, Value value) {
  values_.try_emplace(setting.key, std::move(value));
}

bool Given::concerns(const SettingText& setting) const {
  return program_->strict || (setting.commands & bit_of(command_)) != 0;
}

const Given::Value* Given::find(const SettingText& setting) const {
  const auto found = values_.find(setting.key);
  return found == values_.end() || !concerns(setting) ? nullptr : &found->second;
}

void Given::refuse(bool flag, const std::string& line) {
  lines_ += std::string(program_->name) + ": " + line + "\n";
  flags_ = flags_ || flag;
}

void Given::refuse_text(const SettingText& setting, const std::string& problem,
                        const std::string& remedy) {
  const Value& value = values_.at(setting.key);
  unreadable_.insert(setting.key);
  refuse(value.from == From::flag,
         value.where + ": " + problem + "; " + (remedy.empty() ? example_of(setting) : remedy));
}

void Given::refuse_option(const OptionProblem& problem) {
  const SettingText* setting = find_setting(*program_, problem.key);
  if (setting == nullptr || !concerns(*setting) || unreadable_.contains(problem.key)) return;
  const Value* value = find(*setting);
  if (problem.idle && value != nullptr && value->from == From::environment) return;
  const std::string where = value == nullptr ? flag_name(*setting) : value->where;
  refuse(value == nullptr || value->from == From::flag,
         where + ": " + problem.message + "; " +
             (problem.remedy.empty() ? example_of(*setting) : problem.remedy));
}

Exit Given::exit() const {
  return {flags_ ? kExitUsage : kExitConfiguration, lines_ + "Try --help.\n"};
}

tl::expected<Given, Exit> gather(const Program& program, const std::vector<std::string>& arguments,
                                 const Sources& sources) {
  const auto flags = split_command_line(program, arguments, sources.columns);
  if (!flags) return tl::unexpected(flags.error());
  Given given(program, flags->command, flags->verb);
  take_flags(*flags, program, given);
  take_environment(sources, program, given);
  if (sources.variable_names) {
    for (const std::string& stray :
         strays(program, sources.variable_names(), sources.environment)) {
      warn(sources, program, stray);
    }
  }
  const auto config = flags->config.empty() ? variable(sources, "WALPULSE_CONFIG") : flags->config;
  take_file(sources, config, program, given);
  take_last_resorts(sources, program, given);
  return given;
}

}  // namespace walpulse::config
