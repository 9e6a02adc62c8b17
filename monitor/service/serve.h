#pragma once

#include <functional>

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// Returns when the monitor is to stop. Until then it calls `reread` each time that the rules are
/// to be looked at at once.
using WaitForStop = std::function<void(const std::function<void()>& reread)>;

/// Runs the monitor until `wait_for_stop` returns, then stops it within ten seconds: what was taken
/// is completed, and exported. Returns the exit code; what went wrong stands in the log.
int serve(const ServeOptions& options, const Environment& environment,
          const WaitForStop& wait_for_stop);

}  // namespace walpulse::monitor
