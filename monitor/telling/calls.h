#pragma once

#include <span>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor {

/// What must run next, by the [[after]] tables: one delivery for each happening and table that
/// matches, with its body. One that lies too far back is too old, and one beyond the table's
/// at_most is dropped: both are kept, ended, with why. `wall` is this machine's clock: behind a
/// backlog the newest instant that is known of a source lies as far back as the happening.
std::vector<Delivery> calls_of(Transaction& in, const Context& context,
                               std::span<const Happening> happenings, const rules::Rules& rules,
                               Timestamp wall);

}  // namespace walpulse::monitor
