#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/mage_sim/transaction.h"
#include "decoder/base/result.h"

namespace walpulse::mage_sim {

/// A connection to Mage's database, with the statements that Mage's ORM sends. One thread. Errors
/// are `unavailable` where the server cannot be reached, else `rejected`.
class Database {
 public:
  /// `dsn` is libpq's; PG* variables fill the gaps. Mage's tables are in `schema`.
  static Result<Database> open(const std::string& dsn, const std::string& schema);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  /// Runs a script of statements in one transaction.
  Result<void> run(const std::string& script);
  /// The result's rows, as text; NULL is "".
  Result<std::vector<std::vector<std::string>>> query(const std::string& sql);
  /// Commits `transaction` and fills in the ids it made, at the instant that it names, if any.
  /// Returns how many changes of pipeline_run were committed.
  Result<std::uint64_t> commit(Transaction& transaction);
  /// After the last transaction that names an instant. Whether their commits bear those instants
  /// too, for which the role must be allowed to use replication origins.
  Result<bool> end_past();

 private:
  struct Connection;
  explicit Database(std::unique_ptr<Connection> connection);
  void begin_early();
  std::uint64_t commit_early(Transaction& transaction);
  std::uint64_t commit_past(Transaction& transaction);
  std::unique_ptr<Connection> connection_;
};

}  // namespace walpulse::mage_sim
