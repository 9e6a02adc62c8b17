#pragma once

#include <string>

#include "publisher/config/settings.h"

namespace walpulse::config {

/// The text of `PROGRAM --help`, in lines of at most `columns`; examples stay as they are.
std::string program_help(const Program& program, std::size_t columns);
/// The text of `PROGRAM COMMAND --help`.
std::string command_help(const Program& program, const CommandText& command, std::size_t columns);

}  // namespace walpulse::config
