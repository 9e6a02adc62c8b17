#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "decoder/base/result.h"
#include "monitor/storage/sqlite/file_lock.h"

struct sqlite3;
struct sqlite3_stmt;

namespace walpulse::monitor {

class SqliteDatabase;

/// One execution of a prepared statement. Values are bound in the order of the question marks;
/// columns are read in the order of the SELECT. Errors latch in the database.
class SqliteQuery {
 public:
  ~SqliteQuery();
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;

  SqliteQuery& bind(std::int64_t value);
  /// The text or bytes must outlive the query.
  SqliteQuery& bind_text(std::string_view value);
  SqliteQuery& bind_bytes(std::string_view value);
  SqliteQuery& bind_null();

  /// True while there is another row.
  bool step();
  /// For statements without rows.
  void run() { step(); }

  bool is_null(int column) const;
  std::int64_t number(int column) const;
  /// Valid until the next step.
  std::string_view bytes(int column) const;

 private:
  friend class SqliteDatabase;
  SqliteQuery(SqliteDatabase& database, sqlite3_stmt* statement);
  void check(int code);

  SqliteDatabase& database_;
  sqlite3_stmt* statement_;  ///< Null where the database has failed.
  int bound_ = 0;
};

/// A connection to one SQLite file that no other monitor uses meanwhile. The first error latches:
/// until clear_error() every query does nothing and has no rows. One thread at a time.
class SqliteDatabase {
 public:
  /// Errors: unavailable (locked by another process after `lock_wait`, no such folder, disk full).
  static Result<std::unique_ptr<SqliteDatabase>> open(const std::filesystem::path& path,
                                                      std::chrono::milliseconds lock_wait);
  /// Another connection, to a file that is open already, which only reads. In the write-ahead log
  /// it sees what was committed when its transaction began, and neither waits for the other.
  static Result<std::unique_ptr<SqliteDatabase>> open_reader(const std::filesystem::path& path);
  /// To write a little to a file that its monitor has open: each transaction waits for its turn. A
  /// file that is not there is not made. Errors: unavailable.
  static Result<std::unique_ptr<SqliteDatabase>> open_beside(const std::filesystem::path& path);
  ~SqliteDatabase();

  /// A statement, prepared once per text.
  SqliteQuery query(const char* sql);
  /// One or more statements without values or rows.
  void execute(const char* sql);

  std::int64_t last_insert_id() const;
  /// Of the last statement that wrote.
  std::size_t rows_written() const;
  bool in_transaction() const;

  const std::optional<Error>& error() const { return error_; }
  void clear_error() { error_.reset(); }
  /// Latches an error of the caller's: a row that does not read.
  void fail_with(ErrorKind kind, std::string message, std::string remedy = {});
  /// The same: `what` does not read.
  void corrupt(std::string_view what);

 private:
  friend class SqliteQuery;
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}
  void connect(int flags, const char* settings, std::chrono::milliseconds lock_wait);
  void latch(int code);

  const std::string path_;
  FileLock lock_;  ///< Given up behind the connection.
  sqlite3* connection_ = nullptr;
  std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
  std::optional<Error> error_;
};

}  // namespace walpulse::monitor
