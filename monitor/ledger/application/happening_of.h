#pragma once

#include "monitor/ledger/application/run_batch.h"
#include "monitor/ledger/stores/happenings.h"
#include "monitor/ledger/timeline/counted_marks.h"

namespace walpulse::monitor {

/// The status of a happening that says no status of Mage's.
inline constexpr std::string_view kSlaMissed = "SLA_MISSED";

/// What a run did when it took the step `counted`, into a terminal status or beyond its SLA.
Happening happening_of(const TouchedRun& touched, const NewStep& counted);

/// That the trigger of a run that has not ended is gone; its state is the run's now.
Happening orphaned_happening(const TouchedRun& touched, const Orphaning& orphaning);

}  // namespace walpulse::monitor
