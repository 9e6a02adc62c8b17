#include "connector/replay/slot_batches.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>

#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

constexpr const char* kCannotRead = "cannot read the slot";

// Durable WAL only is decoded; a standby decodes what it has replayed.
constexpr const char* kWhere =
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
    "ELSE pg_current_wal_flush_lsn() END, restart_lsn "
    "FROM pg_catalog.pg_replication_slots WHERE slot_name = ";

}  // namespace

Result<Lsn> SlotBatches::copy(const std::string& slot) {
  if (has_slot_) {
    const auto dropped = session_->execute(
        "SELECT pg_catalog.pg_drop_replication_slot(" + session_->literal(name_) + ")",
        PGRES_TUPLES_OK, "cannot drop the slot");
    if (!dropped) return forward(dropped);
  }
  auto at = copy_slot(*session_, slot, name_);
  has_slot_ = at.has_value();
  return at;
}

std::string SlotBatches::statement() const {
  const std::string end =
      options_.upto ? "'" + to_string(*options_.upto) + "'" : std::string("NULL");
  return "COPY (SELECT lsn, xid, data FROM pg_catalog.pg_logical_slot_get_binary_changes(" +
         session_->literal(name_) + ", " + end + ", " + std::to_string(rows_max_) +
         ", 'proto_version', '1', 'publication_names', " +
         session_->literal(database::quote_identifier(options_.publication)) +
         ")) TO STDOUT (FORMAT binary)";
}

Result<void> SlotBatches::ask() {
  const auto where =
      session_->execute(kWhere + session_->literal(name_), PGRES_TUPLES_OK, kCannotRead);
  if (!where) return forward(where);
  const auto lsn = [&](int column) {
    return PQntuples(where->get()) == 0
               ? Lsn{}
               : parse_lsn(PQgetvalue(where->get(), 0, column)).value_or(Lsn{});
  };
  decodable_ = lsn(0);
  rows_max_ = size_.next(lsn(1));
  if (PQsendQuery(session_->connection(), statement().c_str()) == 0) {
    return tl::unexpected<Error>(session_->lost(kCannotRead));
  }
  parser_ = CopyParser();
  row_count_ = 0;
  state_ = State::asked;
  return {};
}

Result<bool> SlotBatches::answered() {
  if (PQisBusy(session_->connection()) != 0) return false;
  const PqResult result(PQgetResult(session_->connection()), &PQclear);
  if (auto whole = session_->check_notices(); !whole) return forward(whole);
  if (PQresultStatus(result.get()) != PGRES_COPY_OUT) {
    return tl::unexpected<Error>(session_->refused(result.get(), kCannotRead));
  }
  state_ = State::copying;
  return true;
}

/// Empty: either the batch is over (then it is idle), or it takes more from the connection.
Result<std::optional<SlotRow>> SlotBatches::row() {
  while (true) {
    auto row = parser_.next();
    if (!row || *row) {
      row_count_ += row ? 1 : 0;
      return row;
    }
    char* piece = nullptr;
    const int size = PQgetCopyData(session_->connection(), &piece, 1);
    buffer_.reset(piece);
    if (auto whole = session_->check_notices(); !whole) return forward(whole);
    if (size == 0) return std::optional<SlotRow>();
    if (size == -2) return tl::unexpected<Error>(session_->lost(kCannotRead));
    if (size == -1) {
      state_ = State::idle;
      return std::optional<SlotRow>();
    }
    parser_.feed(std::as_bytes(std::span(piece, static_cast<std::size_t>(size))));
  }
}

Result<ReplayReached> SlotBatches::end_of_batch() {
  for (PqResult result(PQgetResult(session_->connection()), &PQclear); result != nullptr;
       result.reset(PQgetResult(session_->connection()))) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      return tl::unexpected<Error>(session_->refused(result.get(), kCannotRead));
    }
  }
  if (auto whole = parser_.finish(); !whole) return forward(whole);
  if (full()) return ReplayReached{};
  return ReplayReached{options_.upto ? std::min(*options_.upto, decodable_) : decodable_};
}

Result<std::optional<ReplayItem>> SlotBatches::next() {
  const std::optional<ReplayItem> nothing;
  if (state_ == State::asked) {
    const auto come = answered();
    if (!come) return forward(come);
  }
  if (state_ != State::copying) return nothing;
  const auto found = row();
  if (!found) return forward(found);
  if (*found) return std::optional<ReplayItem>(ReplayRow{(*found)->lsn, (*found)->data});
  if (state_ != State::idle) return nothing;
  const auto reached = end_of_batch();
  if (!reached) return forward(reached);
  return std::optional<ReplayItem>(*reached);
}

Result<void> SlotBatches::await(Wakeup& wakeup, Clock::time_point deadline) {
  if (!await_session(*session_, wakeup, deadline)) return {};
  if (PQconsumeInput(session_->connection()) != 0) return {};
  return tl::unexpected<Error>(session_->lost("the connection is lost"));
}

void SlotBatches::cancel() {
  if (idle()) return;
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> request(
      PQgetCancel(session_->connection()), &PQfreeCancel);
  std::array<char, 256> reason{};
  if (request) PQcancel(request.get(), reason.data(), static_cast<int>(reason.size()));
}

}  // namespace walpulse::connector
