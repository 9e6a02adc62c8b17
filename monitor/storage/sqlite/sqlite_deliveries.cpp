#include <string>
#include <utility>

#include "monitor/storage/outbox_codec.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/sqlite/sqlite_stores.h"

namespace walpulse::monitor {
namespace {

/// `head` marks the oldest of a channel and subject that waits, so that however many wait behind it
/// are never read.
class SqliteDeliveries final : public DeliveryStore {
 public:
  explicit SqliteDeliveries(SqliteDatabase& database) : database_(database) {}

  std::int64_t save(const Delivery& delivery) override;
  std::vector<Delivery> due(const std::string& channel, Timestamp now,
                            std::size_t count_max) override {
    auto rows = database_.query(
        "SELECT id, kind, state, channel, subject, key, content, what, created, due, attempts, "
        "repeated, ended, answer, expires FROM delivery WHERE head = 1 AND channel = ? AND due <= "
        "? "
        "ORDER BY due, id LIMIT ?");
    rows.bind_text(channel).bind(stored(now)).bind(static_cast<std::int64_t>(count_max));
    return read_all(rows);
  }
  std::optional<Delivery> find(std::int64_t id) override {
    auto rows = database_.query(
        "SELECT id, kind, state, channel, subject, key, content, what, created, due, attempts, "
        "repeated, ended, answer, expires FROM delivery WHERE id = ?");
    rows.bind(id);
    auto found = read_all(rows);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }
  std::vector<Delivery> find_all(std::span<const std::int64_t> ids) override;
  std::vector<Delivery> list(const DeliveriesAsked& asked) override;
  std::vector<DeliveryCount> counts() override;
  std::optional<Timestamp> last_sent(const std::string& channel) override {
    auto row = database_.query("SELECT max(ended) FROM delivery WHERE state = 1 AND channel = ?");
    row.bind_text(channel);
    return row.step() && !row.is_null(0) ? std::optional(restored(row.number(0))) : std::nullopt;
  }
  std::vector<LastSent> sent_to(std::size_t count_max) override;
  std::vector<Delivery> given_up(const std::string& channel, std::size_t count_max) override {
    auto rows = database_.query(
        "SELECT id, kind, state, channel, subject, key, '', what, created, due, attempts, "
        "repeated, ended, answer, expires FROM delivery WHERE state = 2 AND channel = ? "
        "ORDER BY ended DESC, id DESC LIMIT ?");
    rows.bind_text(channel).bind(static_cast<std::int64_t>(count_max));
    return read_all(rows);
  }
  std::optional<Delivery> failing(const std::string& channel) override {
    auto rows = database_.query(
        "SELECT * FROM (SELECT id, kind, state, channel, subject, key, '', what, created, due, "
        "attempts, repeated, ended, answer, expires FROM delivery WHERE head = 1 AND channel = ? "
        "ORDER BY due DESC, id DESC LIMIT ?) WHERE attempts > 0 AND answer <> '' "
        "ORDER BY due DESC, id DESC LIMIT 1");
    rows.bind_text(channel).bind(static_cast<std::int64_t>(kFailingLookedAt));
    auto found = read_all(rows);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }
  std::optional<Timestamp> last_message(const std::string& channel,
                                        const std::string& subject) override {
    auto row = database_.query(
        "SELECT max(created) FROM delivery WHERE kind = 0 AND channel = ? AND subject = ?");
    row.bind_text(channel).bind_text(subject);
    return row.step() && !row.is_null(0) ? std::optional(restored(row.number(0))) : std::nullopt;
  }
  std::int64_t calls_since(const std::string& channel, const std::string& key_begin,
                           Timestamp since) override {
    auto row = database_.query(
        "SELECT count(*) FROM delivery WHERE kind = 1 AND channel = ?1 AND created >= ?2 "
        "AND state NOT IN (3, 4) AND substr(key, 1, length(?3)) = ?3");
    row.bind_text(channel).bind(stored(since)).bind_text(key_begin);
    return row.step() ? row.number(0) : 0;
  }
  std::size_t remove(Timestamp ended_before, std::size_t count_max) override {
    database_
        .query(
            "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE ended < ? "
            "ORDER BY ended LIMIT ?)")
        .bind(stored(ended_before))
        .bind(static_cast<std::int64_t>(count_max))
        .run();
    return database_.rows_written();
  }

