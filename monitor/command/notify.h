#pragma once

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// `walpulse-monitor notify test CHANNEL`. The exit code.
int notify(const ServeOptions& options, const Environment& environment);

}  // namespace walpulse::monitor
