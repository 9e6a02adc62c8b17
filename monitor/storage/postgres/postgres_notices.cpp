#include <string>
#include <utility>

#include "monitor/storage/outbox_codec.h"
#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

/// PostgreSQL's single values carry no nulls here: no delivery has this id.
constexpr std::int64_t kNoDelivery = INT64_MIN;

class PostgresNotices final : public NoticeStore {
 public:
  explicit PostgresNotices(PostgresUnit& unit) : database_(unit.database) {}

  std::int64_t add(const Notice& notice) override;
  std::vector<Notice> waiting(const std::string& channel, std::size_t count_max,
                              std::int64_t after) override {
    return read(
        database_.query("SELECT id, channel, phase, noted, delivery, body, target FROM notice "
                        "WHERE delivery IS NULL AND channel = $1::bytea AND id > $3::bigint "
                        "ORDER BY id LIMIT $2::bigint",
                        PostgresValues()
                            .bytes(channel)
                            .number(static_cast<std::int64_t>(count_max))
                            .number(after)));
  }
  std::size_t waiting_of(std::span<const std::int64_t> ids) override {
    const auto row = database_.query(
        "SELECT count(*) FROM notice WHERE delivery IS NULL AND id = ANY ($1::bigint[])",
        PostgresValues().array(array_of(ids)));
    return row.empty() ? 0 : static_cast<std::size_t>(row.number(0, 0));
  }
  std::vector<Waiting> channels() override {
    const auto rows = database_.query(
        "SELECT channel, count(*), min(noted) FROM notice WHERE delivery IS NULL "
        "GROUP BY channel ORDER BY channel");
    std::vector<Waiting> found;
    found.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      found.push_back({rows.bytes(i, 0), rows.number(i, 1), restored(rows.number(i, 2))});
    return found;
  }
  void attach(std::span<const std::int64_t> ids, std::int64_t delivery) override {
    if (ids.empty()) return;
    database_.query("UPDATE notice SET delivery = $2::bigint WHERE id = ANY ($1::bigint[])",
                    PostgresValues().array(array_of(ids)).number(delivery));
  }
  bool is_outdated(std::int64_t delivery) override {
    const auto row = database_.query(
        "SELECT count(*) FILTER (WHERE told.problem <> 0 AND told.phase <> 1 AND open.id IS NULL), "
        "count(*) FROM notice told LEFT JOIN problem open ON open.id = told.problem "
        "AND open.closed IS NULL WHERE told.delivery = $1::bigint",
        PostgresValues().number(delivery));
    return !row.empty() && row.number(0, 1) != 0 && row.number(0, 0) == row.number(0, 1);
  }
  std::vector<Notice> of_problem(std::int64_t problem) override {
    return read(
        database_.query("SELECT id, channel, phase, noted, delivery, body, target FROM notice "
                        "WHERE problem = $1::bigint ORDER BY id",
                        PostgresValues().number(problem)));
  }
  std::vector<Notice> newest_of(std::span<const std::int64_t> problems,
                                std::size_t count_max) override;
  std::size_t remove(Timestamp noted_before, std::size_t count_max) override {
    const auto row = database_.query(
        "WITH removed AS (DELETE FROM notice WHERE id IN (SELECT id FROM notice n "
        "WHERE noted < $1::bigint "
        "AND NOT EXISTS (SELECT 1 FROM problem WHERE id = n.problem AND closed IS NULL) "
        "ORDER BY noted LIMIT $2::bigint) RETURNING id) "
        "SELECT count(*) FROM removed",
        PostgresValues().number(stored(noted_before)).number(static_cast<std::int64_t>(count_max)));
    return row.empty() ? 0 : static_cast<std::size_t>(row.number(0, 0));
  }

 private:
  static PostgresArray array_of(std::span<const std::int64_t> ids) {
    PostgresArray array(PostgresArray::Type::number);
    for (const std::int64_t id : ids) array.add(id);
    return array;
  }
  std::vector<Notice> read(const PostgresRows& rows);

  PostgresDatabase& database_;
};

std::int64_t PostgresNotices::add(const Notice& notice) {
  const auto rows = database_.query(
      "INSERT INTO notice (channel, phase, problem, noted, delivery, body, target) VALUES "
      "($1::bytea, $2::bigint, $3::bigint, $4::bigint, nullif($5::bigint, $6::bigint), $7::bytea, "
      "$8::bytea) RETURNING id",
      PostgresValues()
          .bytes(notice.channel)
          .number(static_cast<std::int64_t>(notice.phase))
          .number(notice.problem.id)
          .number(stored(notice.noted))
          .number(notice.delivery.value_or(kNoDelivery))
          .number(kNoDelivery)
          .bytes(encode_problem(notice.problem))
          .bytes(notice.target));
  return rows.empty() ? 0 : rows.number(0, 0);  // empty where an error latched
}

std::vector<Notice> PostgresNotices::newest_of(std::span<const std::int64_t> problems,
                                               std::size_t count_max) {
  if (problems.empty()) return {};
  PostgresArray array(PostgresArray::Type::number);
  for (const std::int64_t problem : problems) array.add(problem);
  const auto rows = database_.query(
      "SELECT n.id, n.channel, n.phase, n.noted, n.delivery, n.target, p.id "
      "FROM unnest($1::bigint[]) AS p (id) CROSS JOIN LATERAL (SELECT * FROM notice "
      "WHERE problem = p.id ORDER BY id DESC LIMIT $2::bigint) AS n ORDER BY p.id, n.id DESC",
      PostgresValues().array(array).number(static_cast<std::int64_t>(count_max)));
  std::vector<Notice> found(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto phase = stored_phase(rows.number(i, 2));
    if (!phase) {
      database_.corrupt("notice");
      return {};
    }
    Notice& notice = found[i];
    notice.id = rows.number(i, 0);
    notice.channel = rows.bytes(i, 1);
    notice.phase = *phase;
    notice.problem.id = rows.number(i, 6);
    notice.noted = restored(rows.number(i, 3));
    if (!rows.is_null(i, 4)) notice.delivery = rows.number(i, 4);
    notice.target = rows.bytes(i, 5);
  }
  return found;
}

std::vector<Notice> PostgresNotices::read(const PostgresRows& rows) {
  std::vector<Notice> found(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto phase = stored_phase(rows.number(i, 2));
    auto problem = decode_problem(rows.bytes(i, 5));
    if (!phase || !problem) {
      database_.corrupt("notice");
      return {};
    }
    Notice& notice = found[i];
    notice.id = rows.number(i, 0);
    notice.channel = rows.bytes(i, 1);
    notice.target = rows.bytes(i, 6);
    notice.phase = *phase;
    notice.noted = restored(rows.number(i, 3));
    if (!rows.is_null(i, 4)) notice.delivery = rows.number(i, 4);
    notice.problem = *std::move(problem);
  }
  return found;
}

}  // namespace

std::unique_ptr<NoticeStore> make_postgres_notices(PostgresUnit& unit) {
  return std::make_unique<PostgresNotices>(unit);
}

}  // namespace walpulse::monitor
