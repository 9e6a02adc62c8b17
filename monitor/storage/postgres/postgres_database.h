#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/storage/postgres/postgres_values.h"
#include "monitor/storage/socket_deadline.h"

namespace walpulse::monitor {

/// What a statement returned, copied out of the driver: text cells in one buffer.
class PostgresRows {
 public:
  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }

  bool is_null(std::size_t row, std::size_t column) const { return cell(row, column).null; }
  std::string_view text(std::size_t row, std::size_t column) const;
  std::int64_t number(std::size_t row, std::size_t column) const;
  double real(std::size_t row, std::size_t column) const;
  bool flag(std::size_t row, std::size_t column) const { return text(row, column) == "t"; }
  /// Of a bytea.
  std::string bytes(std::size_t row, std::size_t column) const;

 private:
  friend class PostgresDatabase;
  struct Cell {
    std::size_t begin = 0;
    std::size_t size = 0;
    bool null = false;
  };
  const Cell& cell(std::size_t row, std::size_t column) const {
    return cells_.at(row * columns_ + column);
  }
  std::size_t columns_ = 0;
  std::vector<Cell> cells_;
  std::string text_;
};

/// Where the ledger is.
struct PostgresTarget {
  std::string dsn;  ///< libpq's keywords or URI. Never logged: it may hold a password.
  std::string schema = "walpulse_ledger";
  /// No statement is waited for any longer: then the connection counts as lost.
  std::chrono::milliseconds answer_wait = std::chrono::seconds(20);
  /// The server ends a statement that takes longer.
  std::chrono::seconds statement_timeout{15};
};

/// One connection to the ledger's database over libpqxx, whose exceptions end here. The first error
/// latches: until clear_error() statements do nothing and have no rows. An error of the connection
/// closes it; connect() makes another, which knows nothing of the one before. Names without a
/// schema are the ledger's. One thread at a time.
class PostgresDatabase {
 public:
  explicit PostgresDatabase(PostgresTarget target);
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  bool connected() const { return link_ != nullptr; }
  void connect();
  void disconnect();

  /// One statement, prepared once per connection and text. `sql` must live as long as the database.
  PostgresRows query(const char* sql, const PostgresValues& values = {});
  /// One or more statements without values, in one round trip; rows of the last one.
  PostgresRows execute(const std::string& sql);

  const PostgresTarget& target() const { return target_; }
  /// Its code is the SQLSTATE; empty where it did not come from a statement.
  const std::optional<Error>& error() const { return error_; }
  void clear_error() { error_.reset(); }
  /// Latches an error of the caller's: a row that does not read.
  void fail_with(ErrorKind kind, std::string message, std::string remedy = {});
  /// The same: `what` does not read.
  void corrupt(std::string_view what);

 private:
  struct Link;
  template <class Run>
  PostgresRows run(const Run& run);
  void latch(Error error);

  const PostgresTarget target_;
  SocketDeadline deadline_;
  std::unique_ptr<Link> link_;
  std::optional<Error> error_;
};

/// What a ledger's transaction may do about a statement's failure: contended (deadlock,
/// serialization, a lock that took too long), rejected (the values were at fault: classes 22 and
/// 23, 54), unavailable (everything else is the server's or its operator's doing, and passes).
ErrorKind kind_of_state(std::string_view sqlstate);

/// "walpulse_ledger" with its quotes.
std::string quoted_identifier(std::string_view name);

}  // namespace walpulse::monitor
