#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connector/options/options.h"

namespace walpulse::connector {

/// One setting of the program: the single place that says what it is called on the command line
/// (--key), in the environment (WALPULSE_KEY) and in the configuration file (key).
struct Setting {
  std::string_view key;
  std::string_view value_name;  ///< For --help; empty for a switch.
  std::string_view example;
  std::string_view help;
  unsigned commands = 0;    ///< Bits, 1 << Command.
  bool repeatable = false;  ///< In the environment: separated by commas.
  bool flag_only = false;   ///< An act of this one call: not in the environment or the file.
  /// Stores the texts; says what is wrong with them.
  std::optional<std::string> (*apply)(const std::vector<std::string>& texts, Invocation& into);

  bool belongs_to(Command command) const {
    return (commands & (1u << static_cast<unsigned>(command))) != 0;
  }
};

std::span<const Setting> settings();
/// Null where there is none of this name.
const Setting* find_setting(std::string_view key);
/// "WALPULSE_HTTP_PORT".
std::string environment_name(std::string_view key);
/// "for example --slot walpulse".
std::string example_of(const Setting& setting);

}  // namespace walpulse::connector
