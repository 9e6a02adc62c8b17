#include "connector/replay/slot_reader.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>

#include "connector/catalog/sql_quote.h"
#include "connector/replay/copy_parser.h"
#include "connector/stream/pq_session.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

constexpr auto kPollInterval = 200ms;

// Durable WAL only is decoded; a standby decodes what it has replayed.
constexpr const char* kDecodable =
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
    "ELSE pg_current_wal_flush_lsn() END";

/// A batch takes as long as the sink does, and nobody else knows when that is too long.
std::string unlimited(int version_num) {
  std::string sql = "SET statement_timeout = 0";
  if (version_num >= 140000) sql += "; SET idle_session_timeout = 0";
  if (version_num >= 170000) sql += "; SET transaction_timeout = 0";
  return sql;
}

tl::unexpected<ReplayFault> fault(ReplayPhase phase, const Error& error, const PqSession* session) {
  return tl::unexpected<ReplayFault>(
      ReplayFault{phase, error, session == nullptr ? "" : session->sqlstate()});
}

}  // namespace

struct SlotReader::Session {
  enum class State { idle, asked, copying };

  Session(std::unique_ptr<PqSession> opened, SlotReaderOptions given, Wakeup& shared)
      : pq(std::move(opened)), options(std::move(given)), wakeup(shared) {}

  Result<void> ask();
  Result<bool> answered();
  Result<std::optional<SlotRow>> row();
  Result<ReplayReached> end_of_batch();

  std::unique_ptr<PqSession> pq;
  const SlotReaderOptions options;
  Wakeup& wakeup;
  State state = State::idle;
  CopyParser parser;
  PqBuffer buffer{nullptr, &PQfreemem};
  bool waiting = false;  ///< Nothing to go on with before the socket has more.
  std::uint64_t rows = 0;
  Lsn oldest;
  Lsn decodable;  ///< When the batch began.
  Clock::time_point ask_at{};
};

std::string batch_statement(const std::string& copy_literal, const std::string& publication_literal,
                            std::optional<Lsn> upto, std::uint64_t rows_max) {
  const std::string end = upto ? "'" + to_string(*upto) + "'" : std::string("NULL");
  return "COPY (SELECT lsn, xid, data FROM pg_catalog.pg_logical_slot_get_binary_changes(" +
         copy_literal + ", " + end + ", " + std::to_string(rows_max) +
         ", 'proto_version', '1', 'publication_names', " + publication_literal +
         ")) TO STDOUT (FORMAT binary)";
}

Result<void> SlotReader::Session::ask() {
  const auto end = pq->execute(kDecodable, PGRES_TUPLES_OK, "cannot read the slot");
  if (!end) return tl::unexpected<Error>(end.error());
  decodable = parse_lsn(PQgetvalue(end->get(), 0, 0)).value_or(Lsn{});
  const auto sql =
      batch_statement(pq->literal(options.copy), pq->literal(quote_identifier(options.publication)),
                      options.upto, options.batch_rows_max);
  if (PQsendQuery(pq->connection(), sql.c_str()) == 0) {
    return tl::unexpected<Error>(pq->lost("cannot read the slot"));
  }
  parser = CopyParser();
  rows = 0;
  state = State::asked;
  return {};
}

/// True: rows come. The server decodes the whole batch before it answers.
Result<bool> SlotReader::Session::answered() {
  if (PQisBusy(pq->connection()) != 0) return false;
  const PqResult result(PQgetResult(pq->connection()), &PQclear);
  if (auto whole = pq->check_notices(); !whole) return tl::unexpected<Error>(whole.error());
  if (PQresultStatus(result.get()) != PGRES_COPY_OUT) {
    return tl::unexpected<Error>(pq->refused(result.get(), "cannot read the slot"));
  }
  state = State::copying;
  return true;
}

/// Empty: either the batch is over (then it is idle), or it takes more from the socket.
Result<std::optional<SlotRow>> SlotReader::Session::row() {
  while (true) {
    auto row = parser.next();
    if (!row || *row) {
      rows += row ? 1 : 0;
      return row;
    }
    char* piece = nullptr;
    const int size = PQgetCopyData(pq->connection(), &piece, 1);
    buffer.reset(piece);
    if (auto whole = pq->check_notices(); !whole) return tl::unexpected<Error>(whole.error());
    if (size == 0) {
      waiting = true;
      return std::optional<SlotRow>();
    }
    if (size == -2) return tl::unexpected<Error>(pq->lost("cannot read the slot"));
    if (size == -1) {
      state = State::idle;
      return std::optional<SlotRow>();
    }
    parser.feed(std::as_bytes(std::span(piece, static_cast<std::size_t>(size))));
  }
}

