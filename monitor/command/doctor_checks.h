#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/storage/postgres/postgres_inspection.h"

namespace walpulse::monitor {

/// One precondition of the ledger's.
struct Check {
  enum class Level { ok, warn, fail };
  std::string name;
  Level level = Level::ok;
  std::string finding;
  std::string remedy;  ///< What to run or to write; empty where nothing is to be done.
};

/// What `doctor` says of a ledger in PostgreSQL, in the order in which it builds up; `by_iam`: the
/// login was by token. Pure.
std::vector<Check> check_postgres(const Result<PostgresFacts>& facts, const std::string& schema,
                                  bool by_iam = false);
/// Of a ledger in a file, from what the file system says now.
std::vector<Check> check_file(const std::filesystem::path& file);
std::vector<Check> check_memory();

/// Lines for people, with a summary.
std::string doctor_text(const std::vector<Check>& checks);
bool anything_failed(const std::vector<Check>& checks);

}  // namespace walpulse::monitor
