#include "connector/stream/replication_stream.h"

#include <poll.h>
#include <time.h>

#include <charconv>
#include <thread>

#include "connector/stream/frame.h"
#include "connector/stream/pq_session.h"
#include "connector/stream/read_pacing.h"
#include "connector/stream/timeline_history.h"
#include "decoder/base/clock.h"

namespace walpulse::connector {
namespace {

timespec until(Clock::time_point deadline) {
  const auto now = Clock::now();
  const auto left = deadline > now ? deadline - now : Clock::duration::zero();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds);
  return {.tv_sec = seconds.count(), .tv_nsec = rest.count()};
}

}  // namespace

struct ReplicationStream::Session {
  Session(std::unique_ptr<PqSession> opened, Wakeup& shared)
      : pq(std::move(opened)), wakeup(shared) {}

  /// The copy ended: with an error, or because the server shuts down ("COPY 0").
  Error ended() {
    const PqResult result(PQgetResult(pq->connection()), &PQclear);
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
      return pq->refused(result.get(), "the server ended the stream");
    }
    return {ErrorKind::unavailable, "the server closed the stream"};
  }

  /// Waits for the wakeup, the socket (where asked to read, or something is unsent) or the
  /// deadline.
  bool wait(Clock::time_point deadline, bool read) {
    const short wanted = static_cast<short>((read ? POLLIN : 0) | (unsent ? POLLOUT : 0));
    pollfd polled[2] = {{wakeup.descriptor(), POLLIN, 0}, {PQsocket(pq->connection()), wanted, 0}};
    const timespec timeout = until(deadline);
    ::ppoll(polled, wanted != 0 ? 2 : 1, &timeout, nullptr);
    if (polled[1].revents & POLLOUT) unsent = PQflush(pq->connection()) == 1;
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

  std::unique_ptr<PqSession> pq;
  Wakeup& wakeup;
  PqBuffer buffer{nullptr, &PQfreemem};
  ReadPacing pacing;
  bool unsent = false;
};

ReplicationStream::ReplicationStream(std::unique_ptr<Session> session)
    : session_(std::move(session)) {}
ReplicationStream::~ReplicationStream() = default;

ServerAddress ReplicationStream::address() const {
  const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
  const PGconn* connection = session_->pq->connection();
  return {text(PQhost(connection)), text(PQhostaddr(connection)), text(PQport(connection))};
}

Result<std::unique_ptr<ReplicationStream>> ReplicationStream::connect(
    const ReplicationOptions& options, Wakeup& wakeup) {
  auto opened = PqSession::open(
      {.dsn = options.dsn, .client_encoding = options.client_encoding, .replication = true});
  if (!opened) return forward(opened);
  auto session = std::make_unique<Session>(std::move(*opened), wakeup);
  return std::unique_ptr<ReplicationStream>(new ReplicationStream(std::move(session)));
}

Result<SystemIdentity> ReplicationStream::identify() {
  auto row = session_->pq->execute("IDENTIFY_SYSTEM", PGRES_TUPLES_OK, "IDENTIFY_SYSTEM failed");
  if (!row) return forward(row);
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
  if (!flushed) return forward(flushed);
  identity.flushed = *flushed;
  return identity;
}

Result<std::optional<Lsn>> ReplicationStream::fork_point(std::uint32_t timeline,
                                                         std::uint32_t old) {
  auto row = session_->pq->execute("TIMELINE_HISTORY " + std::to_string(timeline), PGRES_TUPLES_OK,
                                   "TIMELINE_HISTORY failed");
  if (!row) return forward(row);
  if (PQntuples(row->get()) != 1 || PQnfields(row->get()) < 2) {
    return fail(ErrorKind::malformed, "TIMELINE_HISTORY gave an answer of unknown form");
  }
  return connector::fork_point(PQgetvalue(row->get(), 0, 1), old);
}

Result<Lsn> ReplicationStream::copy_slot(const std::string& slot, const std::string& copy) {
  return connector::copy_slot(*session_->pq, slot, copy);
}

Result<void> ReplicationStream::advance_slot(const std::string& slot, Lsn to) {
  return connector::advance_slot(*session_->pq, slot, to);
}

Result<void> ReplicationStream::start(const std::string& slot, Lsn from,
                                      const std::string& publication) {
  const auto done = session_->pq->execute(start_command(slot, from, publication), PGRES_COPY_BOTH,
                                          "START_REPLICATION failed");
  if (!done) return forward(done);
  if (PQsetnonblocking(session_->pq->connection(), 1) != 0) {
    return tl::unexpected<Error>(session_->pq->lost("cannot stream"));
  }
  return {};
}

Result<std::optional<Frame>> ReplicationStream::next(Clock::time_point deadline) {
  Session& session = *session_;
  PGconn* connection = session.pq->connection();
  while (true) {
    char* body = nullptr;
    const int size = PQgetCopyData(connection, &body, 1);
    session.buffer.reset(body);
    if (auto whole = session.pq->check_notices(); !whole) {
      return forward(whole);
    }
    if (size > 0) {
      auto frame = parse_frame(std::as_bytes(std::span(body, static_cast<std::size_t>(size))));
      if (!frame) return forward(frame);
      return std::optional<Frame>(*frame);
    }
    if (size == -1) return tl::unexpected<Error>(session.ended());
    if (size == -2) return tl::unexpected<Error>(session.pq->lost("cannot read the stream"));
    if (session.wakeup.clear() || Clock::now() >= deadline) return std::optional<Frame>();
    if (session.await_input(deadline) && PQconsumeInput(connection) == 0) {
      return tl::unexpected<Error>(session.pq->lost("the connection is lost"));
    }
  }
}

void ReplicationStream::wait_without_reading(Clock::time_point deadline) {
  if (session_->wakeup.clear()) return;
  session_->wait(deadline, false);
  session_->wakeup.clear();
}

Result<void> ReplicationStream::send(const Feedback& feedback) {
  const auto now = wall_clock();
  const auto body = status_update(feedback, now);
  PGconn* connection = session_->pq->connection();
  const int queued = PQputCopyData(connection, body.data(), static_cast<int>(body.size()));
  const int left = queued < 0 ? -1 : PQflush(connection);
  if (left < 0) return tl::unexpected<Error>(session_->pq->lost("cannot send a status"));
  session_->unsent = left == 1;
  return {};
}

}  // namespace walpulse::connector
