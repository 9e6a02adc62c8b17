#include <string>
#include <utility>

#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite_storage.h"

namespace walpulse::monitor {

void SqliteStorage::add_rejected(const Rejected& message) {
  const std::string attributes = encode_attributes(message.attributes);
  auto query = database_->query(
      "INSERT OR IGNORE INTO rejected (message_id, received, reason, data, attributes) "
      "VALUES (?, ?, ?, ?, ?)");
  if (message.message_id.empty()) {  // NULLs are never equal: those without an id are all kept
    query.bind_null();
  } else {
    query.bind_text(message.message_id);
  }
  query.bind(stored(message.received))
      .bind_text(message.reason)
      .bind_bytes(message.data)
      .bind_bytes(attributes)
      .run();
}

std::vector<Rejected> SqliteStorage::rejected(std::int64_t after, std::size_t count_max) {
  auto rows = database_->query(
      "SELECT id, message_id, received, reason, data, attributes FROM rejected WHERE id > ? "
      "ORDER BY id LIMIT ?");
  rows.bind(after).bind(static_cast<std::int64_t>(count_max));
  return read_rejected(rows);
}

std::vector<Rejected> SqliteStorage::unforwarded(std::size_t count_max) {
  auto rows = database_->query(
      "SELECT id, message_id, received, reason, data, attributes FROM rejected "
      "WHERE forwarded = 0 ORDER BY id LIMIT ?");
  rows.bind(static_cast<std::int64_t>(count_max));
  return read_rejected(rows);
}

std::vector<Rejected> SqliteStorage::read_rejected(SqliteQuery& rows) {
  std::vector<Rejected> found;
  while (rows.step()) {
    auto attributes = decode_attributes(rows.bytes(5));
    if (!attributes) corrupt("rejected message");
    found.push_back({rows.number(0), std::string(rows.bytes(1)), restored(rows.number(2)),
                     std::string(rows.bytes(3)), std::string(rows.bytes(4)),
                     attributes.value_or(schema::Attributes{})});
  }
  return found;
}

void SqliteStorage::mark_forwarded(std::span<const std::int64_t> ids) {
  for (const std::int64_t id : ids)
    database_->query("UPDATE rejected SET forwarded = 1 WHERE id = ?").bind(id).run();
}

void SqliteStorage::remove_rejected(std::span<const std::int64_t> ids) {
  for (const std::int64_t id : ids)
    database_->query("DELETE FROM rejected WHERE id = ?").bind(id).run();
}

}  // namespace walpulse::monitor
