#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "monitor/storage/postgres/postgres_stores.h"

namespace walpulse::monitor {

/// Locks rows of a table with the key (source, id) before they are written, also those that are not
/// there: these are inserted with their defaults, and go at the transaction's end unless they were
/// saved. So two instances that write one row wait for each other, whoever is first.
class PostgresRowLocks {
 public:
  using Key = std::pair<std::int64_t, std::int64_t>;  ///< Of source and id.

  /// `what` is a row of it, in an error's words: "run".
  PostgresRowLocks(PostgresUnit& unit, const std::string& table, std::string what);
  PostgresRowLocks(const PostgresRowLocks&) = delete;
  PostgresRowLocks& operator=(const PostgresRowLocks&) = delete;

  /// The rows' bodies, parallel to `keys`, which are sorted and unique; nothing of those that were
  /// not there. Empty where the database has failed, or where another instance was in the way.
  std::vector<std::optional<std::string>> lock(const std::vector<Key>& keys);
  void saved(const Key& key) { empty_.erase(key); }
  void remove(const std::vector<Key>& keys);

 private:
  void remove_empty();

  PostgresDatabase& database_;
  const std::string what_, insert_, lock_, delete_;
  std::set<Key> empty_;  ///< Inserted by lock(), not saved yet.
};

}  // namespace walpulse::monitor
