#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

class PostgresClocks final : public ClockStore {
 public:
  explicit PostgresClocks(PostgresUnit& unit) : database_(unit.database) {}

  void save_last_end(Timestamp end) override;
  void save_intake(IntakeTime clock) override;
  void note_heard() override;

 private:
  PostgresDatabase& database_;
};

void PostgresClocks::save_last_end(Timestamp end) {
  database_.query("UPDATE ledger SET last_end = $1::bigint", PostgresValues().number(stored(end)));
}

void PostgresClocks::save_intake(IntakeTime clock) {
  database_.query("UPDATE ledger SET intake = greatest(intake, $1::bigint)",
                  PostgresValues().number(clock.count()));
}

void PostgresClocks::note_heard() { database_.query("UPDATE ledger SET heard = heard + 1"); }

}  // namespace

std::unique_ptr<ClockStore> make_postgres_clocks(PostgresUnit& unit) {
  return std::make_unique<PostgresClocks>(unit);
}

}  // namespace walpulse::monitor
