#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::config {

/// One `key = value` of a program's configuration file, its value as the flag would be given.
struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;  ///< Several only for an array.
  int line = 0;
};

/// Reads TOML 1.0 as far as a flat list of settings needs it: strings, integers, booleans and
/// arrays of those, in the order of their lines. Malformed with the line number for anything else,
/// tables included.
Result<std::vector<ConfigEntry>> parse_config(std::string_view text);

}  // namespace walpulse::config
