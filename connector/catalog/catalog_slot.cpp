// What the catalog does with slots beside looking at them.
#include <unistd.h>

#include <random>

#include "connector/catalog/catalog.h"
#include "connector/catalog/sql_session.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

/// Of a Begin message: 'B', final LSN (8 bytes), commit time (8 bytes, microseconds since 2000).
constexpr const char* kFirstCommit =
    "SELECT ('x' || encode(substring(data FROM 10 FOR 8), 'hex'))::bit(64)::bigint "
    "FROM pg_logical_slot_peek_binary_changes($1, NULL, 1, 'proto_version', '1', "
    "'publication_names', $2) WHERE get_byte(data, 0) = 66 LIMIT 1";

std::string temporary_name(const std::string& slot) {
  static constexpr std::size_t kNameMax = 63;
  const std::string end =
      "_" + std::to_string(::getpid()) + "_" + std::to_string(std::random_device{}());
  return slot.substr(0, kNameMax - end.size()) + end;
}

}  // namespace

Result<Lsn> Catalog::create_slot(const std::string& slot, std::chrono::milliseconds timeout) {
  const std::string failover = version_num() >= 170000 ? ", failover => true" : "";
  const auto rows = session_->query_within(
      timeout,
      "SELECT lsn::text FROM pg_create_logical_replication_slot($1, 'pgoutput'" + failover + ")",
      {slot});
  if (!rows) return forward(rows);
  return rows->at(0).maybe_lsn(0).value_or(Lsn{});
}

Result<void> Catalog::copy_slot(const std::string& from, const std::string& to) {
  const auto made =
      session_->query("SELECT pg_copy_logical_replication_slot($1, $2, false)", {from, to});
  if (!made) return forward(made);
  return {};
}

Result<void> Catalog::drop_slot(const std::string& slot) {
  const auto dropped = session_->query("SELECT pg_drop_replication_slot($1)", {slot});
  if (!dropped) return forward(dropped);
  return {};
}

Result<void> Catalog::advance_slot(const std::string& slot, Lsn to) {
  for (int call = 0; call < 2; ++call) {
    const auto moved = session_->query("SELECT pg_replication_slot_advance($1, $2::pg_lsn)",
                                       {slot, to_string(to)});
    if (!moved) return forward(moved);
  }
  return {};
}

Result<std::optional<Timestamp>> Catalog::first_commit_time(const std::string& slot,
                                                            const std::string& publication,
                                                            std::chrono::milliseconds timeout) {
  const auto copy = temporary_name(slot);
  const auto copied =
      session_->query("SELECT pg_copy_logical_replication_slot($1, $2, true)", {slot, copy});
  if (!copied) return forward(copied);
  const auto rows = session_->query_within(timeout, kFirstCommit,
                                           {copy, database::quote_identifier(publication)});
  const auto dropped = drop_slot(copy);
  if (!rows && rows.error().kind != ErrorKind::timed_out) {
    return forward(rows);
  }
  if (!dropped) return forward(dropped);
  if (!rows || rows->empty()) return std::optional<Timestamp>();
  return std::optional(from_postgres_epoch(rows->front().number(0)));
}

}  // namespace walpulse::connector
