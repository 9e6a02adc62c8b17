#pragma once

#include "monitor/rules/mistake.h"
#include "monitor/rules/rules.h"

namespace walpulse::rules {

/// What must hold of channels and of all that names them, in all files together; what does not is
/// told. Rules::after_index is there already. Where there is one channel for messages and no
/// [[notify]], that channel is told of everything: the table for that is added.
void complete_routes(Rules& rules, MistakeList& mistakes);

}  // namespace walpulse::rules
