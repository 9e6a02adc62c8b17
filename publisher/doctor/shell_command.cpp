#include "publisher/doctor/shell_command.h"

namespace walpulse::doctor {
namespace {

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";

/// What a shell looks at within double quotes; "!" is bash's history.
constexpr std::string_view kAliveInDoubleQuotes = "\"$`\\!";

}  // namespace

std::string shell_word(std::string_view text) {
  if (!text.empty() && text.find_first_not_of(kPlain) == text.npos) return std::string(text);
  if (text.find('\'') != text.npos && text.find_first_of(kAliveInDoubleQuotes) == text.npos) {
    return '"' + std::string(text) + '"';
  }
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

ShellCommand& ShellCommand::word(std::string_view text) {
  text_ += " " + shell_word(text);
  return *this;
}

ShellCommand& ShellCommand::option(std::string_view name, std::string_view value) {
  if (value.empty()) return *this;
  text_ += " --" + std::string(name);
  return word(value);
}

std::string psql_command(std::string_view dsn, std::string_view sql) {
  ShellCommand command("psql");
  if (!dsn.empty()) command.word(dsn);
  return command.word("-c").word(sql).text();
}

}  // namespace walpulse::doctor
