#pragma once

#include "connector/options.h"

namespace walpulse::connector {

/// What `run` ends with, beside main's own 64 (usage) and 78 (configuration).
inline constexpr int kExitStopped = 0;  ///< SIGTERM or SIGINT, everything taken was delivered.
inline constexpr int kExitFailed = 1;   ///< Something only an operator can mend; the log says what.
inline constexpr int kExitGap = 3;      ///< The slot no longer joins onto what was delivered.

/// Captures the table's changes from the slot and publishes them until SIGTERM or SIGINT. Blocks
/// those signals for the whole process: call it before any thread is started. A second signal ends
/// the process at once with 128 + its number; a stop that hangs ends it with kExitFailed 12 s after
/// the drain deadline.
int run_command(const RunOptions& options);

}  // namespace walpulse::connector
