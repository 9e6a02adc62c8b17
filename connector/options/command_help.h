#pragma once

#include <span>
#include <string>
#include <string_view>

#include "connector/options/options.h"

namespace walpulse::connector {

/// What `--help` says about one command beside its options.
struct CommandHelp {
  Command command;
  std::string_view name;
  std::string_view brief;
  std::string_view purpose;
  std::string_view example;
  std::string_view exit_codes;
};
std::span<const CommandHelp> command_helps();

/// The text of `walpulse-connector --help`.
std::string program_help();
/// The text of `walpulse-connector COMMAND --help`.
std::string command_help(const CommandHelp& command);

}  // namespace walpulse::connector
