#include "monitor/storage/postgres/postgres_database.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <pqxx/pqxx>
#include <span>
#include <unordered_map>

#include "monitor/ledger/ledger_writer.h"
#include "publisher/database/dsn.h"
#include "publisher/database/session_settings.h"

namespace walpulse::monitor {
namespace {

/// Longer than a server takes to find a deadlock (deadlock_timeout, 1 s), so that of two that wait
/// for each other one goes on; twice that is less than whoever pushes is kept waiting.
constexpr std::chrono::milliseconds kLockTimeout{1'400};

/// Nobody waits for long: not for a statement, not for a lock, not for an instance that was
/// stopped, or whose host died, amid a transaction.
std::string session(int version_num, const PostgresTarget& target) {
  using std::chrono::seconds;
  return database::session_sql(version_num, {.schema = target.schema,
                                             .statement_timeout = target.statement_timeout,
                                             .lock_timeout = kLockTimeout,
                                             .idle_in_transaction_timeout = seconds(10)});
}

/// And, in the ledger's alone:
/// - a plan must not depend on when the tables were last analyzed: all lookups go by an index;
/// - what was acknowledged survives a crash of the server, whatever the role's default is.
constexpr const char* kLedgerSession = R"sql(;
SET jit = off; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2;
SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') = 'off')sql";

/// A host that died, or a network that takes packets no more, is found within 20 s.
constexpr database::Keyword kKeywords[] = {{"fallback_application_name", "walpulse-monitor"},
                                           {"keepalives", "1"},
                                           {"keepalives_idle", "10"},
                                           {"keepalives_interval", "5"},
                                           {"keepalives_count", "2"},
                                           {"tcp_user_timeout", "20000"},
                                           {"client_encoding", "UTF8"},
                                           {"connect_timeout", "5"}};

std::string complete(const std::string& dsn) {
  const bool environment_has_timeout = std::getenv("PGCONNECT_TIMEOUT") != nullptr;
  const std::string whole = database::with_keywords(
      dsn, std::span(kKeywords, std::size(kKeywords) - (environment_has_timeout ? 1 : 0)));
  // Empty it is not sent; PgBouncer 1.18 refuses whoever names it.
  return database::with_keyword(whole, {"replication", ""});
}

std::string first_line(std::string text) {
  text.resize(std::min(text.size(), text.find('\n')));
  constexpr std::string_view kPrefix = "ERROR:  ";
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
}

Error error_of_statement(const std::string& state, const std::string& text) {
  if (state == kLedgerLocked)
    return {ErrorKind::contended, "another session has locked the ledger (SQLSTATE 55P03)",
            "SELECT b.* FROM pg_stat_activity a JOIN pg_stat_activity b "
            "ON b.pid = ANY (pg_blocking_pids(a.pid)) shows who, while it lasts",
            state};
  return {kind_of_state(state), text + " (SQLSTATE " + state + ")", "", state};
}

}  // namespace

std::string_view PostgresRows::text(std::size_t row, std::size_t column) const {
  const Cell& found = cell(row, column);
  return std::string_view(text_).substr(found.begin, found.size);
}

std::int64_t PostgresRows::number(std::size_t row, std::size_t column) const {
  const std::string_view found = text(row, column);
  std::int64_t value = 0;
  std::from_chars(found.data(), found.data() + found.size(), value);
  return value;
}

double PostgresRows::real(std::size_t row, std::size_t column) const {
  const std::string_view found = text(row, column);
  double value = 0;
  std::from_chars(found.data(), found.data() + found.size(), value);
  return value;
}

std::string PostgresRows::bytes(std::size_t row, std::size_t column) const {
  return bytes_of_hex(text(row, column));
}

struct PostgresDatabase::Link {
  explicit Link(const std::string& dsn) : connection(dsn), socket(::dup(connection.sock())) {
    // libpqxx 6 reconnects behind the caller's back, amid a transaction too. The switch is marked
    // deprecated because version 7 never reconnects.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  }
  /// The name under which a statement is prepared on this connection.
  const std::string& prepared(const char* sql) {
    std::string& name = names[sql];
    if (name.empty()) {
      name = "s" + std::to_string(names.size());
      connection.prepare(name, sql);
    }
    return name;
  }
  ~Link() { ::close(socket); }
  pqxx::connection connection;
  pqxx::quiet_errorhandler quiet{connection};  ///< Or notices would go to stderr as they are.
  const int socket;  ///< The same one under another number, which libpq does not close.
  std::unordered_map<std::string_view, std::string> names;
};

PostgresDatabase::PostgresDatabase(PostgresTarget target) : target_(std::move(target)) {}
PostgresDatabase::~PostgresDatabase() = default;

void PostgresDatabase::disconnect() { link_.reset(); }

void PostgresDatabase::connect() {
  disconnect();
  if (error_) return;
  try {
    link_ = std::make_unique<Link>(complete(target_.dsn));
  } catch (const std::exception& failure) {
    return latch({ErrorKind::unavailable,
                  "cannot connect to the ledger's database: " + first_line(failure.what())});
  }
  execute(session(link_->connection.server_version(), target_) + kLedgerSession);
}

void PostgresDatabase::fail_with(ErrorKind kind, std::string message, std::string remedy) {
  latch({kind, std::move(message), std::move(remedy)});
}

void PostgresDatabase::corrupt(std::string_view what) {
  fail_with(ErrorKind::rejected, "the ledger holds an unreadable " + std::string(what));
}

void PostgresDatabase::latch(Error error) {
  if (!error_) error_ = std::move(error);
}

template <class Run>
PostgresRows PostgresDatabase::run(const Run& run) {
  PostgresRows rows;
  if (error_) return rows;
  if (!link_) {
    latch({ErrorKind::unavailable, "the ledger's database is not connected"});
    return rows;
  }
  try {
    const SocketDeadline::Call call(deadline_, link_->socket, target_.answer_wait);
    pqxx::nontransaction work(link_->connection);
    const pqxx::result answer = run(work);
    rows.columns_ = answer.columns();
    rows.cells_.reserve(answer.size() * answer.columns());
    for (const auto& row : answer) {
      for (const auto& field : row) {
        rows.cells_.push_back({rows.text_.size(), field.size(), field.is_null()});
        rows.text_.append(field.c_str(), field.size());
      }
    }
    return rows;
  } catch (const pqxx::sql_error& error) {
    // libpqxx 6 forgets the SQLSTATE of this one class.
    const bool privilege = dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr;
    const std::string state = privilege ? "42501" : error.sqlstate();
    latch(error_of_statement(state, first_line(error.what())));
  } catch (const pqxx::deadlock_detected&) {
    latch({ErrorKind::contended, "a deadlock with another transaction", "", "40P01"});
  } catch (const pqxx::serialization_failure&) {
    latch({ErrorKind::contended, "another transaction was in the way", "", "40001"});
  } catch (const pqxx::broken_connection&) {
    // Its text is about libpqxx's own housekeeping on the dead socket, not the server's reason.
    latch({ErrorKind::unavailable, "the ledger's database closed the connection"});
  } catch (const std::exception& exception) {
    latch({ErrorKind::unavailable, first_line(exception.what())});
  }
  if (error_->kind == ErrorKind::unavailable) disconnect();
  return {};
}

PostgresRows PostgresDatabase::query(const char* sql, const PostgresValues& values) {
  return run([&](pqxx::nontransaction& work) {
    std::vector<pqxx::binarystring> binary;
    binary.reserve(values.encoded().size());
    for (const std::string& value : values.encoded()) binary.emplace_back(value);
    return work.exec_prepared(link_->prepared(sql), pqxx::prepare::make_dynamic_params(binary));
  });
}

PostgresRows PostgresDatabase::execute(const std::string& sql) {
  return run([&](pqxx::nontransaction& work) { return work.exec(sql); });
}

ErrorKind kind_of_state(std::string_view sqlstate) {
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03")
    return ErrorKind::contended;
  const std::string_view sort = sqlstate.substr(0, 2);
  const bool values = sort == "22" || sort == "23" || sort == "54";
  return values ? ErrorKind::rejected : ErrorKind::unavailable;
}

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace walpulse::monitor
