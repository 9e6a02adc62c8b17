#pragma once

#include <string>
#include <vector>

#include "publisher/doctor/check.h"

namespace walpulse::monitor {

/// What `doctor` says of the rules that `serve` is to read; nothing where `path` is empty.
std::vector<doctor::Check> check_rules_file(const std::string& path);

}  // namespace walpulse::monitor
