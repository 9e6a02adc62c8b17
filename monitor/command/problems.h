#pragma once

#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/ledger_reader.h"
#include "monitor/options/options.h"
#include "monitor/watch/failed_slots.h"

namespace walpulse::monitor {

/// `walpulse-monitor problems [--all] [--json]`. The exit code.
int problems(const ServeOptions& options);

/// "Not made good: ..."; nothing where all are.
std::string failed_slots_text(const std::vector<FailedSlot>& slots);

/// What is open, those to be woken for first, then the newest first; what hangs under a cause
/// stands below it. Then what is closed. `now` tells how long ago all of it was.
std::string problems_text(const KnownProblems& known, Timestamp now);
/// One JSON object a problem.
std::string problems_json(const KnownProblems& known);

}  // namespace walpulse::monitor
