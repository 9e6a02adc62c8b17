#pragma once

#include <functional>

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// Runs the monitor until `wait_for_stop` returns, then stops it within ten seconds: what was taken
/// is completed, and exported. Returns the exit code; what went wrong stands in the log.
int serve(const ServeOptions& options, const Environment& environment,
          const std::function<void()>& wait_for_stop);

}  // namespace walpulse::monitor
