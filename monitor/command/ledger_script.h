#pragma once

#include <string>

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// What a ledger in PostgreSQL needs, as a psql script for a DBA: its role with a password, its
/// database, its rights. The monitor makes schema and tables itself. Pure.
std::string ledger_script(const ServeOptions& options);

/// Prints that script and runs it as an administrator, for the ledger's database or another one.
std::string ledger_script_command(const ServeOptions& options, const std::string& database = {});

/// Who keeps the ledger: the role of the connection string, else `walpulse_monitor`.
std::string ledger_role(const std::string& ledger);

}  // namespace walpulse::monitor
