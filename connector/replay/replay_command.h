#pragma once

#include "connector/options/options.h"

namespace walpulse::connector {

/// Publishes a range of the table's history anew from a copy of the anchor slot. Returns an exit
/// code (exit_codes.h): kExitInterrupted where SIGINT or SIGTERM came before the range's end.
/// Blocks those signals for the whole process: call it before any thread is started. A second
/// signal ends the process at once with 128 + its number.
int replay_command(const Invocation& invocation);

}  // namespace walpulse::connector
