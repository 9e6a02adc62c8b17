#pragma once

#include <string>

#include "connector/command/commands.h"

namespace walpulse::connector {

/// Asks a person to type yes to `question`; says what `deed` it was about where nobody can be
/// asked.
bool agreed(const Terminal& terminal, const std::string& deed, const std::string& question);

}  // namespace walpulse::connector
