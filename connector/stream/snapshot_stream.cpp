#include "connector/stream/snapshot_stream.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>

#include "connector/stream/pq_session.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using Clock = SnapshotStream::Clock;

/// How long the server may take to give up what it was asked to.
constexpr auto kCancelWait = 5s;

constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// now() is when the transaction began. A standby's own clock may be far ahead of what it replays.
constexpr const char* kTakenAt =
    "SELECT CASE WHEN pg_is_in_recovery() THEN least(now(), "
    "coalesce(pg_last_xact_replay_timestamp(), now())) ELSE now() END";

}  // namespace

struct SnapshotStream::Session {
  Session(std::unique_ptr<PqSession> opened, Wakeup& shared, std::stop_token stopping)
      : pq(std::move(opened)), wakeup(shared), stop(std::move(stopping)) {}

  PGconn* connection() { return pq->connection(); }

  /// Until the next result can be taken without waiting; false at the deadline.
  Result<bool> await_result(Clock::time_point deadline) {
    while (PQisBusy(connection()) != 0) {
      if (stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped");
      const auto now = Clock::now();
      if (now >= deadline) return false;
      // The stop raises the wakeup; what else raises it is looked at elsewhere.
      pollfd polled[2] = {{PQsocket(connection()), POLLIN, 0}, {wakeup.descriptor(), POLLIN, 0}};
      const auto left = std::min<Clock::duration>(deadline - now, 1s);
      ::poll(polled, 2,
             static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
      if (polled[1].revents != 0) wakeup.clear();
      if (polled[0].revents == 0) continue;
      if (PQconsumeInput(connection()) == 0) {
        return tl::unexpected<Error>(pq->lost("the connection is lost"));
      }
    }
    return true;
  }

  Result<void> send(const std::string& command) {
    if (PQsendQuery(connection(), command.c_str()) == 0) {
      return tl::unexpected<Error>(pq->lost("the connection is lost"));
    }
    return {};
  }

  /// The last result of what was sent, once all is there.
  Result<PqResult> last_result(const std::string& what, Clock::time_point deadline) {
    PqResult last(nullptr, &PQclear);
    while (true) {
      auto there = await_result(deadline);
      if (!there) return forward(there);
      if (!*there) return fail(ErrorKind::timed_out, what + ": no answer in time");
      PqResult next(PQgetResult(connection()), &PQclear);
      if (!next) break;
      const bool failed_before = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
      if (!failed_before) last = std::move(next);
    }
    const auto status = PQresultStatus(last.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      return tl::unexpected<Error>(pq->refused(last.get(), what));
    }
    return last;
  }

  Result<PqResult> execute(const std::string& command, const std::string& what) {
    if (auto sent = send(command); !sent) return forward(sent);
    return last_result(what, Clock::time_point::max());
  }

  /// The server stops at what it is doing; else the socket's end would be noticed late, and the
  /// slot stay for so long.
  void cancel() {
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> handle(PQgetCancel(connection()),
                                                                    &PQfreeCancel);
    char problem[256];
    if (!handle || PQcancel(handle.get(), problem, sizeof problem) == 0) return;
    const std::stop_token stopping = std::exchange(stop, {});
    (void)last_result("cancelled", Clock::now() + kCancelWait);
    stop = stopping;
  }

  std::unique_ptr<PqSession> pq;
  Wakeup& wakeup;
  std::stop_token stop;
  PqResult row{nullptr, &PQclear};
  std::vector<std::optional<std::string_view>> values;
};

SnapshotStream::SnapshotStream(std::unique_ptr<Session> session) : session_(std::move(session)) {}

SnapshotStream::~SnapshotStream() = default;

Result<std::unique_ptr<SnapshotStream>> SnapshotStream::connect(const ReplicationOptions& options,
                                                                Wakeup& wakeup,
                                                                std::stop_token stop) {
  auto opened = PqSession::open(
      {.dsn = options.dsn, .client_encoding = options.client_encoding, .replication = true});
  if (!opened) return forward(opened);
  auto session = std::make_unique<Session>(std::move(*opened), wakeup, std::move(stop));
  return std::unique_ptr<SnapshotStream>(new SnapshotStream(std::move(session)));
}

Result<SnapshotPoint> SnapshotStream::begin(const std::string& slot, Clock::time_point deadline,
                                            const std::function<void(Clock::duration)>& waiting) {
  Session& session = *session_;
  if (auto begun = session.execute(kBegin, "cannot begin a transaction"); !begun) {
    return forward(begun);
  }
  // The form without parentheses is known to every version.
  const std::string create =
      "CREATE_REPLICATION_SLOT " + slot + " TEMPORARY LOGICAL pgoutput USE_SNAPSHOT";
  if (auto sent = session.send(create); !sent) return forward(sent);
  const auto since = Clock::now();
  for (auto look = since + 1s;; look += 1s) {
    const auto there = session.await_result(std::min(deadline, look));
    if (there && *there) break;
    if (there && Clock::now() < deadline) {
      waiting(Clock::now() - since);
      continue;
    }
    session.cancel();
    if (!there) return forward(there);
    return fail(ErrorKind::timed_out, "the slot was not made in time");
  }
  const auto made = session.last_result("cannot make a temporary slot", Clock::time_point::max());
  if (!made) return forward(made);
  const auto position = parse_lsn(PQgetvalue(made->get(), 0, 1));
  if (!position) return forward(position);
  const auto dropped =
      session.execute("DROP_REPLICATION_SLOT " + slot, "cannot drop the temporary slot");
  if (!dropped) return forward(dropped);
  const auto taken = session.execute(kTakenAt, "cannot ask for the time");
  if (!taken) return forward(taken);
  const auto instant = parse_timestamp(PQgetvalue(taken->get(), 0, 0));
  if (!instant) return forward(instant);
  return SnapshotPoint{*position, *instant};
}

Result<void> SnapshotStream::ask(const std::string& select) {
  if (auto sent = session_->send(select); !sent) return sent;
  PQsetSingleRowMode(session_->connection());
  return {};
}

Result<std::optional<SnapshotStream::Row>> SnapshotStream::next_row() {
  Session& session = *session_;
  while (true) {
    session.row.reset();
    const auto there = session.await_result(Clock::time_point::max());
    if (!there) return forward(there);
    session.row.reset(PQgetResult(session.connection()));
    if (!session.row) break;
    const auto status = PQresultStatus(session.row.get());
    if (status == PGRES_TUPLES_OK) continue;  // no further row
    if (status != PGRES_SINGLE_TUPLE) {
      return tl::unexpected<Error>(session.pq->refused(session.row.get(), "cannot read rows"));
    }
    const int count = PQnfields(session.row.get());
    session.values.clear();
    for (int i = 0; i < count; ++i) {
      const bool null = PQgetisnull(session.row.get(), 0, i) != 0;
      session.values.push_back(
          null ? std::nullopt
               : std::optional(std::string_view(
                     PQgetvalue(session.row.get(), 0, i),
                     static_cast<std::size_t>(PQgetlength(session.row.get(), 0, i)))));
    }
    return std::optional<Row>(session.values);
  }
  return std::optional<Row>();
}

}  // namespace walpulse::connector