 private:
  std::int64_t insert(const Delivery& delivery);
  void update(const Delivery& delivery);
  void mark_head(const Delivery& delivery);
  std::vector<Delivery> read_all(SqliteQuery& rows);

  SqliteDatabase& database_;
};

std::int64_t SqliteDeliveries::insert(const Delivery& delivery) {
  auto query = database_.query(
      "INSERT INTO delivery (kind, state, head, channel, subject, key, content, what, created, "
      "due, attempts, repeated, ended, answer, expires) "
      "VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  query.bind(static_cast<std::int64_t>(delivery.kind))
      .bind(static_cast<std::int64_t>(delivery.state))
      .bind_text(delivery.channel)
      .bind_text(delivery.subject)
      .bind_text(delivery.key)
      .bind_text(delivery.content)
      .bind_text(delivery.of)
      .bind(stored(delivery.created))
      .bind(stored(delivery.due))
      .bind(delivery.attempts);
  delivery.repeated ? query.bind(stored(*delivery.repeated)) : query.bind_null();
  delivery.ended ? query.bind(stored(*delivery.ended)) : query.bind_null();
  query.bind_text(delivery.answer);
  delivery.expires ? query.bind(stored(*delivery.expires)) : query.bind_null();
  query.run();
  return database_.last_insert_id();
}

void SqliteDeliveries::update(const Delivery& delivery) {
  auto query = database_.query(
      "UPDATE delivery SET state = ?, head = head AND ?, due = ?, attempts = ?, repeated = ?, "
      "ended = ?, "
      "answer = ?, expires = ? WHERE id = ?");
  query.bind(static_cast<std::int64_t>(delivery.state))
      .bind(delivery.state == Delivery::State::waiting)
      .bind(stored(delivery.due))
      .bind(delivery.attempts);
  delivery.repeated ? query.bind(stored(*delivery.repeated)) : query.bind_null();
  delivery.ended ? query.bind(stored(*delivery.ended)) : query.bind_null();
  query.bind_text(delivery.answer);
  delivery.expires ? query.bind(stored(*delivery.expires)) : query.bind_null();
  query.bind(delivery.id).run();
}

/// The oldest is the head, the next is not: no write moves more than these two.
void SqliteDeliveries::mark_head(const Delivery& delivery) {
  database_
      .query(
          "UPDATE delivery SET head = (id = (SELECT min(id) FROM delivery WHERE state = 0 AND "
          "channel = ?1 AND subject = ?2)) WHERE id IN (SELECT id FROM delivery "
          "WHERE state = 0 AND channel = ?1 AND subject = ?2 ORDER BY id LIMIT 2)")
      .bind_text(delivery.channel)
      .bind_text(delivery.subject)
      .run();
}

std::int64_t SqliteDeliveries::save(const Delivery& delivery) {
  std::int64_t id = delivery.id;
  if (id == 0) {
    id = insert(delivery);
  } else {
    update(delivery);
  }
  mark_head(delivery);
  return id;
}

std::vector<Delivery> SqliteDeliveries::find_all(std::span<const std::int64_t> ids) {
  std::vector<Delivery> found;
  found.reserve(ids.size());
  for (const std::int64_t id : ids) {
    auto rows = database_.query(
        "SELECT id, kind, state, channel, subject, key, '', what, created, due, attempts, "
        "repeated, ended, answer, expires FROM delivery WHERE id = ?");
    rows.bind(id);
    for (Delivery& each : read_all(rows)) found.push_back(std::move(each));
  }
  return found;
}

std::vector<Delivery> SqliteDeliveries::list(const DeliveriesAsked& asked) {
  auto rows = database_.query(
      "SELECT id, kind, state, channel, subject, key, content, what, created, due, attempts, "
      "repeated, ended, answer, expires FROM delivery WHERE id < ?1 AND (?2 < 0 OR state = ?2) "
      "AND (?3 IS NULL OR channel = ?3) ORDER BY id DESC LIMIT ?4");
  rows.bind(asked.before.value_or(INT64_MAX))
      .bind(asked.state ? static_cast<int>(*asked.state) : -1);
  asked.channel ? rows.bind_text(*asked.channel) : rows.bind_null();
  rows.bind(static_cast<std::int64_t>(asked.count_max));
  return read_all(rows);
}

std::vector<DeliveryCount> SqliteDeliveries::counts() {
  auto rows = database_.query(
      "SELECT channel, 0, count(*), min(created) FROM delivery WHERE state = 0 GROUP BY channel "
      "UNION ALL SELECT channel, 2, count(*), min(ended) FROM delivery WHERE state = 2 "
      "GROUP BY channel ORDER BY 1, 2");
  std::vector<DeliveryCount> found;
  while (rows.step())
    found.push_back({std::string(rows.bytes(0)), static_cast<Delivery::State>(rows.number(1)),
                     rows.number(2), restored(rows.number(3))});
  return found;
}

/// From each channel to the next: what lies between is not read.
std::vector<LastSent> SqliteDeliveries::sent_to(std::size_t count_max) {
  auto rows = database_.query(
      "WITH RECURSIVE sent (channel) AS (SELECT min(channel) FROM delivery WHERE state = 1 "
      "UNION ALL SELECT (SELECT min(d.channel) FROM delivery AS d WHERE d.state = 1 "
      "AND d.channel > sent.channel) FROM sent WHERE sent.channel IS NOT NULL) "
      "SELECT channel, (SELECT max(d.ended) FROM delivery AS d WHERE d.state = 1 "
      "AND d.channel = sent.channel) FROM sent WHERE channel IS NOT NULL LIMIT ?");
  rows.bind(static_cast<std::int64_t>(count_max));
  std::vector<LastSent> found;
  while (rows.step()) found.push_back({std::string(rows.bytes(0)), restored(rows.number(1))});
  return found;
}

std::vector<Delivery> SqliteDeliveries::read_all(SqliteQuery& rows) {
  std::vector<Delivery> found;
  while (rows.step()) {
    const auto kind = stored_delivery_kind(rows.number(1));
    const auto state = stored_delivery_state(rows.number(2));
    if (!kind || !state) {
      database_.corrupt("delivery");
      return {};
    }
    Delivery& delivery = found.emplace_back();
    delivery.id = rows.number(0);
    delivery.kind = *kind;
    delivery.state = *state;
    delivery.channel = rows.bytes(3);
    delivery.subject = rows.bytes(4);
    delivery.key = rows.bytes(5);
    delivery.content = rows.bytes(6);
    delivery.of = rows.bytes(7);
    delivery.created = restored(rows.number(8));
    delivery.due = restored(rows.number(9));
    delivery.attempts = static_cast<unsigned>(rows.number(10));
    if (!rows.is_null(11)) delivery.repeated = restored(rows.number(11));
    if (!rows.is_null(12)) delivery.ended = restored(rows.number(12));
    delivery.answer = rows.bytes(13);
    if (!rows.is_null(14)) delivery.expires = restored(rows.number(14));
  }
  return found;
}

}  // namespace

std::unique_ptr<DeliveryStore> make_sqlite_deliveries(SqliteDatabase& database) {
  return std::make_unique<SqliteDeliveries>(database);
}

}  // namespace walpulse::monitor
