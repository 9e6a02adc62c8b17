#pragma once

#include <vector>

#include "monitor/command/doctor_checks.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// What `doctor` says of who may read and who may write over HTTP: are the settings whole, and do
/// they let in whom they mean to. Reads the file of tokens, if there is one; nothing of it is
/// shown.
std::vector<Check> check_readers(const ServeOptions& options, const Environment& environment);

}  // namespace walpulse::monitor
