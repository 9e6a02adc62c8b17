#include <algorithm>
#include <string>
#include <utility>

#include "monitor/storage/postgres/postgres_stores.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

using Type = PostgresArray::Type;

PostgresValues rejected_ids(std::span<const std::int64_t> ids) {
  PostgresArray array(Type::number);
  for (const std::int64_t id : ids) array.add(id);
  return PostgresValues().array(array);
}

std::vector<RejectedSize> sizes_of(const PostgresRows& rows) {
  std::vector<RejectedSize> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows.number(i, 0), rows.number(i, 1), rows.flag(i, 2)});
  return found;
}

class PostgresRejected final : public RejectedStore {
 public:
  explicit PostgresRejected(PostgresUnit& unit) : database_(unit.database) {
    unit.pending.add([this] { insert(); }, [this] { added_.clear(); });
  }

  void add(const Rejected& message) override { added_.push_back(message); }
  std::vector<Rejected> after(std::int64_t after, std::size_t count_max) override;
  std::vector<Rejected> unforwarded(std::size_t count_max) override;
  void mark_forwarded(std::span<const std::int64_t> ids) override;
  void remove(std::span<const std::int64_t> ids) override;
  RejectedTotals totals() override;
  std::vector<RejectedSize> first_to_go(std::size_t count_max) override;
  std::vector<RejectedSize> received_before(Timestamp instant, std::size_t count_max) override;

 private:
  void insert();
  std::vector<Rejected> read(const PostgresRows& rows);

  PostgresDatabase& database_;
  std::vector<Rejected> added_;  ///< Inserted at the end, in one statement.
};

void PostgresRejected::insert() {
  if (added_.empty()) return;
  PostgresArray ids(Type::bytes), received(Type::number), reasons(Type::bytes), data(Type::bytes),
      attributes(Type::bytes), bytes(Type::number);
  for (const Rejected& message : added_) {
    message.message_id.empty() ? ids.add_null() : ids.add(message.message_id);
    received.add(stored(message.received));
    reasons.add(message.reason);
    data.add(message.data);
    attributes.add(encode_attributes(message.attributes));
    bytes.add(kept_bytes(message));
  }
  added_.clear();
  database_.query(
      "INSERT INTO rejected (message_id, received, reason, data, attributes, bytes) "
      "SELECT message_id, received, reason, data, attributes, bytes FROM unnest($1::bytea[], "
      "$2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[]) WITH ORDINALITY "
      "AS u(message_id, received, reason, data, attributes, bytes, n) ORDER BY n "
      "ON CONFLICT DO NOTHING",
      PostgresValues()
          .array(ids)
          .array(received)
          .array(reasons)
          .array(data)
          .array(attributes)
          .array(bytes));
}

std::vector<Rejected> PostgresRejected::read(const PostgresRows& rows) {
  std::vector<Rejected> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto attributes = decode_attributes(rows.bytes(i, 5));
    if (!attributes) database_.corrupt("rejected message");
    found.push_back({rows.number(i, 0), rows.bytes(i, 1), restored(rows.number(i, 2)),
                     rows.bytes(i, 3), rows.bytes(i, 4),
                     std::move(attributes).value_or(schema::Attributes{})});
  }
  return found;
}

std::vector<Rejected> PostgresRejected::after(std::int64_t after, std::size_t count_max) {
  return read(
      database_.query("SELECT id, message_id, received, reason, data, attributes FROM rejected "
                      "WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint",
                      PostgresValues().number(after).number(static_cast<std::int64_t>(count_max))));
}

std::vector<Rejected> PostgresRejected::unforwarded(std::size_t count_max) {
  return read(
      database_.query("SELECT id, message_id, received, reason, data, attributes FROM rejected "
                      "WHERE NOT forwarded ORDER BY id LIMIT $1::bigint",
                      PostgresValues().number(static_cast<std::int64_t>(count_max))));
}

void PostgresRejected::mark_forwarded(std::span<const std::int64_t> ids) {
  if (ids.empty()) return;
  database_.query("UPDATE rejected SET forwarded = true WHERE id = ANY ($1::bigint[])",
                  rejected_ids(ids));
}

void PostgresRejected::remove(std::span<const std::int64_t> ids) {
  if (ids.empty()) return;
  database_.query("DELETE FROM rejected WHERE id = ANY ($1::bigint[])", rejected_ids(ids));
}

RejectedTotals PostgresRejected::totals() {
  const auto row =
      database_.query("SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM rejected");
  if (row.empty()) return {};
  return {row.number(0, 0), row.number(0, 1)};
}

std::vector<RejectedSize> PostgresRejected::first_to_go(std::size_t count_max) {
  return sizes_of(
      database_.query("SELECT id, bytes, forwarded FROM rejected ORDER BY forwarded DESC, id "
                      "LIMIT $1::bigint",
                      PostgresValues().number(static_cast<std::int64_t>(count_max))));
}

std::vector<RejectedSize> PostgresRejected::received_before(Timestamp instant,
                                                            std::size_t count_max) {
  return sizes_of(database_.query(
      "SELECT id, bytes, forwarded FROM rejected WHERE received < $1::bigint ORDER BY received "
      "LIMIT $2::bigint",
      PostgresValues().number(stored(instant)).number(static_cast<std::int64_t>(count_max))));
}

}  // namespace

std::unique_ptr<RejectedStore> make_postgres_rejected(PostgresUnit& unit) {
  return std::make_unique<PostgresRejected>(unit);
}

}  // namespace walpulse::monitor
