#pragma once

#include <span>

#include "monitor/options/options.h"
#include "publisher/config/settings.h"

namespace walpulse::monitor {

std::span<const config::Setting<ServeOptions>> settings();

/// The commands and settings as the command line and --help have them.
const config::Program& program();

}  // namespace walpulse::monitor
