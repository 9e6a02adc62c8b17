#pragma once

#include <string>

namespace walpulse {

/// What this machine, or container, calls itself; empty where it does not say.
std::string host_name();

}  // namespace walpulse
