#include "connector/stream/pq_session.h"

#include <poll.h>

#include <chrono>
#include <vector>

#include "connector/stream/connection_parameters.h"
#include "connector/stream/notice.h"
#include "connector/stream/replication_stream.h"
#include "decoder/base/error_context.h"
#include "decoder/base/logging.h"
#include "publisher/database/session_settings.h"

namespace walpulse::connector {
namespace {

/// With which 17 and earlier end the stream where a publication is missing.
constexpr const char* kNoPublication = "42704";

std::string one_line(const char* text) {
  std::string line = text == nullptr ? "" : text;
  while (!line.empty() && line.back() == '\n') line.pop_back();
  for (char& c : line) c = c == '\n' ? ' ' : c;
  return line;
}

std::string field(const PGresult* result, int code) {
  const char* value = PQresultErrorField(result, code);
  return value == nullptr ? "" : value;
}

}  // namespace

PqSession::PqSession(PGconn* opened) : connection_(opened, &PQfinish) {
  PQsetNoticeReceiver(opened, &PqSession::on_notice, this);
}

Result<std::unique_ptr<PqSession>> PqSession::open(const PqSessionOptions& options) {
  auto all = connection_parameters(options.dsn);
  if (!all) return forward(all);
  if (!options.replication) all->erase("replication");
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : *all) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<PqSession> session(
      new PqSession(PQconnectdbParams(keywords.data(), values.data(), 0)));
  if (PQstatus(session->connection()) != CONNECTION_OK) {
    return tl::unexpected<Error>(session->lost(
        options.replication ? "cannot open a replication connection" : "cannot open a connection"));
  }
  const auto set = session->execute(
      database::session_sql(session->version_num(), {.client_encoding = options.client_encoding}),
      PGRES_COMMAND_OK, "cannot prepare the session");
  // Whatever ended it is the role's or the server's doing, and there is no session to ask.
  if (!set) return fail(of_kind(ErrorKind::unavailable, set.error()));
  return session;
}

void PqSession::on_notice(void* self, const PGresult* notice) {
  auto& session = *static_cast<PqSession*>(self);
  const std::string state = field(notice, PG_DIAG_SQLSTATE);
  const std::string text = field(notice, PG_DIAG_MESSAGE_PRIMARY);
  if (drops_changes(field(notice, PG_DIAG_SEVERITY_NONLOCALIZED), state)) {
    session.fatal_notice_ = text;
  } else {
    SPDLOG_INFO("server notice sqlstate={} text={}", state, text);
  }
}

Error PqSession::lost(const std::string& what) const {
  return {ErrorKind::unavailable, what + ": " + one_line(PQerrorMessage(connection_.get()))};
}

Error PqSession::refused(const PGresult* result, const std::string& what) const {
  const std::string state = field(result, PG_DIAG_SQLSTATE);
  if (state.empty() || PQstatus(connection_.get()) != CONNECTION_OK) {
    // What the server said before it closed the connection: 57P01 and its like.
    Error error = lost(what);
    error.code = state;
    return error;
  }
  return {ErrorKind::rejected,
          what + ": " + field(result, PG_DIAG_MESSAGE_PRIMARY) + " (SQLSTATE " + state + ")", "",
          state};
}

Result<PqResult> PqSession::execute(const std::string& command, ExecStatusType expected,
                                    const std::string& what) {
  PqResult result(PQexec(connection_.get(), command.c_str()), &PQclear);
  if (PQresultStatus(result.get()) != expected) {
    return tl::unexpected<Error>(refused(result.get(), what));
  }
  return result;
}

std::string PqSession::literal(const std::string& text) {
  const PqBuffer quoted(PQescapeLiteral(connection_.get(), text.data(), text.size()), &PQfreemem);
  return quoted ? quoted.get() : "NULL";
}

Result<void> PqSession::check_notices() const {
  if (fatal_notice_.empty()) return {};
  return fail(ErrorKind::rejected, "the server drops changes: " + fatal_notice_, "",
              kNoPublication);
}

Result<Lsn> copy_slot(PqSession& session, const std::string& slot, const std::string& copy) {
  const auto done =
      session.execute("SELECT lsn FROM pg_catalog.pg_copy_logical_replication_slot(" +
                          session.literal(slot) + ", " + session.literal(copy) + ", true)",
                      PGRES_TUPLES_OK, "cannot copy the slot");
  if (!done) return forward(done);
  return parse_lsn(PQgetvalue(done->get(), 0, 0));
}

Result<void> advance_slot(PqSession& session, const std::string& slot, Lsn to) {
  const std::string command = "SELECT pg_catalog.pg_replication_slot_advance(" +
                              session.literal(slot) + ", '" + to_string(to) + "')";
  for (int call = 0; call < 2; ++call) {
    const auto done = session.execute(command, PGRES_TUPLES_OK, "cannot advance the slot");
    if (!done) return forward(done);
  }
  return {};
}

bool await_session(PqSession& session, Wakeup& wakeup, Clock::time_point deadline) {
  const auto left =
      std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(deadline - Clock::now()));
  const timespec timeout{.tv_sec = left.count() / 1'000'000'000,
                         .tv_nsec = left.count() % 1'000'000'000};
  pollfd polled[2] = {{wakeup.descriptor(), POLLIN, 0},
                      {PQsocket(session.connection()), POLLIN, 0}};
  ::ppoll(polled, 2, &timeout, nullptr);
  return polled[1].revents != 0;
}

}  // namespace walpulse::connector
