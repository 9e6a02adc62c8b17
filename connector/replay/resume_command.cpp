#include "connector/replay/resume_command.h"

#include <algorithm>

namespace walpulse::connector {
namespace {

constexpr const char* kFrom = "--from";

/// As a shell reads it back.
std::string shell_word(const std::string& word) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string resume_command(const std::vector<std::string>& arguments, std::optional<Lsn> from,
                           std::optional<Lsn> until) {
  std::string text = "walpulse-connector";
  bool value = false;
  for (const std::string& argument : arguments) {
    if (value && from) {
      text += " " + to_string(*from);
    } else if (from && argument.starts_with(std::string(kFrom) + "=")) {
      text += std::string(" ") + kFrom + " " + to_string(*from);
    } else {
      text += " " + shell_word(argument);
    }
    value = argument == kFrom;
  }
  if (until) text += " --until " + to_string(*until);
  return text;
}

}  // namespace walpulse::connector
