#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "publisher/config/settings.h"

// Slips of the keyboard on the command line, and what was probably meant. Of a word that could be a
// value nothing is repeated: it may hold a password.

namespace walpulse::config {

/// What is wrong with the first argument, which is to be a command; empty where it is one, or asks
/// for --help or --version.
std::string trouble_with_command(const Program& program, const std::vector<std::string>& arguments);

/// A sentence for each option that the command does not have; where there is none, one for the
/// first word too many. `extras` are the arguments that nothing takes, in their order: behind an
/// unknown option stands its value. `verb` is empty where none was recognized.
std::vector<std::string> slips_of(const Program& program, const CommandText& command,
                                  std::string_view verb, const std::vector<std::string>& extras);

}  // namespace walpulse::config
