#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// One row of an answer, as text; SQL NULL is empty. The readers assume that the query's author
/// asked for that type (`::bigint`, `::text`): 0, false or "" stand for NULL.
class SqlRow {
 public:
  explicit SqlRow(std::vector<std::optional<std::string>> fields) : fields_(std::move(fields)) {}
  std::string text(std::size_t column) const { return fields_.at(column).value_or(""); }
  const std::optional<std::string>& maybe_text(std::size_t column) const {
    return fields_.at(column);
  }
  bool flag(std::size_t column) const { return text(column) == "t"; }
  std::int64_t number(std::size_t column) const { return maybe_number(column).value_or(0); }
  std::optional<std::int64_t> maybe_number(std::size_t column) const;
  std::optional<double> maybe_real(std::size_t column) const;
  std::uint64_t unsigned_number(std::size_t column) const;
  std::optional<Lsn> maybe_lsn(std::size_t column) const;
  /// A text[] in JSON (`to_json(...)`).
  std::vector<std::string> list(std::size_t column) const;

 private:
  std::vector<std::optional<std::string>> fields_;
};

/// An ordinary connection over libpqxx, whose exceptions end here, with the settings of
/// session_settings.h. Never reconnects by itself: what
/// was true of the session (settings, identity of the server) stays true for its whole life.
/// Errors as Catalog's. One thread at a time.
class SqlSession {
 public:
  /// `statement_timeout`: of each statement; 0: it may take for ever.
  static Result<std::unique_ptr<SqlSession>> open(
      const std::string& dsn,
      std::chrono::milliseconds statement_timeout = std::chrono::milliseconds{0});
  ~SqlSession();
  SqlSession(const SqlSession&) = delete;
  SqlSession& operator=(const SqlSession&) = delete;

  int version_num() const;
  /// False once the server or the network has closed it.
  bool connected() const;
  /// The server's process that this session was told to have when it logged in.
  int told_pid() const;
  /// Of the socket, to poll; never to read.
  int descriptor() const;
  /// Runs one statement in its own transaction; parameters ($1, ...) travel as text.
  Result<std::vector<SqlRow>> query(const std::string& sql,
                                    const std::vector<std::string>& parameters = {});
  /// The same, timed_out after `timeout`.
  Result<std::vector<SqlRow>> query_within(std::chrono::milliseconds timeout,
                                           const std::string& sql,
                                           const std::vector<std::string>& parameters);
  /// The first row; rejected where there is none.
  Result<SqlRow> query_row(const std::string& sql, const std::vector<std::string>& parameters = {});

 private:
  struct Connection;
  SqlSession(std::unique_ptr<Connection> connection, std::chrono::milliseconds statement_timeout);
  Result<void> set_statement_timeout(std::chrono::milliseconds timeout);

  std::unique_ptr<Connection> connection_;
  const std::chrono::milliseconds statement_timeout_;
};

/// What `read` makes of the first row; empty where the answer has none.
template <class T, class Function>
Result<std::optional<T>> first_row(const Result<std::vector<SqlRow>>& rows, Function read) {
  if (!rows) return forward(rows);
  if (rows->empty()) return std::optional<T>();
  return std::optional<T>(read(rows->front()));
}

}  // namespace walpulse::connector
