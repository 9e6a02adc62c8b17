#pragma once

#include <cstdint>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/stores/rejected.h"

namespace walpulse::monitor {

/// Rejected messages that go, since they are too old or all together too large.
struct RejectedDrop {
  std::vector<std::int64_t> ids;
  std::int64_t too_old = 0;    ///< Of those that were not forwarded: nobody has them any more.
  std::int64_t too_large = 0;  ///< Likewise.
  bool all = true;             ///< No more are to go behind these.
};

/// How much may come before the bound is looked at again: so much less than the bound is kept, and
/// so much more by each other instance.
std::int64_t rejected_slack(const LedgerOptions& options);

/// The next to go as of `now`, 5,000 at most, so that nobody waits for them for long.
RejectedDrop next_drop(RejectedStore& rejected, const LedgerOptions& options, Timestamp now);

/// Says in the log that so many went that were nowhere else, and what to do.
void log_dropped(std::int64_t count);

}  // namespace walpulse::monitor
