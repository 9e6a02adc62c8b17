#pragma once

#include <cstdint>
#include <string>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/storage/postgres/postgres_database.h"

namespace walpulse::monitor {

/// The version of the tables that this build reads and writes.
std::int64_t postgres_schema_version();

/// Another instance may have migrated the tables since this one opened them: an error then.
void check_version(PostgresDatabase& database, std::int64_t version);

/// Makes the ledger's schema, or brings it to the current version, in one transaction that has the
/// ledger to itself: of instances that start at once one does it. A new ledger is born
/// at `birth`. Touches nothing outside the schema; a role that owns only that is enough. Errors:
/// rejected where the schema holds something else, was written by a newer version, or may not be
/// made; unavailable; contended.
Result<void> migrate(PostgresDatabase& database, Timestamp birth);

/// What two transactions of one ledger exclude each other by: tables without columns, which nobody
/// can lock without a right to them. Advisory locks are anybody's.
enum class PostgresLock : std::uint8_t { ledger, labels, connectors, deliveries };
/// "LOCK TABLE lock_ledger IN EXCLUSIVE MODE": held until the transaction ends. What is shared
/// takes the right to insert, the other that to update.
std::string lock_statement(PostgresLock lock, bool shared = false);

}  // namespace walpulse::monitor
