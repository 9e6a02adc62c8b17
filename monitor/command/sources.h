#pragma once

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// `walpulse-monitor sources list | accept NAME EPOCH`. The exit code.
int sources(const ServeOptions& options);

}  // namespace walpulse::monitor
