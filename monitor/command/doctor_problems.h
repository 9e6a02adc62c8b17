#pragma once

#include <vector>

#include "monitor/options/options.h"
#include "monitor/watch/mixed_ends.h"
#include "publisher/doctor/check.h"

namespace walpulse::monitor {

/// Whether the rules tell failures apart where that is needed; nothing where the ledger cannot be
/// read, which another check says.
std::vector<doctor::Check> check_mixed_ends(const ServeOptions& options);

/// The same of what was found.
std::vector<doctor::Check> check_mixed_ends(const std::vector<MixedEnds>& found);

}  // namespace walpulse::monitor
