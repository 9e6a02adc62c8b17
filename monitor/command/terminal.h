#pragma once

#include <string>
#include <string_view>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// Of this machine: who wants something.
std::string user_name();

/// "2026-11-28 14:05:09 UTC"
std::string to_the_second(Timestamp at);

/// To stdout, each line as one_line() has it: no name moves the terminal's cursor. Whoever makes
/// the text sees to it, by one_line() too, that none ends a line.
void print_safely(std::string_view text);

}  // namespace walpulse::monitor
