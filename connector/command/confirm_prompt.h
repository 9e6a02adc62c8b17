#pragma once

#include <string>

#include "connector/command/commands.h"
#include "connector/command/remedy_command.h"

namespace walpulse::connector {

/// Asks a person to type yes to `question`; where nobody can be asked, says what `deed` it was
/// about and how to do it without (`command`).
bool agreed(const Terminal& terminal, const std::string& deed, const std::string& question,
            const RemedyCommand& command);

}  // namespace walpulse::connector
