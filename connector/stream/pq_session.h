#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "connector/stream/wakeup.h"
#include "connector/stream/wal_source.h"

namespace walpulse::connector {

using PqResult = std::unique_ptr<PGresult, decltype(&PQclear)>;
using PqBuffer = std::unique_ptr<char, decltype(&PQfreemem)>;

/// Which kind of session, and whose text it yields.
struct PqSessionOptions {
  std::string dsn;  ///< conninfo or URI.
  std::string client_encoding = "UTF8";
  bool replication = false;  ///< A walsender of one database.
};

/// A libpq connection with the settings of session_settings.h, that takes PostgreSQL 18's mere
/// warning of a missing publication for the end. Errors: unavailable where the connection is lost
/// or refused, rejected where the server refused a command; the code is the SQLSTATE, where the
/// server said one. For the files that speak libpq. One thread.
class PqSession {
 public:
  /// Blocks up to the connect timeout (10 s where the dsn has none).
  static Result<std::unique_ptr<PqSession>> open(const PqSessionOptions& options);
  PqSession(const PqSession&) = delete;
  PqSession& operator=(const PqSession&) = delete;

  PGconn* connection() { return connection_.get(); }
  int version_num() const { return PQserverVersion(connection_.get()); }

  /// Runs one command to its end.
  Result<PqResult> execute(const std::string& command, ExecStatusType expected,
                           const std::string& what);
  /// `text` as a literal of SQL.
  std::string literal(const std::string& text);

  Error lost(const std::string& what) const;
  Error refused(const PGresult* result, const std::string& what) const;
  /// Rejected where the server said that it leaves changes out (see notice.h).
  Result<void> check_notices() const;

 private:
  explicit PqSession(PGconn* opened);
  static void on_notice(void* self, const PGresult* notice);

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::string fatal_notice_;
};

/// Copies a slot to a temporary one that dies with the session; returns where the copy stands.
Result<Lsn> copy_slot(PqSession& session, const std::string& slot, const std::string& copy);

/// Moves a slot that this session made forward to `to`, with the WAL that it needs: the server
/// moves restart_lsn by one step only, a second call moves it the rest (proven).
Result<void> advance_slot(PqSession& session, const std::string& slot, Lsn to);

/// poll()s the connection and the wakeup. True: the connection has something to read.
bool await_session(PqSession& session, Wakeup& wakeup, Clock::time_point deadline);

}  // namespace walpulse::connector
