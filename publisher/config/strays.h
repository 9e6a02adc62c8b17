#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/environment.h"
#include "publisher/config/settings.h"

namespace walpulse::config {

/// Keys of what the environment and the file may give.
std::vector<std::string_view> lasting_keys(const Program& program);

/// A sentence for each variable that is set, looks like a setting of the program, and is none: it
/// would be passed over without a word. Those of the program that shares the environment are
/// known, and names that are near to no setting's are somebody else's (WALPULSE_BIN). No value is
/// repeated.
std::vector<std::string> strays(const Program& program, std::vector<std::string> variable_names,
                                const Environment& environment);

}  // namespace walpulse::config
