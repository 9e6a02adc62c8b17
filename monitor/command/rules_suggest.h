#pragma once

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// `walpulse-monitor rules suggest [--output FILE]`. A file that exists is not written over: it may
/// have been edited. The exit code.
int suggest_rules(const ServeOptions& options);

}  // namespace walpulse::monitor
