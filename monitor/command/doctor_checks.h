#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/options/options.h"
#include "monitor/storage/postgres/postgres_inspection.h"
#include "publisher/database/dsn.h"
#include "publisher/doctor/check.h"

namespace walpulse::monitor {

using doctor::Check;

/// What `doctor` says of a ledger in PostgreSQL, in the order in which it builds up; `answer`: of
/// the server, where it let nobody in under these options. Pure.
std::vector<Check> check_postgres(const Result<PostgresFacts>& facts, const ServeOptions& options,
                                  database::Answer answer = database::Answer::none);
/// Two connections had one session of that server's. Pure.
Check check_sessions(const ServerPlace& server, const ServeOptions& options);
/// Of a ledger in a file, from what the file system says now.
std::vector<Check> check_file(const std::filesystem::path& file);
std::vector<Check> check_memory(const ServeOptions& options);

}  // namespace walpulse::monitor
