#include <string>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteEpochs final : public EpochStore {
 public:
  explicit SqliteEpochs(SqliteDatabase& database) : database_(database) {}

  void save(const EpochRow& epoch) override;
  std::vector<StayRow> stays(const EpochRow& epoch) override;
  void save_stay(const EpochRow& epoch, const StayRow& stay) override;
  void remove_stay(const EpochRow& epoch, const StayRow& stay) override;

 private:
  SqliteDatabase& database_;
};

void SqliteEpochs::save(const EpochRow& epoch) {
  const std::string follows = encode_follows(epoch.identity.follows);
  database_.query("INSERT OR REPLACE INTO epoch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind_text(epoch.name)
      .bind_text(epoch.table)
      .bind(signed_of(epoch.epoch))
      .bind(signed_of(epoch.lsn.value))
      .bind(stored(epoch.lsn_time))
      .bind(stored(epoch.newest))
      .bind(static_cast<std::int64_t>(epoch.standing))
      .bind(epoch.since.count())
      .bind(epoch.heartbeat.count())
      .bind(signed_of(epoch.identity.system))
      .bind_text(epoch.identity.database)
      .bind_text(epoch.identity.publication)
      .bind_bytes(follows)
      .run();
}

std::vector<StayRow> SqliteEpochs::stays(const EpochRow& epoch) {
  std::vector<StayRow> found;
  auto rows = database_.query(
      "SELECT instance, session, from_lsn, to_lsn FROM stay "
      "WHERE name = ? AND tbl = ? AND epoch = ?");
  rows.bind_text(epoch.name).bind_text(epoch.table).bind(signed_of(epoch.epoch));
  while (rows.step())
    found.push_back({std::string(rows.bytes(0)), unsigned_of(rows.number(1)),
                     Lsn{unsigned_of(rows.number(2))}, Lsn{unsigned_of(rows.number(3))}});
  return found;
}

void SqliteEpochs::save_stay(const EpochRow& epoch, const StayRow& stay) {
  database_.query("INSERT OR REPLACE INTO stay VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind_text(epoch.name)
      .bind_text(epoch.table)
      .bind(signed_of(epoch.epoch))
      .bind_text(stay.instance)
      .bind(signed_of(stay.session))
      .bind(signed_of(stay.from.value))
      .bind(signed_of(stay.to.value))
      .run();
}

void SqliteEpochs::remove_stay(const EpochRow& epoch, const StayRow& stay) {
  database_
      .query(
          "DELETE FROM stay WHERE name = ? AND tbl = ? AND epoch = ? AND instance = ? AND "
          "session = ?")
      .bind_text(epoch.name)
      .bind_text(epoch.table)
      .bind(signed_of(epoch.epoch))
      .bind_text(stay.instance)
      .bind(signed_of(stay.session))
      .run();
}

}  // namespace

std::unique_ptr<EpochStore> make_sqlite_epochs(SqliteDatabase& database) {
  return std::make_unique<SqliteEpochs>(database);
}

void read_epochs(SqliteDatabase& database, Context& context) {
  auto epochs = database.query(
      "SELECT name, tbl, epoch, lsn, lsn_time, newest, standing, since, heartbeat, system, "
      "publication, follows, db FROM epoch ORDER BY name, tbl, epoch");
  while (epochs.step()) {
    EpochRow& epoch = context.epochs.emplace_back();
    epoch.name = epochs.bytes(0);
    epoch.table = epochs.bytes(1);
    epoch.epoch = unsigned_of(epochs.number(2));
    epoch.lsn.value = unsigned_of(epochs.number(3));
    epoch.lsn_time = restored(epochs.number(4));
    epoch.newest = restored(epochs.number(5));
    epoch.standing = static_cast<Standing>(epochs.number(6));
    epoch.since = IntakeTime(epochs.number(7));
    epoch.heartbeat = IntakeTime(epochs.number(8));
    epoch.identity.system = unsigned_of(epochs.number(9));
    epoch.identity.publication = epochs.bytes(10);
    epoch.identity.database = epochs.bytes(12);
    epoch.identity.follows =
        decode_follows(epochs.bytes(11)).value_or(std::vector<std::uint64_t>{});
  }
}

}  // namespace walpulse::monitor
