#include <string>

#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

/// Which epoch, as the first three values.
PostgresValues key_of(const EpochRow& epoch) {
  return PostgresValues().bytes(epoch.name).bytes(epoch.table).number(signed_of(epoch.epoch));
}

Lsn lsn_at(const PostgresRows& rows, std::size_t row, std::size_t column) {
  return parse_lsn(rows.text(row, column)).value_or(Lsn{});
}

class PostgresEpochs final : public EpochStore {
 public:
  explicit PostgresEpochs(PostgresUnit& unit) : database_(unit.database) {}

  void save(const EpochRow& epoch) override;
  std::vector<StayRow> stays(const EpochRow& epoch) override;
  void save_stay(const EpochRow& epoch, const StayRow& stay) override;
  void remove_stay(const EpochRow& epoch, const StayRow& stay) override;

 private:
  PostgresDatabase& database_;
};

void PostgresEpochs::save(const EpochRow& epoch) {
  const auto row = database_.query(
      "INSERT INTO epoch AS e VALUES ($1::bytea, $2::bytea, $3::bigint, $4::pg_lsn, $5::bigint, "
      "$6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::bigint, $11::bytea, $12::bytea, "
      "$13::bytea) "
      "ON CONFLICT (name, tbl, epoch) DO UPDATE SET lsn = greatest(e.lsn, excluded.lsn), "
      "lsn_time = CASE WHEN excluded.lsn > e.lsn THEN excluded.lsn_time ELSE e.lsn_time END, "
      "newest = greatest(e.newest, excluded.newest), "
      "standing = CASE WHEN $14::bigint = 2 OR ($14::bigint = 1 AND e.standing <> 3) "
      "THEN excluded.standing ELSE e.standing END, heartbeat = greatest(e.heartbeat, "
      "excluded.heartbeat), "
      "system = CASE WHEN excluded.system = 0 THEN e.system ELSE excluded.system END, "
      "db = CASE WHEN excluded.system = 0 THEN e.db ELSE excluded.db END, "
      "publication = CASE WHEN excluded.system = 0 THEN e.publication "
      "ELSE excluded.publication END, "
      "follows = CASE WHEN excluded.system = 0 THEN e.follows ELSE excluded.follows END "
      "RETURNING lsn = $4::pg_lsn AND lsn_time <> $5::bigint",
      key_of(epoch)
          .number(signed_of(epoch.lsn.value))
          .number(stored(epoch.lsn_time))
          .number(stored(epoch.newest))
          .number(static_cast<std::int64_t>(epoch.standing))
          .number(epoch.since.count())
          .number(epoch.heartbeat.count())
          .number(signed_of(epoch.identity.system))
          .bytes(epoch.identity.database)
          .bytes(epoch.identity.publication)
          .bytes(encode_follows(epoch.identity.follows))
          .number(static_cast<std::int64_t>(epoch.decided)));
  if (!row.empty() && row.flag(0, 0))
    database_.fail_with(ErrorKind::contended,
                        "another instance has just seen this position with another commit time");
}

std::vector<StayRow> PostgresEpochs::stays(const EpochRow& epoch) {
  const auto rows = database_.query(
      "SELECT instance, session, from_lsn, to_lsn FROM stay "
      "WHERE name = $1::bytea AND tbl = $2::bytea AND epoch = $3::bigint",
      key_of(epoch));
  std::vector<StayRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows.bytes(i, 0), static_cast<std::uint64_t>(rows.number(i, 1)),
                     lsn_at(rows, i, 2), lsn_at(rows, i, 3)});
  return found;
}

void PostgresEpochs::save_stay(const EpochRow& epoch, const StayRow& stay) {
  database_.query(
      "INSERT INTO stay AS s VALUES ($1::bytea, $2::bytea, $3::bigint, $4::bytea, $5::bigint, "
      "$6::pg_lsn, $7::pg_lsn) ON CONFLICT (name, tbl, epoch, instance, session) DO UPDATE SET "
      "to_lsn = greatest(s.to_lsn, excluded.to_lsn)",
      key_of(epoch)
          .bytes(stay.instance)
          .number(signed_of(stay.session))
          .number(signed_of(stay.from.value))
          .number(signed_of(stay.to.value)));
}

void PostgresEpochs::remove_stay(const EpochRow& epoch, const StayRow& stay) {
  database_.query(
      "DELETE FROM stay WHERE name = $1::bytea AND tbl = $2::bytea AND epoch = $3::bigint "
      "AND instance = $4::bytea AND session = $5::bigint",
      key_of(epoch).bytes(stay.instance).number(signed_of(stay.session)));
}

}  // namespace

std::unique_ptr<EpochStore> make_postgres_epochs(PostgresUnit& unit) {
  return std::make_unique<PostgresEpochs>(unit);
}

}  // namespace walpulse::monitor
