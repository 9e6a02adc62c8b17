#pragma once

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/storage/sqlite/sqlite_database.h"

namespace walpulse::monitor {

/// Brings the file to the current version of the tables, step by step, in one transaction. A new
/// ledger is born at `birth`. Errors: rejected where the file holds something else, or was written
/// by a newer version.
Result<void> migrate(SqliteDatabase& database, Timestamp birth);
/// Rejected where the file is no ledger, or its tables are of another version than these.
Result<void> is_current(SqliteDatabase& database);

}  // namespace walpulse::monitor
