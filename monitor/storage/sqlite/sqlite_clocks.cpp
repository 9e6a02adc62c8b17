#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteClocks final : public ClockStore {
 public:
  explicit SqliteClocks(SqliteDatabase& database) : database_(database) {}

  void save_last_end(Timestamp end) override;
  void save_intake(IntakeTime clock) override;
  void note_heard() override;

 private:
  SqliteDatabase& database_;
};

void SqliteClocks::save_last_end(Timestamp end) {
  database_.query("UPDATE ledger SET last_end = ?").bind(stored(end)).run();
}

void SqliteClocks::save_intake(IntakeTime clock) {
  database_.query("UPDATE ledger SET intake = max(intake, ?)").bind(clock.count()).run();
}

void SqliteClocks::note_heard() { database_.query("UPDATE ledger SET heard = heard + 1").run(); }

}  // namespace

std::unique_ptr<ClockStore> make_sqlite_clocks(SqliteDatabase& database) {
  return std::make_unique<SqliteClocks>(database);
}

void read_clocks(SqliteDatabase& database, Context& context) {
  if (auto row = database.query("SELECT birth, last_end, intake, heard FROM ledger"); row.step()) {
    context.birth = restored(row.number(0));
    context.last_end = restored(row.number(1));
    context.intake = IntakeTime(row.number(2));
    context.heard = row.number(3);
  }
}

}  // namespace walpulse::monitor
