#include <string>
#include <utility>

#include "monitor/storage/outbox_codec.h"
#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

/// PostgreSQL's single values carry no nulls here: no delivery ends then.
constexpr std::int64_t kNever = INT64_MIN;

std::int64_t instant_or_never(const std::optional<Timestamp>& instant) {
  return instant ? stored(*instant) : kNever;
}

/// `head` marks the oldest of a channel and subject that waits, so that however many wait behind it
/// are never read.
class PostgresDeliveries final : public DeliveryStore {
 public:
  explicit PostgresDeliveries(PostgresUnit& unit) : database_(unit.database) {}

  std::int64_t save(const Delivery& delivery) override;
  std::vector<Delivery> due(const std::string& channel, Timestamp now,
                            std::size_t count_max) override {
    return read_all(database_.query(
        "SELECT id, kind, state, channel, subject, key, content, what, created, "
        "due, attempts, repeated, ended, answer, expires FROM delivery WHERE head AND "
        "channel = $1::bytea AND due <= $2::bigint ORDER BY due, id "
        "LIMIT $3::bigint",
        PostgresValues()
            .bytes(channel)
            .number(stored(now))
            .number(static_cast<std::int64_t>(count_max))));
  }
  std::optional<Delivery> find(std::int64_t id) override {
    auto found = read_all(database_.query(
        "SELECT id, kind, state, channel, subject, key, content, what, created, "
        "due, attempts, repeated, ended, answer, expires FROM delivery WHERE id = $1::bigint",
        PostgresValues().number(id)));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }
  std::vector<Delivery> find_all(std::span<const std::int64_t> ids) override {
    if (ids.empty()) return {};
    PostgresArray array(PostgresArray::Type::number);
    for (const std::int64_t id : ids) array.add(id);
    return read_all(database_.query(
        "SELECT id, kind, state, channel, subject, key, ''::bytea, what, created, due, attempts, "
        "repeated, ended, answer, expires FROM delivery WHERE id = ANY ($1::bigint[])",
        PostgresValues().array(array)));
  }
  std::vector<Delivery> list(const DeliveriesAsked& asked) override;
  std::vector<DeliveryCount> counts() override;
  std::optional<Timestamp> last_sent(const std::string& channel) override {
    const auto row =
        database_.query("SELECT max(ended) FROM delivery WHERE state = 1 AND channel = $1::bytea",
                        PostgresValues().bytes(channel));
    return row.empty() || row.is_null(0, 0) ? std::nullopt
                                            : std::optional(restored(row.number(0, 0)));
  }
  std::vector<LastSent> sent_to(std::size_t count_max) override;
  std::vector<Delivery> given_up(const std::string& channel, std::size_t count_max) override {
    return read_all(database_.query(
        "SELECT id, kind, state, channel, subject, key, ''::bytea, what, created, due, attempts, "
        "repeated, ended, answer, expires FROM delivery WHERE state = 2 AND channel = $1::bytea "
        "ORDER BY ended DESC, id DESC LIMIT $2::bigint",
        PostgresValues().bytes(channel).number(static_cast<std::int64_t>(count_max))));
  }
  std::optional<Delivery> failing(const std::string& channel) override {
    auto found = read_all(database_.query(
        "SELECT * FROM (SELECT id, kind, state, channel, subject, key, ''::bytea, what, created, "
        "due, attempts, repeated, ended, answer, expires FROM delivery WHERE head AND "
        "channel = $1::bytea ORDER BY due DESC, id DESC LIMIT $2::bigint) AS last "
        "WHERE attempts > 0 AND answer <> ''::bytea ORDER BY due DESC, id DESC LIMIT 1",
        PostgresValues().bytes(channel).number(static_cast<std::int64_t>(kFailingLookedAt))));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }
  std::optional<Timestamp> last_message(const std::string& channel,
                                        const std::string& subject) override {
    const auto row = database_.query(
        "SELECT max(created) FROM delivery WHERE kind = 0 AND channel = $1::bytea "
        "AND subject = $2::bytea",
        PostgresValues().bytes(channel).bytes(subject));
    return row.empty() || row.is_null(0, 0) ? std::nullopt
                                            : std::optional(restored(row.number(0, 0)));
  }
  std::int64_t calls_since(const std::string& channel, const std::string& key_begin,
                           Timestamp since) override {
    const auto row = database_.query(
        "SELECT count(*) FROM delivery WHERE kind = 1 AND channel = $1::bytea "
        "AND created >= $2::bigint AND state NOT IN (3, 4) "
        "AND substring(key FROM 1 FOR length($3::bytea)) = $3::bytea",
        PostgresValues().bytes(channel).number(stored(since)).bytes(key_begin));
    return row.empty() ? 0 : row.number(0, 0);
  }
  std::size_t remove(Timestamp ended_before, std::size_t count_max) override {
    const auto row = database_.query(
        "WITH removed AS (DELETE FROM delivery WHERE id IN (SELECT id FROM delivery "
        "WHERE ended < $1::bigint ORDER BY ended LIMIT $2::bigint) RETURNING id) "
        "SELECT count(*) FROM removed",
        PostgresValues().number(stored(ended_before)).number(static_cast<std::int64_t>(count_max)));
    return row.empty() ? 0 : static_cast<std::size_t>(row.number(0, 0));
  }

