#pragma once

#include "monitor/options/options.h"
#include "monitor/service/serve.h"

namespace walpulse::monitor {

/// Shows a ledger that a monitor elsewhere keeps until `wait_for_stop` returns: no intake, no
/// lease, no export. Returns the exit code; what went wrong stands in the log.
int page(const ServeOptions& options, const WaitForStop& wait_for_stop);

}  // namespace walpulse::monitor
