// The lease, and what the ledger remembers by name.
#include <string>

#include "monitor/storage/postgres_storage.h"

namespace walpulse::monitor {

std::uint64_t PostgresStorage::take_lease(const std::string& holder,
                                          std::chrono::milliseconds ttl) {
  // The clock is read again when the row had to be waited for.
  const auto row = database_.query(
      "UPDATE lease SET generation = generation + (holder <> $1::bytea)::int, holder = $1::bytea, "
      "expires_at = clock_timestamp() + $2::bigint * interval '1 millisecond' "
      "WHERE holder = $1::bytea OR expires_at <= clock_timestamp() RETURNING generation",
      PostgresValues().bytes(holder).number(ttl.count()));
  return row.empty() ? 0 : static_cast<std::uint64_t>(row.number(0, 0));
}

bool PostgresStorage::holds_lease(std::uint64_t generation) {
  const auto row = database_.query(reading_ ? "SELECT 1 FROM lease WHERE generation = $1::bigint "
                                              "AND expires_at > clock_timestamp()"
                                            : "SELECT 1 FROM lease WHERE generation = $1::bigint "
                                              "AND expires_at > clock_timestamp() FOR SHARE",
                                   PostgresValues().number(static_cast<std::int64_t>(generation)));
  return !row.empty();
}

void PostgresStorage::release_lease(std::uint64_t generation) {
  database_.query(
      "UPDATE lease SET holder = '', expires_at = '-infinity' WHERE generation = $1::bigint",
      PostgresValues().number(static_cast<std::int64_t>(generation)));
}

std::string PostgresStorage::remembered(const std::string& name) {
  const auto row = database_.query("SELECT value FROM remembered WHERE name = $1::bytea",
                                   PostgresValues().bytes(name));
  return row.empty() ? std::string() : row.bytes(0, 0);
}

void PostgresStorage::remember(const std::string& name, const std::string& value) {
  database_.query(
      "INSERT INTO remembered VALUES ($1::bytea, $2::bytea) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      PostgresValues().bytes(name).bytes(value));
}

}  // namespace walpulse::monitor
