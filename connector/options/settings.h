#pragma once

#include <span>

#include "connector/options/options.h"
#include "publisher/config/settings.h"

namespace walpulse::connector {

std::span<const config::Setting<Invocation>> settings();

/// The commands and settings as the command line and --help have them.
const config::Program& program();

}  // namespace walpulse::connector
