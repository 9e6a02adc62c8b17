#pragma once

#include "connector/command/commands.h"

namespace walpulse::connector {

/// The one way on after a gap: publication, slot and anchor made anew, the epoch raised, the whole
/// table read once. Explains, asks (unless --yes), and shows each step; returns the exit code that
/// --help promises. What it needs from outside (sink, privileges, room) is checked before anything
/// is dropped.
int recover_command(const Invocation& invocation, const Terminal& terminal);

}  // namespace walpulse::connector
