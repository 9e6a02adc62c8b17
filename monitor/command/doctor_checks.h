#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/storage/postgres/postgres_inspection.h"
#include "publisher/doctor/check.h"

namespace walpulse::monitor {

using doctor::Check;

/// What `doctor` says of a ledger in PostgreSQL, in the order in which it builds up; `by_iam`: the
/// login was by token. Pure.
std::vector<Check> check_postgres(const Result<PostgresFacts>& facts, const std::string& schema,
                                  bool by_iam = false);
/// Of a ledger in a file, from what the file system says now.
std::vector<Check> check_file(const std::filesystem::path& file);
std::vector<Check> check_memory();

}  // namespace walpulse::monitor
