#pragma once

#include <string>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// Of this machine: who wants something.
std::string user_name();

/// "2026-11-28 14:05:09 UTC"
std::string to_the_second(Timestamp at);

/// To stdout. Names are whatever people gave: none moves the terminal's cursor, or ends a line.
void print_safely(std::string text);

}  // namespace walpulse::monitor
