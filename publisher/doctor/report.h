#pragma once

#include <string>
#include <vector>

#include "publisher/doctor/check.h"

namespace walpulse::doctor {

/// Lines for people: each check, beneath it how to fix it, and a summary.
std::string text(const std::vector<Check>& checks);
/// The same for programs: {"failed", "warnings", "checks": [{"name", "level", "finding", "remedy",
/// "restart", "as", "otherwise"}]}.
std::string json(const std::vector<Check>& checks);
/// 1 where a check failed, else 0.
int exit_code(const std::vector<Check>& checks);

}  // namespace walpulse::doctor
