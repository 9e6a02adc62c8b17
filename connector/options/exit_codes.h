#pragma once

namespace walpulse::connector {

/// How every command ends; README and --help say the same.
inline constexpr int kExitStopped =
    0;  ///< As asked; `run`: stopped; what the drain deadline cut off stays in the slot.
inline constexpr int kExitFailed = 1;         ///< What an operator can mend; the message says how.
inline constexpr int kExitGap = 3;            ///< The slot no longer joins onto what was delivered.
inline constexpr int kExitUsage = 64;         ///< A flag is wrong.
inline constexpr int kExitUnavailable = 69;   ///< The server cannot be reached.
inline constexpr int kExitInterrupted = 130;  ///< A signal came before the work was done.
inline constexpr int kExitConfiguration = 78;  ///< The environment or the configuration file is.

}  // namespace walpulse::connector
