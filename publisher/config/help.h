#pragma once

#include <string>

#include "publisher/config/settings.h"

namespace walpulse::config {

/// The text of `PROGRAM --help`.
std::string program_help(const Program& program);
/// The text of `PROGRAM COMMAND --help`.
std::string command_help(const Program& program, const CommandText& command);

}  // namespace walpulse::config