 private:
  std::int64_t insert(const Delivery& delivery);
  void update(const Delivery& delivery);
  void mark_head(const Delivery& delivery);
  std::vector<Delivery> read_all(const PostgresRows& rows);

  PostgresDatabase& database_;
};

std::int64_t PostgresDeliveries::insert(const Delivery& delivery) {
  const auto rows = database_.query(
      "INSERT INTO delivery (kind, state, head, channel, subject, key, content, what, created, "
      "due, attempts, repeated, ended, answer, expires) VALUES ($1::bigint, $2::bigint, false, "
      "$3::bytea, "
      "$4::bytea, "
      "$5::bytea, $6::bytea, $7::bytea, $8::bigint, $9::bigint, $10::bigint, "
      "nullif($11::bigint, $14::bigint), nullif($12::bigint, $14::bigint), $13::bytea, "
      "nullif($15::bigint, $14::bigint)) "
      "RETURNING id",
      PostgresValues()
          .number(static_cast<std::int64_t>(delivery.kind))
          .number(static_cast<std::int64_t>(delivery.state))
          .bytes(delivery.channel)
          .bytes(delivery.subject)
          .bytes(delivery.key)
          .bytes(delivery.content)
          .bytes(delivery.of)
          .number(stored(delivery.created))
          .number(stored(delivery.due))
          .number(delivery.attempts)
          .number(instant_or_never(delivery.repeated))
          .number(instant_or_never(delivery.ended))
          .bytes(delivery.answer)
          .number(kNever)
          .number(instant_or_never(delivery.expires)));
  return rows.empty() ? 0 : rows.number(0, 0);  // empty where an error latched
}

void PostgresDeliveries::update(const Delivery& delivery) {
  database_.query(
      "UPDATE delivery SET state = $2::bigint, head = head AND $2::bigint = 0, due = $3::bigint, "
      "attempts = $4::bigint, repeated = nullif($5::bigint, $7::bigint), "
      "ended = nullif($6::bigint, $7::bigint), answer = $8::bytea, "
      "expires = nullif($9::bigint, $7::bigint) WHERE id = $1::bigint",
      PostgresValues()
          .number(delivery.id)
          .number(static_cast<std::int64_t>(delivery.state))
          .number(stored(delivery.due))
          .number(delivery.attempts)
          .number(instant_or_never(delivery.repeated))
          .number(instant_or_never(delivery.ended))
          .number(kNever)
          .bytes(delivery.answer)
          .number(instant_or_never(delivery.expires)));
}

/// The oldest is the head, the next is not: no write moves more than these two.
void PostgresDeliveries::mark_head(const Delivery& delivery) {
  database_.query(
      "UPDATE delivery AS d SET head = (d.id = w.first) FROM (SELECT id, min(id) OVER () AS first "
      "FROM (SELECT id FROM delivery WHERE state = 0 AND channel = $1::bytea "
      "AND subject = $2::bytea ORDER BY id LIMIT 2) AS two) AS w "
      "WHERE d.id = w.id AND d.head <> (d.id = w.first)",
      PostgresValues().bytes(delivery.channel).bytes(delivery.subject));
}

