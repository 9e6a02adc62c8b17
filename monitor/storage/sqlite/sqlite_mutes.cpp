#include <string>
#include <utility>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteMutes final : public MuteStore {
 public:
  explicit SqliteMutes(SqliteDatabase& database) : database_(database) {}

  std::vector<Mute> in_force(Timestamp now) override;
  std::vector<Mute> all(std::size_t count_max) override;
  std::int64_t save(const Mute& mute) override;

 private:
  std::vector<Mute> read(SqliteQuery& rows);

  SqliteDatabase& database_;
};

std::vector<Mute> SqliteMutes::in_force(Timestamp now) {
  auto rows = database_.query(
      "SELECT id, source, pipeline, labels, problem, reason, created_by, created, until, ended, "
      "ended_by FROM mute WHERE ended IS NULL AND (until IS NULL OR until > ?) ORDER BY id DESC");
  rows.bind(stored(now));
  return read(rows);
}

std::vector<Mute> SqliteMutes::all(std::size_t count_max) {
  auto rows = database_.query(
      "SELECT id, source, pipeline, labels, problem, reason, created_by, created, until, ended, "
      "ended_by FROM mute ORDER BY id DESC LIMIT ?");
  rows.bind(static_cast<std::int64_t>(count_max));
  return read(rows);
}

std::vector<Mute> SqliteMutes::read(SqliteQuery& rows) {
  const auto instant_at = [&rows](int column) {
    return rows.is_null(column) ? std::nullopt : std::optional(restored(rows.number(column)));
  };
  std::vector<Mute> found;
  while (rows.step()) {
    auto labels = decode_labels(rows.bytes(3));
    if (!labels) {
      database_.corrupt("mute");
      return {};
    }
    Mute& mute = found.emplace_back();
    mute.id = rows.number(0);
    mute.source = rows.bytes(1);
    mute.pipeline = rows.bytes(2);
    mute.labels = *std::move(labels);
    if (!rows.is_null(4)) mute.problem = rows.number(4);
    mute.reason = rows.bytes(5);
    mute.created_by = rows.bytes(6);
    mute.created = restored(rows.number(7));
    mute.until = instant_at(8);
    mute.ended = instant_at(9);
    mute.ended_by = rows.bytes(10);
  }
  return found;
}

std::int64_t SqliteMutes::save(const Mute& mute) {
  const std::string labels = encode_labels(mute.labels);
  auto query = database_.query(
      "INSERT INTO mute (id, source, pipeline, labels, problem, reason, created_by, created, "
      "until, ended, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO "
      "UPDATE SET reason = excluded.reason, until = excluded.until, "
      "ended_by = CASE WHEN ended IS NULL THEN excluded.ended_by ELSE ended_by END, "
      "ended = coalesce(ended, excluded.ended)");
  const auto bind_instant = [&query](const std::optional<Timestamp>& instant) {
    instant ? query.bind(stored(*instant)) : query.bind_null();
  };
  mute.id == 0 ? query.bind_null() : query.bind(mute.id);
  query.bind_text(mute.source).bind_text(mute.pipeline).bind_bytes(labels);
  mute.problem ? query.bind(*mute.problem) : query.bind_null();
  query.bind_text(mute.reason).bind_text(mute.created_by).bind(stored(mute.created));
  bind_instant(mute.until);
  bind_instant(mute.ended);
  query.bind_text(mute.ended_by).run();
  return mute.id == 0 ? database_.last_insert_id() : mute.id;
}

}  // namespace

std::unique_ptr<MuteStore> make_sqlite_mutes(SqliteDatabase& database) {
  return std::make_unique<SqliteMutes>(database);
}

}  // namespace walpulse::monitor
