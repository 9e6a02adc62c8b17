#pragma once

#include <span>
#include <string_view>

#include "connector/options.h"

namespace walpulse::connector {

inline constexpr const char* kVersion = "0.1.0";

/// What `--help` says about one command beside its options.
struct CommandHelp {
  Command command;
  std::string_view name;
  std::string_view purpose;
  std::string_view footer;  ///< An example and the exit codes.
};
std::span<const CommandHelp> command_helps();

/// Below the program's own help.
extern const std::string_view kFooter;

}  // namespace walpulse::connector
