#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/rules/reporter.h"
#include "monitor/rules/toml_document.h"

namespace walpulse::rules {

/// An [[include]]: other files of the same folder or below it.
struct Include {
  std::vector<std::string> files;   ///< "teams/fin/*.toml"; * in the last part alone.
  std::vector<std::string> within;  ///< What their tables may touch; empty: everything.
  int line = 0;
};

/// What is wrong with the path of one file; nothing where it is relative and stays in its folder.
std::optional<std::string> trouble_with_path(const std::string& path);

/// Reads one; what is wrong is told, and then left out.
Include read_include(const Node& table, Reporter report);

/// Those of a file, as far as they read: for whoever fetches the files. read_rules() tells what is
/// wrong with them.
std::vector<Include> includes_of(std::string_view text);

}  // namespace walpulse::rules
