#include <string>
#include <utility>

#include "monitor/storage/outbox_codec.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteNotices final : public NoticeStore {
 public:
  explicit SqliteNotices(SqliteDatabase& database) : database_(database) {}

  std::int64_t add(const Notice& notice) override {
    const std::string body = encode_problem(notice.problem);
    auto query = database_.query(
        "INSERT INTO notice (channel, target, phase, problem, noted, delivery, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)");
    query.bind_text(notice.channel)
        .bind_text(notice.target)
        .bind(static_cast<std::int64_t>(notice.phase))
        .bind(notice.problem.id)
        .bind(stored(notice.noted));
    notice.delivery ? query.bind(*notice.delivery) : query.bind_null();
    query.bind_bytes(body).run();
    return database_.last_insert_id();
  }
  std::vector<Notice> waiting(const std::string& channel, std::size_t count_max,
                              std::int64_t after) override {
    auto rows = database_.query(
        "SELECT id, channel, phase, noted, delivery, body, target FROM notice "
        "WHERE delivery IS NULL AND channel = ? AND id > ? ORDER BY id LIMIT ?");
    rows.bind_text(channel).bind(after).bind(static_cast<std::int64_t>(count_max));
    return read(rows);
  }
  std::size_t waiting_of(std::span<const std::int64_t> ids) override {
    std::size_t count = 0;
    for (const std::int64_t id : ids) {
      auto row = database_.query("SELECT delivery IS NULL FROM notice WHERE id = ?");
      row.bind(id);
      if (row.step() && row.number(0) != 0) ++count;
    }
    return count;
  }
  std::vector<Waiting> channels() override {
    auto rows = database_.query(
        "SELECT channel, count(*), min(noted) FROM notice WHERE delivery IS NULL "
        "GROUP BY channel ORDER BY channel");
    std::vector<Waiting> found;
    while (rows.step())
      found.push_back({std::string(rows.bytes(0)), rows.number(1), restored(rows.number(2))});
    return found;
  }
  void attach(std::span<const std::int64_t> ids, std::int64_t delivery) override {
    for (const std::int64_t id : ids)
      database_.query("UPDATE notice SET delivery = ? WHERE id = ?").bind(delivery).bind(id).run();
  }
  bool is_outdated(std::int64_t delivery) override {
    auto row = database_.query(
        "SELECT count(*) FILTER (WHERE told.problem <> 0 AND told.phase <> 1 AND open.id IS NULL), "
        "count(*) FROM notice told LEFT JOIN problem open ON open.id = told.problem "
        "AND open.closed IS NULL WHERE told.delivery = ?");
    row.bind(delivery);
    return row.step() && row.number(1) != 0 && row.number(0) == row.number(1);
  }
  std::vector<Notice> of_problem(std::int64_t problem) override {
    auto rows = database_.query(
        "SELECT id, channel, phase, noted, delivery, body, target FROM notice WHERE problem = ? "
        "ORDER BY id");
    rows.bind(problem);
    return read(rows);
  }
  std::vector<Notice> newest_of(std::span<const std::int64_t> problems,
                                std::size_t count_max) override;
  std::size_t remove(Timestamp noted_before, std::size_t count_max) override {
    database_
        .query(
            "DELETE FROM notice WHERE id IN (SELECT id FROM notice n WHERE noted < ? AND NOT "
            "EXISTS "
            "(SELECT 1 FROM problem WHERE id = n.problem AND closed IS NULL) "
            "ORDER BY noted LIMIT ?)")
        .bind(stored(noted_before))
        .bind(static_cast<std::int64_t>(count_max))
        .run();
    return database_.rows_written();
  }

 private:
  std::vector<Notice> read(SqliteQuery& rows);

  SqliteDatabase& database_;
};

std::vector<Notice> SqliteNotices::newest_of(std::span<const std::int64_t> problems,
                                             std::size_t count_max) {
  std::vector<Notice> found;
  for (const std::int64_t problem : problems) {
    auto rows = database_.query(
        "SELECT id, channel, phase, noted, delivery, target FROM notice WHERE problem = ? "
        "ORDER BY id DESC LIMIT ?");
    rows.bind(problem).bind(static_cast<std::int64_t>(count_max));
    while (rows.step()) {
      const auto phase = stored_phase(rows.number(2));
      if (!phase) {
        database_.corrupt("notice");
        return {};
      }
      Notice& notice = found.emplace_back();
      notice.id = rows.number(0);
      notice.channel = rows.bytes(1);
      notice.phase = *phase;
      notice.problem.id = problem;
      notice.noted = restored(rows.number(3));
      if (!rows.is_null(4)) notice.delivery = rows.number(4);
      notice.target = rows.bytes(5);
    }
  }
  return found;
}

std::vector<Notice> SqliteNotices::read(SqliteQuery& rows) {
  std::vector<Notice> found;
  while (rows.step()) {
    const auto phase = stored_phase(rows.number(2));
    auto problem = decode_problem(rows.bytes(5));
    if (!phase || !problem) {
      database_.corrupt("notice");
      return {};
    }
    Notice& notice = found.emplace_back();
    notice.id = rows.number(0);
    notice.channel = rows.bytes(1);
    notice.target = rows.bytes(6);
    notice.phase = *phase;
    notice.noted = restored(rows.number(3));
    if (!rows.is_null(4)) notice.delivery = rows.number(4);
    notice.problem = *std::move(problem);
  }
  return found;
}

}  // namespace

std::unique_ptr<NoticeStore> make_sqlite_notices(SqliteDatabase& database) {
  return std::make_unique<SqliteNotices>(database);
}

}  // namespace walpulse::monitor
