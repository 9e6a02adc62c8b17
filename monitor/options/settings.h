#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// One setting: the single place that says what it is called on the command line (--key), in the
/// environment (WALPULSE_KEY) and in the configuration file (key).
struct Setting {
  std::string_view key;
  std::string_view value_name;  ///< For --help; empty for a switch.
  std::string_view example;
  std::string_view help;
  bool repeatable = false;  ///< In the environment: separated by commas.
  /// Stores the texts; says what is wrong with them.
  std::optional<std::string> (*apply)(const std::vector<std::string>& texts, ServeOptions& into);
  bool of_doctor = false;  ///< Means something to `doctor` too.
};

std::span<const Setting> settings();
/// Null where there is none of this name.
const Setting* find_setting(std::string_view key);
/// "WALPULSE_HTTP_PORT".
std::string environment_name(std::string_view key);
/// "for example --http-port 8080".
std::string example_of(const Setting& setting);

}  // namespace walpulse::monitor
