#include "connector/command/remedy_command.h"

#include <algorithm>

#include "connector/options/settings.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::connector {
namespace {

using database::DsnValue;
using doctor::ShellCommand;

std::string name_of(Command command) {
  const auto& commands = program().commands;
  const auto found =
      std::ranges::find(commands, static_cast<unsigned>(command), &config::CommandText::id);
  return std::string(found->name);
}

/// The table of settings knows which commands have which.
bool has(Command command, std::string_view option) {
  const config::SettingText* setting = config::find_setting(program(), option);
  return setting != nullptr && (setting->commands & config::bit_of(command)) != 0;
}

bool needs(Command command, std::string_view option) {
  const config::SettingText* setting = config::find_setting(program(), option);
  return setting != nullptr && (setting->needed_by & config::bit_of(command)) != 0;
}

std::string unless_usual(const std::string& value, const std::string& usual) {
  return value == usual ? "" : value;
}

/// "6h", "90s", "0".
std::string time_text(std::chrono::milliseconds time) {
  if (time.count() == 0) return "0";
  for (const auto& [size, unit] : {std::pair(3'600'000, "h"), {60'000, "m"}, {1'000, "s"}}) {
    if (time.count() % size == 0) return std::to_string(time.count() / size) + unit;
  }
  return std::to_string(time.count()) + "ms";
}

std::string bytes_text(std::size_t bytes) {
  for (const auto& [shift, unit] : {std::pair(30, "GiB"), {20, "MiB"}, {10, "KiB"}}) {
    if (bytes % (std::size_t{1} << shift) == 0) return std::to_string(bytes >> shift) + unit;
  }
  return std::to_string(bytes);
}

/// A login by token reads it from a file of this process's own.
std::string shown(const GivenOptions& given, const std::string& dsn,
                  std::vector<DsnValue> changes = {}) {
  if (given.cloud_sql_iam) changes.push_back({"passfile", ""});
  return database::shown_dsn(dsn, changes);
}

/// A query may hold a token.
std::string sink_text(const std::string& to) {
  const auto query = to.find('?');
  return query == to.npos ? to : to.substr(0, query) + "?QUERY";
}

}  // namespace

GivenOptions given_options(const Invocation& invocation) {
  const RunOptions& run = invocation.run;
  return {run.source, run.replay_window, run.publish.to, run.publish.push_audience,
          invocation.cloud_sql_iam};
}

RemedyCommand::RemedyCommand(Command command, const GivenOptions& given)
    : name_(name_of(command)), given_(given) {
  static const GivenOptions kUsual;
  const SourceOptions& source = given.source;
  const auto add = [this, command](const char* name, std::string value) {
    if (has(command, name)) options_.emplace_back(name, std::move(value));
  };
  add("dsn", shown(given, source.dsn));
  add("admin-dsn", shown(given, source.admin_dsn));
  add("slot", unless_usual(source.slot, kUsual.source.slot));
  add("publication", unless_usual(source.publication, kUsual.source.publication));
  add("schema", unless_usual(source.tables.front().schema, kUsual.source.tables.front().schema));
  add("table", is_one_table(source) ? source.tables.front().name : "");
  add("name", source.name);
  add("replay-window", unless_usual(time_text(given.window.time), time_text(kUsual.window.time)));
  add("replay-window-bytes",
      unless_usual(bytes_text(given.window.bytes), bytes_text(kUsual.window.bytes)));
  // It says itself how the rows that are there are delivered; the sink may be what is broken.
  if (command != Command::setup) {
    add("to", given.to.empty() && needs(command, "to") ? "SINK" : sink_text(given.to));
    add("push-audience", given.push_audience);
  }
  no_blocks_ = source.no_blocks && has(command, "no-blocks");
}

RemedyCommand& RemedyCommand::with(std::string_view option, std::string value) {
  const auto found =
      std::ranges::find_if(options_, [&](const auto& one) { return one.first == option; });
  if (found != options_.end()) {
    found->second = std::move(value);
  } else {
    options_.emplace_back(option, std::move(value));
  }
  return *this;
}

RemedyCommand& RemedyCommand::as_owner(const std::string& role, const std::string& database) {
  return given_.source.admin_dsn.empty() ? as_owner_only(role, database) : *this;
}

RemedyCommand& RemedyCommand::as_owner_only(const std::string& role, const std::string& database) {
  return with("admin-dsn", place_of(given_, database, role));
}

std::string RemedyCommand::text() const {
  ShellCommand command("walpulse-connector " + name_);
  for (const auto& [name, value] : options_) command.option(name, value);
  return command.text() + (no_blocks_ ? " --no-blocks" : "") +
         (given_.cloud_sql_iam ? " --cloud-sql-iam" : "");
}

std::string place_of(const GivenOptions& given, const std::string& database,
                     const std::string& role) {
  // Without a database libpq takes one that is called like the role.
  std::vector<DsnValue> changes;
  if (database::dsn_value(given.source.dsn, "dbname").empty()) {
    changes.push_back({"dbname", database});
  }
  if (!role.empty()) changes.push_back({"user", role});
  return shown(given, given.source.dsn, std::move(changes));
}

std::string script_command(const GivenOptions& given) {
  return RemedyCommand(Command::setup, given).text() + " --print-sql > capture-role.sql && " +
         ShellCommand("psql").word(shown(given, given.source.dsn, {{"user", "postgres"}})).text() +
         " -f capture-role.sql";
}

std::string capture_role(const SourceOptions& source) {
  const std::string named = database::dsn_value(source.dsn, "user");
  return named.empty() ? "walpulse" : named;
}

}  // namespace walpulse::connector
