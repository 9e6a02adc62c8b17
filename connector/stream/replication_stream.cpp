#include "connector/stream/replication_stream.h"

#include <libpq-fe.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <time.h>

#include <charconv>
#include <thread>
#include <vector>

#include "connector/stream/connection_parameters.h"
#include "connector/stream/frame.h"
#include "connector/stream/notice.h"
#include "connector/stream/read_pacing.h"
#include "connector/stream/timeline_history.h"

namespace walpulse::connector {
namespace {

/// With which 17 and earlier end the stream where a publication is missing.
constexpr const char* kUndefinedObject = "42704";

using ConnectionPtr = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using ResultPtr = std::unique_ptr<PGresult, decltype(&PQclear)>;
using BufferPtr = std::unique_ptr<char, decltype(&PQfreemem)>;

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

timespec until(Clock::time_point deadline) {
  const auto now = Clock::now();
  const auto left = deadline > now ? deadline - now : Clock::duration::zero();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds);
  return {.tv_sec = seconds.count(), .tv_nsec = rest.count()};
}

}  // namespace

struct ReplicationStream::Session {
  Session(PGconn* opened, Wakeup& shared) : connection(opened, &PQfinish), wakeup(shared) {
    PQsetNoticeReceiver(opened, &Session::on_notice, this);
  }

  static void on_notice(void* self, const PGresult* notice) {
    auto& session = *static_cast<Session*>(self);
    const std::string state = field(notice, PG_DIAG_SQLSTATE);
    const std::string text = field(notice, PG_DIAG_MESSAGE_PRIMARY);
    if (drops_changes(field(notice, PG_DIAG_SEVERITY_NONLOCALIZED), state)) {
      session.fatal_notice = text;
    } else {
      spdlog::info("server notice sqlstate={} text={}", state, text);
    }
  }

  Error lost(const std::string& what) const {
    return {ErrorKind::unavailable, what + ": " + one_line(PQerrorMessage(connection.get()))};
  }

  Error refused(const PGresult* result, const std::string& what) {
    sqlstate = field(result, PG_DIAG_SQLSTATE);
    if (sqlstate.empty() || PQstatus(connection.get()) != CONNECTION_OK) return lost(what);
    return {ErrorKind::rejected,
            what + ": " + field(result, PG_DIAG_MESSAGE_PRIMARY) + " (SQLSTATE " + sqlstate + ")"};
  }

  Result<ResultPtr> execute(const std::string& command, ExecStatusType expected,
                            const std::string& what) {
    sqlstate.clear();
    ResultPtr result(PQexec(connection.get(), command.c_str()), &PQclear);
    if (PQresultStatus(result.get()) != expected) {
      return tl::unexpected<Error>(refused(result.get(), what));
    }
    return result;
  }

  /// The copy ended: with an error, or because the server shuts down ("COPY 0").
  Error ended() {
    const ResultPtr result(PQgetResult(connection.get()), &PQclear);
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
      return refused(result.get(), "the server ended the stream");
    }
    return {ErrorKind::unavailable, "the server closed the stream"};
  }

  /// Waits for the wakeup, the socket (where asked to read, or something is unsent) or the
  /// deadline.
  bool wait(Clock::time_point deadline, bool read) {
    const short wanted = static_cast<short>((read ? POLLIN : 0) | (unsent ? POLLOUT : 0));
    pollfd polled[2] = {{wakeup.descriptor(), POLLIN, 0}, {PQsocket(connection.get()), wanted, 0}};
    const timespec timeout = until(deadline);
    ::ppoll(polled, wanted != 0 ? 2 : 1, &timeout, nullptr);
    if (polled[1].revents & POLLOUT) unsent = PQflush(connection.get()) == 1;
    return (polled[1].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
  }

  bool await_input(Clock::time_point deadline) {
    if (pacing.backlog()) {
      // libpq reads 16 kB a call: the socket may hold more, and then there is nothing to wait for.
      if (wait(Clock::time_point::min(), true)) return true;
      std::this_thread::sleep_for(ReadPacing::kPause);
    }
    const auto since = Clock::now();
    const bool readable = wait(deadline, true);
    if (readable) pacing.waited(Clock::now() - since);
    return readable;
  }

  ConnectionPtr connection;
  Wakeup& wakeup;
  BufferPtr buffer{nullptr, &PQfreemem};
  ReadPacing pacing;
  std::string sqlstate;
  std::string fatal_notice;
  bool unsent = false;
};

ReplicationStream::ReplicationStream(std::unique_ptr<Session> session)
    : session_(std::move(session)) {}
ReplicationStream::~ReplicationStream() = default;

std::string_view ReplicationStream::sqlstate() const { return session_->sqlstate; }