std::int64_t PostgresDeliveries::save(const Delivery& delivery) {
  std::int64_t id = delivery.id;
  if (id == 0) {
    id = insert(delivery);
  } else {
    update(delivery);
  }
  mark_head(delivery);
  return id;
}

std::vector<Delivery> PostgresDeliveries::list(const DeliveriesAsked& asked) {
  return read_all(database_.query(
      "SELECT id, kind, state, channel, subject, key, content, what, created, due, attempts, "
      "repeated, ended, answer, expires FROM delivery WHERE id < $1::bigint "
      "AND ($2::bigint < 0 OR state = $2::bigint) AND ($3::boolean OR channel = $4::bytea) "
      "ORDER BY id DESC LIMIT $5::bigint",
      PostgresValues()
          .number(asked.before.value_or(INT64_MAX))
          .number(asked.state ? static_cast<std::int64_t>(*asked.state) : -1)
          .flag(!asked.channel)
          .bytes(asked.channel.value_or(""))
          .number(static_cast<std::int64_t>(asked.count_max))));
}

std::vector<DeliveryCount> PostgresDeliveries::counts() {
  const auto rows = database_.query(
      "SELECT channel, 0::bigint, count(*), min(created) FROM delivery WHERE state = 0 "
      "GROUP BY channel UNION ALL SELECT channel, 2::bigint, count(*), min(ended) FROM delivery "
      "WHERE state = 2 GROUP BY channel ORDER BY 1, 2");
  std::vector<DeliveryCount> found;
  found.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows.bytes(i, 0), static_cast<Delivery::State>(rows.number(i, 1)),
                     rows.number(i, 2), restored(rows.number(i, 3))});
  return found;
}

/// From each channel to the next: what lies between is not read.
std::vector<LastSent> PostgresDeliveries::sent_to(std::size_t count_max) {
  const auto rows = database_.query(
      "WITH RECURSIVE sent (channel) AS ((SELECT channel FROM delivery WHERE state = 1 "
      "ORDER BY channel LIMIT 1) UNION ALL SELECT (SELECT d.channel FROM delivery AS d "
      "WHERE d.state = 1 AND d.channel > sent.channel ORDER BY d.channel LIMIT 1) FROM sent "
      "WHERE sent.channel IS NOT NULL) "
      "SELECT channel, (SELECT max(d.ended) FROM delivery AS d WHERE d.state = 1 "
      "AND d.channel = sent.channel) FROM sent WHERE channel IS NOT NULL LIMIT $1::bigint",
      PostgresValues().number(static_cast<std::int64_t>(count_max)));
  std::vector<LastSent> found;
  found.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows.bytes(i, 0), restored(rows.number(i, 1))});
  return found;
}

std::vector<Delivery> PostgresDeliveries::read_all(const PostgresRows& rows) {
  std::vector<Delivery> found(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto kind = stored_delivery_kind(rows.number(i, 1));
    const auto state = stored_delivery_state(rows.number(i, 2));
    if (!kind || !state) {
      database_.corrupt("delivery");
      return {};
    }
    Delivery& delivery = found[i];
    delivery.id = rows.number(i, 0);
    delivery.kind = *kind;
    delivery.state = *state;
    delivery.channel = rows.bytes(i, 3);
    delivery.subject = rows.bytes(i, 4);
    delivery.key = rows.bytes(i, 5);
    delivery.content = rows.bytes(i, 6);
    delivery.of = rows.bytes(i, 7);
    delivery.created = restored(rows.number(i, 8));
    delivery.due = restored(rows.number(i, 9));
    delivery.attempts = static_cast<unsigned>(rows.number(i, 10));
    if (!rows.is_null(i, 11)) delivery.repeated = restored(rows.number(i, 11));
    if (!rows.is_null(i, 12)) delivery.ended = restored(rows.number(i, 12));
    delivery.answer = rows.bytes(i, 13);
    if (!rows.is_null(i, 14)) delivery.expires = restored(rows.number(i, 14));
  }
  return found;
}

}  // namespace

std::unique_ptr<DeliveryStore> make_postgres_deliveries(PostgresUnit& unit) {
  return std::make_unique<PostgresDeliveries>(unit);
}

}  // namespace walpulse::monitor
