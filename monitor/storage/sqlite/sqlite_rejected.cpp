#include <string>
#include <utility>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

class SqliteRejected final : public RejectedStore {
 public:
  explicit SqliteRejected(SqliteDatabase& database) : database_(database) {}

  void add(const Rejected& message) override;
  std::vector<Rejected> after(std::int64_t after, std::size_t count_max) override;
  std::vector<Rejected> unforwarded(std::size_t count_max) override;
  void mark_forwarded(std::span<const std::int64_t> ids) override;
  void remove(std::span<const std::int64_t> ids) override;
  RejectedTotals totals() override;
  std::vector<RejectedSize> first_to_go(std::size_t count_max) override;
  std::vector<RejectedSize> received_before(Timestamp instant, std::size_t count_max) override;

 private:
  std::vector<Rejected> read(SqliteQuery& rows);
  std::vector<RejectedSize> read_sizes(SqliteQuery& rows);

  SqliteDatabase& database_;
};

void SqliteRejected::add(const Rejected& message) {
  const std::string attributes = encode_attributes(message.attributes);
  auto query = database_.query(
      "INSERT OR IGNORE INTO rejected (message_id, received, reason, data, attributes, bytes) "
      "VALUES (?, ?, ?, ?, ?, ?)");
  if (message.message_id.empty()) {  // NULLs are never equal: those without an id are all kept
    query.bind_null();
  } else {
    query.bind_text(message.message_id);
  }
  query.bind(stored(message.received))
      .bind_text(message.reason)
      .bind_bytes(message.data)
      .bind_bytes(attributes)
      .bind(kept_bytes(message))
      .run();
}

std::vector<Rejected> SqliteRejected::after(std::int64_t after, std::size_t count_max) {
  auto rows = database_.query(
      "SELECT id, message_id, received, reason, data, attributes FROM rejected WHERE id > ? "
      "ORDER BY id LIMIT ?");
  rows.bind(after).bind(static_cast<std::int64_t>(count_max));
  return read(rows);
}

std::vector<Rejected> SqliteRejected::unforwarded(std::size_t count_max) {
  auto rows = database_.query(
      "SELECT id, message_id, received, reason, data, attributes FROM rejected "
      "WHERE forwarded = 0 ORDER BY id LIMIT ?");
  rows.bind(static_cast<std::int64_t>(count_max));
  return read(rows);
}

std::vector<Rejected> SqliteRejected::read(SqliteQuery& rows) {
  std::vector<Rejected> found;
  while (rows.step()) {
    auto attributes = decode_attributes(rows.bytes(5));
    if (!attributes) database_.corrupt("rejected message");
    found.push_back({rows.number(0), std::string(rows.bytes(1)), restored(rows.number(2)),
                     std::string(rows.bytes(3)), std::string(rows.bytes(4)),
                     attributes.value_or(schema::Attributes{})});
  }
  return found;
}

void SqliteRejected::mark_forwarded(std::span<const std::int64_t> ids) {
  for (const std::int64_t id : ids)
    database_.query("UPDATE rejected SET forwarded = 1 WHERE id = ?").bind(id).run();
}

void SqliteRejected::remove(std::span<const std::int64_t> ids) {
  for (const std::int64_t id : ids)
    database_.query("DELETE FROM rejected WHERE id = ?").bind(id).run();
}

RejectedTotals SqliteRejected::totals() {
  auto row = database_.query("SELECT count(*), coalesce(sum(bytes), 0) FROM rejected");
  if (!row.step()) return {};
  return {row.number(0), row.number(1)};
}

std::vector<RejectedSize> SqliteRejected::first_to_go(std::size_t count_max) {
  auto rows = database_.query(
      "SELECT id, bytes, forwarded FROM rejected ORDER BY forwarded DESC, id LIMIT ?");
  rows.bind(static_cast<std::int64_t>(count_max));
  return read_sizes(rows);
}

std::vector<RejectedSize> SqliteRejected::received_before(Timestamp instant,
                                                          std::size_t count_max) {
  auto rows = database_.query(
      "SELECT id, bytes, forwarded FROM rejected WHERE received < ? ORDER BY received LIMIT ?");
  rows.bind(stored(instant)).bind(static_cast<std::int64_t>(count_max));
  return read_sizes(rows);
}

std::vector<RejectedSize> SqliteRejected::read_sizes(SqliteQuery& rows) {
  std::vector<RejectedSize> found;
  while (rows.step()) found.push_back({rows.number(0), rows.number(1), rows.number(2) != 0});
  return found;
}

}  // namespace

std::unique_ptr<RejectedStore> make_sqlite_rejected(SqliteDatabase& database) {
  return std::make_unique<SqliteRejected>(database);
}

}  // namespace walpulse::monitor
