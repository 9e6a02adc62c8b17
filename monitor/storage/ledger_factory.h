#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "decoder/base/result.h"
#include "monitor/ledger/ledger.h"
#include "monitor/ledger/ledger_options.h"

namespace walpulse::monitor {

/// A ledger that forgets everything when the process ends.
std::unique_ptr<Ledger> make_memory_ledger(const LedgerOptions& options);

/// Opens, or makes, the ledger in one SQLite file, which no other monitor may use meanwhile. What
/// apply() acknowledged survives a power cut. Errors: unavailable (another process holds the file,
/// the disk is full), rejected (not a ledger, or one written by a newer version).
Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::filesystem::path& path,
                                                   const LedgerOptions& options);

/// Reads the ledger in one SQLite file, also while its monitor runs. Nothing is made or migrated.
/// Errors: unavailable (no such file), rejected (not a ledger, or one of another version).
Result<std::unique_ptr<LedgerReader>> read_sqlite_ledger(const std::filesystem::path& path,
                                                         const LedgerOptions& options);

/// The same, and writes mutes there, beside the monitor too.
Result<std::unique_ptr<PageLedger>> show_sqlite_ledger(const std::filesystem::path& path,
                                                       const LedgerOptions& options);

/// Opens the ledger in a schema of a PostgreSQL database, and makes or migrates its tables. Any
/// number of processes may share it. A connection that is lost later is made again by itself.
/// Errors: unavailable (no such server, no such database, wrong password), rejected (not a ledger,
/// one written by a newer version, no right to make it). None repeats the dsn.
Result<std::unique_ptr<Ledger>> open_postgres_ledger(const std::string& dsn,
                                                     const std::string& schema,
                                                     const LedgerOptions& options);

/// Reads the ledger in such a schema, and writes mutes there; a role that may do no more will do.
/// Nothing is made or migrated. Errors: unavailable (no such server or ledger), rejected (its
/// tables are of another version).
Result<std::unique_ptr<PageLedger>> read_postgres_ledger(const std::string& dsn,
                                                         const std::string& schema,
                                                         const LedgerOptions& options);

}  // namespace walpulse::monitor
