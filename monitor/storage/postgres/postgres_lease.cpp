#include <string>

#include "monitor/storage/postgres/postgres_stores.h"

namespace walpulse::monitor {
namespace {

class PostgresLease final : public LeaseStore {
 public:
  explicit PostgresLease(PostgresUnit& unit) : unit_(unit), database_(unit.database) {}

  std::uint64_t take(const std::string& holder, std::chrono::milliseconds ttl) override;
  bool holds(std::uint64_t generation) override;
  void release(std::uint64_t generation) override;

 private:
  const PostgresUnit& unit_;
  PostgresDatabase& database_;
};

std::uint64_t PostgresLease::take(const std::string& holder, std::chrono::milliseconds ttl) {
  // The clock is read again when the row had to be waited for.
  const auto row = database_.query(
      "UPDATE lease SET generation = generation + (holder <> $1::bytea)::int, holder = $1::bytea, "
      "expires_at = clock_timestamp() + $2::bigint * interval '1 millisecond' "
      "WHERE holder = $1::bytea OR expires_at <= clock_timestamp() RETURNING generation",
      PostgresValues().bytes(holder).number(ttl.count()));
  return row.empty() ? 0 : static_cast<std::uint64_t>(row.number(0, 0));
}

bool PostgresLease::holds(std::uint64_t generation) {
  const auto row =
      database_.query(unit_.reading ? "SELECT 1 FROM lease WHERE generation = $1::bigint "
                                      "AND expires_at > clock_timestamp()"
                                    : "SELECT 1 FROM lease WHERE generation = $1::bigint "
                                      "AND expires_at > clock_timestamp() FOR SHARE",
                      PostgresValues().number(static_cast<std::int64_t>(generation)));
  return !row.empty();
}

void PostgresLease::release(std::uint64_t generation) {
  database_.query(
      "UPDATE lease SET holder = '', expires_at = '-infinity' WHERE generation = $1::bigint",
      PostgresValues().number(static_cast<std::int64_t>(generation)));
}

}  // namespace

std::unique_ptr<LeaseStore> make_postgres_lease(PostgresUnit& unit) {
  return std::make_unique<PostgresLease>(unit);
}

}  // namespace walpulse::monitor
