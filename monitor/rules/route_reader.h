#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "monitor/rules/glob.h"
#include "monitor/rules/reporter.h"
#include "monitor/rules/rules.h"
#include "monitor/rules/time_zone.h"
#include "monitor/rules/toml_document.h"

namespace walpulse::rules {

/// The file that is read, and what of it tables need.
struct FileScope {
  std::size_t file = 0;
  std::string name;          ///< Of the file.
  std::vector<Glob> within;  ///< What its tables may touch; empty: everything.
  MistakeList* mistakes = nullptr;

  Reporter report() const { return {name, *mistakes}; }
};

// Each reads one table. What is wrong is told, and the rest of the table is read all the same.

NotifyRule read_notify(const Node& table, const FileScope& scope);
QuietRule read_quiet(const Node& table, const FileScope& scope, const TimeZone& zone);
AfterRule read_after(const Node& table, const FileScope& scope, std::span<const BodyText> bodies);

/// The body_file of every [[after]] of a file, each once, as far as they read and may be read: for
/// whoever fetches the files. read_after() tells what is wrong with them.
std::vector<std::string> body_files_of(std::string_view text);

}  // namespace walpulse::rules