Result<std::unique_ptr<ReplicationStream>> ReplicationStream::connect(
    const ReplicationOptions& options, Wakeup& wakeup) {
  const auto all = connection_parameters(options);
  if (!all) return tl::unexpected<Error>(all.error());
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : *all) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  auto session =
      std::make_unique<Session>(PQconnectdbParams(keywords.data(), values.data(), 0), wakeup);
  if (PQstatus(session->connection.get()) != CONNECTION_OK) {
    return tl::unexpected<Error>(session->lost("cannot open a replication connection"));
  }
  return std::unique_ptr<ReplicationStream>(new ReplicationStream(std::move(session)));
}

Result<SystemIdentity> ReplicationStream::identify() {
  auto row = session_->execute("IDENTIFY_SYSTEM", PGRES_TUPLES_OK, "IDENTIFY_SYSTEM failed");
  if (!row) return tl::unexpected<Error>(row.error());
  SystemIdentity identity;
  const auto number = [&](int column, auto& out) {
    const std::string_view text = PQgetvalue(row->get(), 0, column);
    return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
  };
  const bool whole = PQntuples(row->get()) == 1 && PQnfields(row->get()) >= 3;
  if (!whole || !number(0, identity.system_identifier) || !number(1, identity.timeline)) {
    return fail(ErrorKind::malformed, "IDENTIFY_SYSTEM gave an answer of unknown form");
  }
  const auto flushed = parse_lsn(PQgetvalue(row->get(), 0, 2));
  if (!flushed) return tl::unexpected<Error>(flushed.error());
  identity.flushed = *flushed;
  return identity;
}

Result<std::optional<Lsn>> ReplicationStream::fork_point(std::uint32_t timeline,
                                                         std::uint32_t old) {
  auto row = session_->execute("TIMELINE_HISTORY " + std::to_string(timeline), PGRES_TUPLES_OK,
                               "TIMELINE_HISTORY failed");
  if (!row) return tl::unexpected<Error>(row.error());
  if (PQntuples(row->get()) != 1 || PQnfields(row->get()) < 2) {
    return fail(ErrorKind::malformed, "TIMELINE_HISTORY gave an answer of unknown form");
  }
  return connector::fork_point(PQgetvalue(row->get(), 0, 1), old);
}

Result<void> ReplicationStream::copy_slot(const std::string& slot, const std::string& copy) {
  const auto literal = [&](const std::string& text) {
    const BufferPtr quoted(PQescapeLiteral(session_->connection.get(), text.data(), text.size()),
                           &PQfreemem);
    return std::string(quoted ? quoted.get() : "NULL");
  };
  const auto done = session_->execute("SELECT pg_catalog.pg_copy_logical_replication_slot(" +
                                          literal(slot) + ", " + literal(copy) + ", true)",
                                      PGRES_TUPLES_OK, "cannot copy the slot");
  if (!done) return tl::unexpected<Error>(done.error());
  return {};
}

Result<void> ReplicationStream::start(const std::string& slot, Lsn from,
                                      const std::string& publication) {
  const auto done = session_->execute(start_command(slot, from, publication), PGRES_COPY_BOTH,
                                      "START_REPLICATION failed");
  if (!done) return tl::unexpected<Error>(done.error());
  if (PQsetnonblocking(session_->connection.get(), 1) != 0) {
    return tl::unexpected<Error>(session_->lost("cannot stream"));
  }
  return {};
}

Result<std::optional<Frame>> ReplicationStream::next(Clock::time_point deadline) {
  Session& session = *session_;
  PGconn* connection = session.connection.get();
  while (true) {
    char* body = nullptr;
    const int size = PQgetCopyData(connection, &body, 1);
    session.buffer.reset(body);
    if (!session.fatal_notice.empty()) {
      session.sqlstate = kUndefinedObject;
      return fail(ErrorKind::rejected, "the server drops changes: " + session.fatal_notice);
    }
    if (size > 0) {
      auto frame = parse_frame(std::as_bytes(std::span(body, static_cast<std::size_t>(size))));
      if (!frame) return tl::unexpected<Error>(frame.error());
      return std::optional<Frame>(*frame);
    }
    if (size == -1) return tl::unexpected<Error>(session.ended());
    if (size == -2) return tl::unexpected<Error>(session.lost("cannot read the stream"));
    if (session.wakeup.clear() || Clock::now() >= deadline) return std::optional<Frame>();
    if (session.await_input(deadline) && PQconsumeInput(connection) == 0) {
      return tl::unexpected<Error>(session.lost("the connection is lost"));
    }
  }
}

void ReplicationStream::hold(Clock::time_point deadline) {
  if (session_->wakeup.clear()) return;
  session_->wait(deadline, false);
  session_->wakeup.clear();
}

Result<void> ReplicationStream::send(const Feedback& feedback) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const auto body = status_update(feedback, now);
  PGconn* connection = session_->connection.get();
  const int queued = PQputCopyData(connection, body.data(), static_cast<int>(body.size()));
  const int left = queued < 0 ? -1 : PQflush(connection);
  if (left < 0) return tl::unexpected<Error>(session_->lost("cannot send a status"));
  session_->unsent = left == 1;
  return {};
}

}  // namespace walpulse::connector
