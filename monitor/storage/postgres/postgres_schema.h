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
/// ledger to itself: instances that start at once do it one after the other. A new ledger is born
/// at `birth`. Touches nothing outside the schema; a role that owns only that is enough. Errors:
/// rejected where the schema holds something else, was written by a newer version, or may not be
/// made; unavailable; contended.
Result<void> migrate(PostgresDatabase& database, Timestamp birth);

/// What two transactions of one ledger exclude each other by. Advisory locks belong to a database,
/// and other programs have some too: ours are told apart by the first key, ledgers by the second,
/// which is made from the schema's name.
enum class PostgresLock : std::int32_t { ledger, labels, connectors, deliveries };
/// "pg_advisory_xact_lock(2004905063, -17)": held until the transaction ends.
std::string lock_call(PostgresLock lock, const std::string& schema, bool shared = false);

}  // namespace walpulse::monitor
