#include "monitor/storage/sqlite/sqlite_database.h"

#include <sqlite3.h>

#include <utility>

namespace walpulse::monitor {
namespace {

constexpr const char* kHeld = ", another process holds the file";
constexpr const char* kLetGo = "stop it, or give this one a file of its own";

/// A reader waits for nothing but the moment in which the log is folded into the file.
constexpr std::chrono::seconds kReaderWait{2};

/// What one message may cause. All else is the file's, the disk's or another process's doing.
bool is_about_the_values(int code) {
  switch (code & 0xFF) {  // the primary code of an extended one
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return true;
    default:
      return false;
  }
}

std::string remedy_of(int primary) {
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return kLetGo;
    case SQLITE_FULL:
      return "make room on the disk";
    case SQLITE_CANTOPEN:
      return "see that the folder exists and that this user may write it";
    case SQLITE_NOTADB:
      return "name another file";
    default:
      return "";
  }
}

}  // namespace

SqliteQuery::SqliteQuery(SqliteDatabase& database, sqlite3_stmt* statement)
    : database_(database), statement_(statement) {}

SqliteQuery::~SqliteQuery() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void SqliteQuery::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  database_.latch(code);
  sqlite3_reset(statement_);
  statement_ = nullptr;
}

SqliteQuery& SqliteQuery::bind(std::int64_t value) {
  if (statement_ != nullptr) check(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

SqliteQuery& SqliteQuery::bind_null() {
  if (statement_ != nullptr) check(sqlite3_bind_null(statement_, ++bound_));
  return *this;
}

SqliteQuery& SqliteQuery::bind_text(std::string_view value) {
  if (statement_ != nullptr)
    check(sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_STATIC,
                              SQLITE_UTF8));
  return *this;
}

SqliteQuery& SqliteQuery::bind_bytes(std::string_view value) {
  if (statement_ != nullptr)
    check(sqlite3_bind_blob64(statement_, ++bound_, value.data(), value.size(), SQLITE_STATIC));
  return *this;
}

bool SqliteQuery::step() {
  if (statement_ == nullptr) return false;
  const int code = sqlite3_step(statement_);
  check(code);
  return code == SQLITE_ROW;
}

bool SqliteQuery::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t SqliteQuery::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view SqliteQuery::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(data), size);
}

void SqliteDatabase::connect(int flags, const char* settings, std::chrono::milliseconds lock_wait) {
  // No thread meets another here: a storage is one thread's at a time.
  const int code =
      sqlite3_open_v2(path_.c_str(), &connection_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) return latch(code);
  sqlite3_extended_result_codes(connection_, 1);
  sqlite3_busy_timeout(connection_, static_cast<int>(lock_wait.count()));
  execute(settings);
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::filesystem::path& path,
                                                             std::chrono::milliseconds lock_wait) {
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(path.string()));
  // Two monitors on one file would count rightly, but export every series twice.
  if (!database->lock_.take(path, lock_wait))
    return fail(ErrorKind::unavailable, "ledger " + path.string() + ": it is locked" + kHeld,
                kLetGo);
  database->connect(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                    "PRAGMA journal_mode=WAL;"
                    "PRAGMA synchronous=FULL;"  // what is acknowledged survives a power cut
                    "PRAGMA cache_size=-16384;"
                    "PRAGMA foreign_keys=ON;"
                    "BEGIN IMMEDIATE; COMMIT;",
                    lock_wait);
  if (database->error()) return tl::unexpected(*database->error());
  return database;
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open_reader(
    const std::filesystem::path& path) {
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(path.string()));
  database->connect(SQLITE_OPEN_READONLY, "PRAGMA cache_size=-8192;", kReaderWait);
  if (database->error()) return tl::unexpected(*database->error());
  return database;
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open_beside(
    const std::filesystem::path& path) {
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(path.string()));
  database->connect(SQLITE_OPEN_READWRITE, "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
                    kReaderWait);
  if (database->error()) return tl::unexpected(*database->error());
  return database;
}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

SqliteQuery SqliteDatabase::query(const char* sql) {
  if (error_) return {*this, nullptr};
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int code =
        sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) latch(code);
  }
  return {*this, error_ ? nullptr : statement};
}

void SqliteDatabase::execute(const char* sql) {
  if (error_) return;
  const int code = sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) latch(code);
}

std::int64_t SqliteDatabase::last_insert_id() const {
  return sqlite3_last_insert_rowid(connection_);
}

std::size_t SqliteDatabase::rows_written() const {
  return static_cast<std::size_t>(sqlite3_changes(connection_));
}

bool SqliteDatabase::in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

void SqliteDatabase::fail_with(ErrorKind kind, std::string message, std::string remedy) {
  if (!error_) error_ = Error{kind, std::move(message), std::move(remedy)};
}

void SqliteDatabase::corrupt(std::string_view what) {
  fail_with(ErrorKind::rejected, "the ledger holds an unreadable " + std::string(what));
}

void SqliteDatabase::latch(int code) {
  const int primary = code & 0xFF;
  const bool rejected = primary == SQLITE_NOTADB || is_about_the_values(code);
  const bool held = primary == SQLITE_BUSY || primary == SQLITE_LOCKED;
  fail_with(rejected ? ErrorKind::rejected : ErrorKind::unavailable,
            "ledger " + path_ + ": " + sqlite3_errmsg(connection_) + (held ? kHeld : ""),
            remedy_of(primary));
}

}  // namespace walpulse::monitor
