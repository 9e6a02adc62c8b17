#pragma once

#include "decoder/base/timestamp.h"
#include "monitor/ledger/ledger.h"
#include "monitor/problems/news.h"

namespace walpulse::monitor {

/// Ends the mutes that are over, and says in `news` which problems are muted and what is not any
/// more. Nothing where this instance does not lead. After ProblemWatch::round(), with what it
/// found: a mute that waits for its problem to be over ends as that does. `wall` is this machine's
/// clock.
Result<void> look_at_mutes(Ledger& ledger, Timestamp wall, ProblemNews& news);

}  // namespace walpulse::monitor
