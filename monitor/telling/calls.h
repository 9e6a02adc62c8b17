#pragma once

#include <span>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/rules/rules.h"
#include "monitor/telling/server_clock.h"

namespace walpulse::monitor {

/// What must run next, by the [[after]] tables: one delivery for each happening and table that
/// matches, with its body. One that lies too far back is too old, and one beyond the table's
/// at_most is dropped: both are kept, ended, with why. One that is not made by the time that it is
/// too old is too old then (Delivery::expires). Ages are measured by `clock`, all else by `wall`,
/// this machine's.
/// A table asks for a trigger by its name, which is looked up among the triggers that are known.
std::vector<Delivery> calls_of(Transaction& in, const Context& context,
                               std::span<const Happening> happenings, const rules::Rules& rules,
                               const ServerClock& clock, Timestamp wall);

}  // namespace walpulse::monitor
