#pragma once

#include "connector/options/options.h"

namespace walpulse::connector {

/// Captures the table's changes from the slot and publishes them until SIGTERM or SIGINT. Returns
/// an exit code (exit_codes.h). Blocks those signals for the whole process: call it before any
/// thread is started. A second signal ends the process at once with 128 + its number; a stop that
/// hangs ends it with kExitFailed 12 s after the drain deadline.
int run_command(const RunOptions& options);

}  // namespace walpulse::connector