Result<ReplayReached> SlotReader::Session::end_of_batch() {
  for (PqResult result(PQgetResult(pq->connection()), &PQclear); result != nullptr;
       result.reset(PQgetResult(pq->connection()))) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      return tl::unexpected<Error>(pq->refused(result.get(), "cannot read the slot"));
    }
  }
  if (auto whole = parser.finish(); !whole) return tl::unexpected<Error>(whole.error());
  if (rows >= options.batch_rows_max) return ReplayReached{};  // there may be more
  ask_at = Clock::now() + kPollInterval;
  return ReplayReached{options.upto ? std::min(*options.upto, decodable) : decodable};
}

SlotReader::SlotReader(std::unique_ptr<Session> session) : session_(std::move(session)) {}
SlotReader::~SlotReader() = default;

std::string_view SlotReader::sqlstate() const { return session_->pq->sqlstate(); }
Lsn SlotReader::oldest() const { return session_->oldest; }

tl::expected<std::unique_ptr<SlotReader>, ReplayFault> SlotReader::open(
    const SlotReaderOptions& options, Wakeup& wakeup) {
  auto pq = PqSession::open({.dsn = options.dsn, .client_encoding = options.client_encoding});
  if (!pq) return fault(ReplayPhase::connect, pq.error(), nullptr);
  auto session = std::make_unique<Session>(std::move(*pq), options, wakeup);
  PqSession& link = *session->pq;
  const auto set =
      link.execute(unlimited(link.version_num()), PGRES_COMMAND_OK, "cannot lift the timeouts");
  if (!set) return fault(ReplayPhase::connect, set.error(), &link);
  const auto copied = copy_slot(link, options.anchor, options.copy);
  if (!copied) return fault(ReplayPhase::copy, copied.error(), &link);
  session->oldest = *copied;
  if (options.from > *copied) {
    const auto advanced = advance_slot(link, options.copy, options.from);
    if (!advanced) return fault(ReplayPhase::advance, advanced.error(), &link);
  }
  return std::unique_ptr<SlotReader>(new SlotReader(std::move(session)));
}

Result<std::optional<ReplayItem>> SlotReader::next(Clock::time_point deadline) {
  Session& session = *session_;
  const std::optional<ReplayItem> nothing;
  while (true) {
    session.waiting = false;
    if (session.state == Session::State::idle) {
      if (Clock::now() < session.ask_at) {
        hold(std::min(deadline, session.ask_at));
        return nothing;
      }
      if (auto asked = session.ask(); !asked) return tl::unexpected<Error>(asked.error());
    }
    if (session.state == Session::State::asked) {
      const auto answered = session.answered();
      if (!answered) return tl::unexpected<Error>(answered.error());
      session.waiting = !*answered;
    }
    if (session.state == Session::State::copying) {
      const auto row = session.row();
      if (!row) return tl::unexpected<Error>(row.error());
      if (*row) return std::optional<ReplayItem>(ReplayRow{(*row)->lsn, (*row)->data});
      if (session.state == Session::State::idle) {
        const auto reached = session.end_of_batch();
        if (!reached) return tl::unexpected<Error>(reached.error());
        return std::optional<ReplayItem>(*reached);
      }
    }
    if (!session.waiting) continue;
    if (session.wakeup.clear() || Clock::now() >= deadline) return nothing;
    if (await_session(*session.pq, session.wakeup, deadline) &&
        PQconsumeInput(session.pq->connection()) == 0) {
      return tl::unexpected<Error>(session.pq->lost("the connection is lost"));
    }
  }
}

void SlotReader::hold(Clock::time_point deadline) {
  if (session_->wakeup.clear()) return;
  session_->wakeup.await(deadline);
  session_->wakeup.clear();
}

void SlotReader::cancel() {
  if (session_->state == Session::State::idle) return;
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> request(
      PQgetCancel(session_->pq->connection()), &PQfreeCancel);
  std::array<char, 256> reason{};
  if (request) PQcancel(request.get(), reason.data(), static_cast<int>(reason.size()));
}

}  // namespace walpulse::connector
