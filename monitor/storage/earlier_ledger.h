#pragma once

namespace walpulse::monitor {

// What whoever only reads says of a ledger whose tables an earlier build made: reading migrates
// nothing.
inline constexpr const char* kEarlierLedger =
    "this ledger was written by an earlier version of walpulse";
inline constexpr const char* kBringUpToDate =
    "start its monitor once (walpulse-monitor serve), which brings it up to date";

}  // namespace walpulse::monitor
