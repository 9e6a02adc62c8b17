#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "monitor/ledger/read_sessions.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// The ledger's rows in one SQLite file: write-ahead log, synced at every commit. Errors: those of
/// open_sqlite_ledger().
Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::filesystem::path& path,
                                                     Timestamp birth,
                                                     std::chrono::milliseconds lock_wait);
/// A ledger that only is read, beside the monitor that may have it open. Errors: unavailable (no
/// such file), rejected (not a ledger, or its tables are another version's).
Result<std::unique_ptr<Storage>> open_sqlite_reading(const std::filesystem::path& path);
/// The same, and what is written there waits for its turn with the monitor's: mutes.
Result<std::unique_ptr<Storage>> open_sqlite_beside(const std::filesystem::path& path);
/// Another connection to a ledger that is open.
Readers sqlite_readers(const std::filesystem::path& path);

}  // namespace walpulse::monitor
