#pragma once

#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "publisher/config/settings.h"
#include "publisher/config/sources.h"

namespace walpulse::config {

/// The command line, split into settings but not yet understood.
struct ParsedFlags {
  unsigned command = 0;  ///< Its enumerator.
  std::string verb;
  /// By key; as often as given. Of a switch: "true".
  std::map<std::string, Texts, std::less<>> texts;
  std::string config;  ///< --config; empty where not given.
};

/// An Exit for --help (in lines of at most `columns`), --version and what is no command line of the
/// program. What could be a value is not repeated: it may hold a password.
tl::expected<ParsedFlags, Exit> split_command_line(const Program& program,
                                                   const std::vector<std::string>& arguments,
                                                   std::size_t columns);

}  // namespace walpulse::config
