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
/// Another connection to a ledger that is open.
Readers sqlite_readers(const std::filesystem::path& path);

}  // namespace walpulse::monitor
