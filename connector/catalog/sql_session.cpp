#include "connector/catalog/sql_session.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include "connector/catalog/sqlstate.h"
#include "decoder/base/error_context.h"
#include "decoder/base/json_dom.h"
#include "publisher/database/dsn.h"
#include "publisher/database/session_settings.h"

namespace walpulse::connector {
namespace {

template <class Number>
std::optional<Number> parse(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  Number number{};
  const auto* end = text->data() + text->size();
  if (std::from_chars(text->data(), end, number).ptr != end) return std::nullopt;
  return number;
}

std::string first_line(std::string text) {
  text.resize(std::min(text.size(), text.find('\n')));
  constexpr std::string_view kPrefix = "ERROR:  ";
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
}

Error from_sql_error(const pqxx::sql_error& error) {
  // libpqxx 6 forgets the SQLSTATE of this one class.
  const bool privilege = dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr;
  const std::string state = privilege ? "42501" : error.sqlstate();
  return Error{kind_of_sqlstate(state), first_line(error.what()) + " (SQLSTATE " + state + ")", "",
               state};
}

}  // namespace

std::optional<std::int64_t> SqlRow::maybe_number(std::size_t column) const {
  return parse<std::int64_t>(fields_.at(column));
}

std::optional<double> SqlRow::maybe_real(std::size_t column) const {
  return parse<double>(fields_.at(column));
}

std::uint64_t SqlRow::unsigned_number(std::size_t column) const {
  return parse<std::uint64_t>(fields_.at(column)).value_or(0);
}

std::optional<Lsn> SqlRow::maybe_lsn(std::size_t column) const {
  if (!fields_.at(column)) return std::nullopt;
  auto lsn = parse_lsn(*fields_.at(column));
  return lsn ? std::optional(*lsn) : std::nullopt;
}

std::vector<std::string> SqlRow::list(std::size_t column) const {
  std::vector<std::string> items;
  const auto json = parse_json(text(column));
  if (!json.is_array()) return items;
  for (const auto& item : json) {
    if (item.is_string()) items.push_back(item.get<std::string>());
  }
  return items;
}

struct SqlSession::Connection {
  explicit Connection(const std::string& dsn) : link(dsn) {
    // libpqxx 6 reconnects behind the caller's back, perhaps to another server. The switch is
    // marked deprecated because version 7 never reconnects.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    link.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  }
  pqxx::connection link;
};

SqlSession::SqlSession(std::unique_ptr<Connection> connection,
                       std::chrono::milliseconds statement_timeout)
    : connection_(std::move(connection)), statement_timeout_(statement_timeout) {}
SqlSession::~SqlSession() = default;

Result<std::unique_ptr<SqlSession>> SqlSession::open(const std::string& dsn,
                                                     std::chrono::milliseconds statement_timeout) {
  std::unique_ptr<SqlSession> session;
  try {
    const auto conninfo =
        database::with_connection_defaults(dsn, std::getenv("PGCONNECT_TIMEOUT") != nullptr);
    session.reset(new SqlSession(std::make_unique<Connection>(conninfo), statement_timeout));
  } catch (const pqxx::failure& failure) {
    return fail(ErrorKind::unavailable, "cannot connect: " + first_line(failure.what()));
  } catch (const std::exception& exception) {
    return fail(ErrorKind::rejected, std::string("cannot connect: ") + exception.what());
  }
  const auto set = session->query(
      database::session_sql(session->version_num(), {.statement_timeout = statement_timeout}));
  // Whatever ended it is the role's or the server's doing, and there is no session to ask.
  if (!set) {
    return fail(
        of_kind(ErrorKind::unavailable, in_context("cannot prepare the session", set.error())));
  }
  return session;
}

int SqlSession::version_num() const { return connection_->link.server_version(); }
bool SqlSession::connected() const { return connection_->link.is_open(); }
int SqlSession::told_pid() const { return connection_->link.backendpid(); }
int SqlSession::descriptor() const { return connection_->link.sock(); }

Result<std::vector<SqlRow>> SqlSession::query(const std::string& sql,
                                              const std::vector<std::string>& parameters) {
  try {
    pqxx::nontransaction work(connection_->link);
    const auto answer = parameters.empty()
                            ? work.exec(sql)
                            : work.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
    std::vector<SqlRow> rows;
    for (const auto& row : answer) {
      std::vector<std::optional<std::string>> fields;
      for (const auto& field : row) {
        fields.push_back(field.is_null() ? std::nullopt
                                         : std::optional<std::string>(field.c_str()));
      }
      rows.emplace_back(std::move(fields));
    }
    return rows;
  } catch (const pqxx::broken_connection&) {
    // Its text is about libpqxx's own housekeeping on the dead socket, not the server's reason.
    return fail(ErrorKind::unavailable, "the server closed the connection");
  } catch (const pqxx::sql_error& error) {
    return tl::unexpected<Error>(from_sql_error(error));
  } catch (const std::exception& exception) {
    return fail(ErrorKind::unavailable, exception.what());
  }
}

Result<void> SqlSession::set_statement_timeout(std::chrono::milliseconds timeout) {
  const auto set = query("SET statement_timeout = " + std::to_string(timeout.count()));
  if (!set) return forward(set);
  return {};
}

Result<std::vector<SqlRow>> SqlSession::query_within(std::chrono::milliseconds timeout,
                                                     const std::string& sql,
                                                     const std::vector<std::string>& parameters) {
  if (auto set = set_statement_timeout(timeout); !set) return forward(set);
  auto rows = query(sql, parameters);
  if (auto back = set_statement_timeout(statement_timeout_); !back && rows) {
    return forward(back);
  }
  return rows;
}

Result<SqlRow> SqlSession::query_row(const std::string& sql,
                                     const std::vector<std::string>& parameters) {
  auto rows = query(sql, parameters);
  if (!rows) return forward(rows);
  if (rows->empty()) return fail(ErrorKind::rejected, "no row: " + sql);
  return std::move(rows->front());
}

}  // namespace walpulse::connector
