#include "monitor/storage/postgres/postgres_row_locks.h"

namespace walpulse::monitor {
namespace {

/// Keys as two parallel arrays.
template <class Keys>
PostgresValues row_keys(const Keys& keys) {
  PostgresArray sources(PostgresArray::Type::number), ids(PostgresArray::Type::number);
  for (const auto& [source, id] : keys) {
    sources.add(source);
    ids.add(id);
  }
  return PostgresValues().array(sources).array(ids);
}

}  // namespace

PostgresRowLocks::PostgresRowLocks(PostgresUnit& unit, const std::string& table, std::string what)
    : database_(unit.database),
      what_(std::move(what)),
      insert_("INSERT INTO " + table +
              " (source, id) SELECT k.source, k.id "
              "FROM unnest($1::bigint[], $2::bigint[]) AS k(source, id) WHERE NOT EXISTS "
              "(SELECT FROM " +
              table +
              " r WHERE r.source = k.source AND r.id = k.id) "
              "ORDER BY k.source, k.id ON CONFLICT DO NOTHING RETURNING source, id"),
      lock_(
          "SELECT r.source, r.id, r.body FROM unnest($1::bigint[], $2::bigint[]) AS k(source, id) "
          "JOIN " +
          table +
          " r ON r.source = k.source AND r.id = k.id ORDER BY r.source, r.id FOR UPDATE OF r"),
      delete_("DELETE FROM " + table +
              " r USING unnest($1::bigint[], $2::bigint[]) AS k(source, id) "
              "WHERE r.source = k.source AND r.id = k.id") {
  unit.pending.add([this] { remove_empty(); }, [this] { empty_.clear(); });
}

std::vector<std::optional<std::string>> PostgresRowLocks::lock(const std::vector<Key>& keys) {
  const PostgresValues values = row_keys(keys);
  const auto inserted = database_.query(insert_.c_str(), values);
  for (std::size_t i = 0; i < inserted.size(); ++i)
    empty_.insert({inserted.number(i, 0), inserted.number(i, 1)});
  const auto rows = database_.query(lock_.c_str(), values);
  std::vector<std::optional<std::string>> bodies;
  if (database_.error()) return bodies;
  if (rows.size() != keys.size()) {
    database_.fail_with(ErrorKind::contended, "another instance has just pruned a " + what_);
    return bodies;
  }
  bodies.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (empty_.contains(keys[i])) {
      bodies.emplace_back();
    } else {
      bodies.emplace_back(rows.bytes(i, 2));
    }
  }
  return bodies;
}

void PostgresRowLocks::remove(const std::vector<Key>& keys) {
  empty_.insert(keys.begin(), keys.end());
  remove_empty();
}

void PostgresRowLocks::remove_empty() {
  if (empty_.empty()) return;
  const PostgresValues values = row_keys(empty_);
  empty_.clear();
  database_.query(delete_.c_str(), values);
}

}  // namespace walpulse::monitor
