#pragma once

#include <span>
#include <string_view>

namespace walpulse {

/// How both programs end, as in sysexits.h where it has a word for it: supervisors tell a typo from
/// an outage by them. Not in config's namespace: every command returns one.
inline constexpr int kExitStopped = 0;  ///< As asked; `run`: stopped; what the drain deadline cut
                                        ///< off stays in the slot.
inline constexpr int kExitFailed = 1;   ///< What an operator can mend; the message says how.
inline constexpr int kExitGap = 3;      ///< The slot no longer joins onto what was delivered.
inline constexpr int kExitUsage = 64;   ///< A flag is wrong.
inline constexpr int kExitUnavailable = 69;    ///< The server, ledger or port cannot be had.
inline constexpr int kExitConfiguration = 78;  ///< The environment or the configuration file is
                                               ///< wrong.
inline constexpr int kExitInterrupted = 130;   ///< A signal came before the work was done.

/// One of them in words; a command may have words of its own for it.
struct ExitText {
  int code = 0;
  std::string_view meaning = {};  ///< The general one where empty.
};

/// All of them, ascending: what --help and README say.
std::span<const ExitText> exit_texts();

}  // namespace walpulse
