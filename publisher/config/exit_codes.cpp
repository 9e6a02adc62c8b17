#include "publisher/config/exit_codes.h"

namespace walpulse {
namespace {

constexpr ExitText kTexts[] = {
    {kExitStopped, "done as asked"},
    {kExitFailed, "refused or failed (the message names the remedy)"},
    {kExitGap, "a gap: the slot no longer joins onto what was delivered"},
    {kExitUsage, "wrong usage"},
    {kExitUnavailable, "the server, the ledger or the port cannot be had"},
    {kExitConfiguration, "wrong environment or configuration file"},
    {kExitInterrupted, "interrupted before the end"},
};

}  // namespace

std::span<const ExitText> exit_texts() { return kTexts; }

}  // namespace walpulse
