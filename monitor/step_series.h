#pragma once

#include <string>

#include "monitor/counting.h"
#include "monitor/ledger_factory.h"
#include "monitor/series_changes.h"

namespace walpulse::monitor {

/// Which series a step raises. `labels` are those of the step's life, folded.
void count_step(const Step& step, const gcp::Labels& labels, const std::string& source,
                const LedgerOptions& options, SeriesChanges& changes);

}  // namespace walpulse::monitor
