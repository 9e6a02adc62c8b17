#include <string>
#include <utility>

#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

/// PostgreSQL's arrays carry nulls, its single values here do not: no instant and no id is this.
constexpr std::int64_t kNoNumber = INT64_MIN;

std::int64_t number_or_none(const std::optional<Timestamp>& instant) {
  return instant ? stored(*instant) : kNoNumber;
}

class PostgresMutes final : public MuteStore {
 public:
  explicit PostgresMutes(PostgresUnit& unit) : database_(unit.database) {}

  std::vector<Mute> in_force(Timestamp now) override {
    return read(database_.query(
        "SELECT id, source, pipeline, labels, problem, reason, created_by, created, until, ended, "
        "ended_by FROM mute WHERE ended IS NULL AND (until IS NULL OR until > $1::bigint) "
        "ORDER BY id DESC",
        PostgresValues().number(stored(now))));
  }
  std::vector<Mute> all(std::size_t count_max) override {
    return read(database_.query(
        "SELECT id, source, pipeline, labels, problem, reason, created_by, created, until, ended, "
        "ended_by FROM mute ORDER BY id DESC LIMIT $1::bigint",
        PostgresValues().number(static_cast<std::int64_t>(count_max))));
  }
  std::int64_t save(const Mute& mute) override;

 private:
  std::vector<Mute> read(const PostgresRows& rows);

  PostgresDatabase& database_;
};

std::vector<Mute> PostgresMutes::read(const PostgresRows& rows) {
  std::vector<Mute> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto instant_at = [&](std::size_t column) {
      return rows.is_null(i, column) ? std::nullopt
                                     : std::optional(restored(rows.number(i, column)));
    };
    auto labels = decode_labels(rows.bytes(i, 3));
    if (!labels) {
      database_.corrupt("mute");
      return {};
    }
    Mute& mute = found.emplace_back();
    mute.id = rows.number(i, 0);
    mute.source = rows.bytes(i, 1);
    mute.pipeline = rows.bytes(i, 2);
    mute.labels = *std::move(labels);
    if (!rows.is_null(i, 4)) mute.problem = rows.number(i, 4);
    mute.reason = rows.bytes(i, 5);
    mute.created_by = rows.bytes(i, 6);
    mute.created = restored(rows.number(i, 7));
    mute.until = instant_at(8);
    mute.ended = instant_at(9);
    mute.ended_by = rows.bytes(i, 10);
  }
  return found;
}

std::int64_t PostgresMutes::save(const Mute& mute) {
  if (mute.id != 0) {
    database_.query(
        "UPDATE mute SET reason = $2::bytea, until = nullif($3::bigint, $6::bigint), "
        "ended_by = CASE WHEN ended IS NULL THEN $5::bytea ELSE ended_by END, "
        "ended = coalesce(ended, nullif($4::bigint, $6::bigint)) WHERE id = $1::bigint",
        PostgresValues()
            .number(mute.id)
            .bytes(mute.reason)
            .number(number_or_none(mute.until))
            .number(number_or_none(mute.ended))
            .bytes(mute.ended_by)
            .number(kNoNumber));
    return mute.id;
  }
  const auto rows = database_.query(
      "INSERT INTO mute (source, pipeline, labels, problem, reason, created_by, created, until, "
      "ended, ended_by) VALUES ($1::bytea, $2::bytea, $3::bytea, nullif($4::bigint, $11::bigint), "
      "$5::bytea, $6::bytea, $7::bigint, nullif($8::bigint, $11::bigint), "
      "nullif($9::bigint, $11::bigint), $10::bytea) RETURNING id",
      PostgresValues()
          .bytes(mute.source)
          .bytes(mute.pipeline)
          .bytes(encode_labels(mute.labels))
          .number(mute.problem.value_or(kNoNumber))
          .bytes(mute.reason)
          .bytes(mute.created_by)
          .number(stored(mute.created))
          .number(number_or_none(mute.until))
          .number(number_or_none(mute.ended))
          .bytes(mute.ended_by)
          .number(kNoNumber));
  return rows.empty() ? 0 : rows.number(0, 0);  // empty where an error latched
}

}  // namespace

std::unique_ptr<MuteStore> make_postgres_mutes(PostgresUnit& unit) {
  return std::make_unique<PostgresMutes>(unit);
}

}  // namespace walpulse::monitor
