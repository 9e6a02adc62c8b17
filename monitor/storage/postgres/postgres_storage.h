#pragma once

#include <memory>

#include "monitor/ledger/read_sessions.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/storage/postgres/postgres_database.h"

namespace walpulse::monitor {

/// The ledger's rows in a schema of a PostgreSQL database, for any number of instances.
/// Errors: unavailable (no such server, no such database, wrong password), rejected (not a ledger,
/// one written by a newer version, no right to make it).
Result<std::unique_ptr<Storage>> open_postgres_storage(PostgresTarget target, Timestamp birth);
/// Two more connections at most to a ledger that is open: what takes the server longer than two
/// seconds fails there.
Readers postgres_readers(PostgresTarget target);

}  // namespace walpulse::monitor
