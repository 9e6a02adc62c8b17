#pragma once

#include <string>

#include "monitor/ledger/counting.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/series_changes.h"

namespace walpulse::monitor {

/// Which series a step raises. `labels` are those of the step's life, folded.
void count_step(const Step& step, const gcp::Labels& labels, const std::string& source,
                const LedgerOptions& options, SeriesChanges& changes);

}  // namespace walpulse::monitor
