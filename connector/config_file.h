#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decoder/schema/result.h"

namespace walpulse::connector {

/// One `key = value` of the configuration file, its value as the flag would be given.
struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;  ///< Several only for an array.
  int line = 0;
};

/// Reads the part of TOML 1.0 that a flat list of settings needs: comments, bare and quoted keys,
/// basic and literal strings, integers, booleans, arrays of those (over several lines too).
/// Malformed with the line number for anything else, tables and repeated keys included.
///
/// CLI11 2.1 has a reader, but it cuts a quoted password at '#' and splits strings at commas.
Result<std::vector<ConfigEntry>> parse_config(std::string_view text);

}  // namespace walpulse::connector
