#pragma once

#include <filesystem>
#include <memory>

#include "decoder/schema/result.h"
#include "monitor/ledger/ledger.h"
#include "monitor/ledger/ledger_options.h"

namespace walpulse::monitor {

/// A ledger that forgets everything when the process ends.
std::unique_ptr<Ledger> make_memory_ledger(const LedgerOptions& options);

/// Opens, or makes, the ledger in one SQLite file, held by this process alone. What apply()
/// acknowledged survives a power cut. Errors: unavailable (another process holds the file, the disk
/// is full), rejected (not a ledger, or one written by a newer version).
Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::filesystem::path& path,
                                                   const LedgerOptions& options);

}  // namespace walpulse::monitor
