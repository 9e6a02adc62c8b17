#include "connector/catalog/catalog.h"

#include <nlohmann/json.hpp>

#include "connector/catalog/sql_session.h"
#include "decoder/base/json_dom.h"

namespace walpulse::connector {
namespace {

// The end of the WAL that this server has; pg_current_wal_lsn() fails on a standby.
constexpr const char* kWalEnd =
    "(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)";

constexpr const char* kServer = R"(
SELECT current_setting('server_version'),
       (SELECT system_identifier FROM pg_control_system())::text,
       CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,
       current_database()::text,
       current_setting('server_encoding'),
       pg_is_in_recovery(),
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'cloudsqlsuperuser'),
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            ELSE pg_current_wal_lsn() END::text,
       coalesce(current_setting('effective_wal_level', true), current_setting('wal_level')),
       current_setting('max_replication_slots')::int,
       (SELECT count(*) FROM pg_replication_slots),
       current_setting('max_wal_senders')::int,
       (SELECT count(*) FROM pg_stat_replication),
       current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true), '0')::int,
       (SELECT sum(numbackends) FROM pg_stat_database)::bigint,
       pg_size_bytes(current_setting('max_slot_wal_keep_size')),
       (extract(epoch FROM current_setting('wal_sender_timeout')::interval) * 1000)::bigint,
       (SELECT setting FROM pg_settings WHERE name = 'output_plugin_libraries'),
       (extract(epoch FROM current_setting('idle_replication_slot_timeout', true)::interval)
         * 1000)::bigint,
       (SELECT json_agg(name) FROM pg_settings WHERE pending_restart)::text,
       pg_backend_pid(), host(inet_server_addr()), inet_server_port())";

/// One row for each table, in their order: all of one snapshot, taken before the WAL's end is read.
std::string check_tables_query(int version_num) {
  const std::string row_filter =
      version_num >= 150000 ? "pg_get_expr(r.prqual, r.prrelid)" : "NULL";
  return "SELECT t.nspname::text, t.relname::text, (SELECT c.oid FROM pg_class c JOIN pg_namespace "
         "n ON n.oid = c.relnamespace WHERE n.nspname = w.schema AND c.relname = w.name AND "
         "c.relkind IN ('r', 'p') AND c.oid <> w.oid), r.oid, " +
         row_filter + ", " + kWalEnd +
         "::text FROM json_to_recordset($2::json) AS w(place int, oid oid, schema text, name text) "
         "LEFT JOIN (SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON "
         "n.oid = c.relnamespace) t ON t.oid = w.oid LEFT JOIN pg_publication p ON p.pubname = $1 "
         "LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = w.oid "
         "ORDER BY w.place";
}

std::string tables_parameter(const std::vector<CapturedTable>& tables) {
  auto list = nlohmann::json::array();
  for (const CapturedTable& table : tables) {
    list.push_back({{"place", list.size()},
                    {"oid", table.oid.value},
                    {"schema", table.name.schema},
                    {"name", table.name.name}});
  }
  return dump_json(list);
}

TableCheck read_table_check(const SqlRow& row) {
  const auto maybe_oid = [&](std::size_t column) {
    return row.maybe_text(column)
               ? std::optional(Oid{static_cast<std::uint32_t>(row.unsigned_number(column))})
               : std::nullopt;
  };
  TableCheck table;
  if (row.maybe_text(0)) table.called = TableName{row.text(0), row.text(1)};
  table.namesake = maybe_oid(2);
  table.relation = maybe_oid(3);
  table.row_filter = row.maybe_text(4);
  return table;
}

ServerFacts read_server(const SqlRow& row, int version_num, int told_pid) {
  ServerFacts facts;
  facts.version_num = version_num;
  facts.version = row.text(0);
  // SQL has no unsigned integers; IDENTIFY_SYSTEM prints this one unsigned.
  facts.system_identifier = static_cast<std::uint64_t>(row.number(1));
  facts.timeline = static_cast<std::uint32_t>(row.number(2));
  facts.database = row.text(3);
  facts.encoding = row.text(4);
  facts.in_recovery = row.flag(5);
  facts.cloud_sql = row.flag(6);
  facts.now = Timestamp(std::chrono::microseconds(row.number(7)));
  facts.current_lsn = row.maybe_lsn(8).value_or(Lsn{});
  facts.wal_level = row.text(9);
  facts.replication_slots_max = static_cast<int>(row.number(10));
  facts.replication_slots_used = static_cast<int>(row.number(11));
  facts.wal_senders_max = static_cast<int>(row.number(12));
  facts.wal_senders_used = static_cast<int>(row.number(13));
  facts.connections_max = static_cast<int>(row.number(14));
  facts.connections_used = static_cast<int>(row.number(15));
  if (row.number(16) >= 0) facts.slot_keep_bytes_max = row.number(16);
  facts.wal_sender_timeout = std::chrono::milliseconds(row.number(17));
  facts.output_plugin_libraries = row.maybe_text(18);
  if (row.maybe_number(19)) {
    facts.idle_replication_slot_timeout = std::chrono::milliseconds(row.number(19));
  }
  facts.awaiting_restart = row.list(20);
  if (row.number(21) != told_pid) facts.pooler = PoolerFacts{row.text(22), row.number(23)};
  return facts;
}

std::string slot_query(int version_num) {
  const auto since = [&](int version, const char* column, const char* otherwise) {
    return std::string(version_num >= version ? column : otherwise);
  };
  const std::string end = kWalEnd;
  return "SELECT plugin::text, database::text, slot_type = 'logical', temporary, " +
         since(140000, "two_phase", "false") + ", " +
         // "synced" stays true after a promotion, and means nothing then.
         since(170000, "synced AND pg_is_in_recovery()", "false") + ", " +
         since(160000, "coalesce(conflicting, false)", "false") +
         ", active, active_pid, restart_lsn::text, confirmed_flush_lsn::text, wal_status, "
         "safe_wal_size, greatest(0, pg_wal_lsn_diff(" +
         end + ", restart_lsn))::bigint, greatest(0, pg_wal_lsn_diff(" + end +
         ", confirmed_flush_lsn))::bigint, " + since(170000, "invalidation_reason", "NULL") + ", " +
         since(170000, "failover", "NULL") + " FROM pg_replication_slots WHERE slot_name = $1";
}

SlotState read_slot(const SqlRow& row) {
  SlotState slot;
  slot.plugin = row.text(0);
  slot.database = row.text(1);
  slot.logical = row.flag(2);
  slot.temporary = row.flag(3);
  slot.two_phase = row.flag(4);
  slot.synced = row.flag(5);
  slot.conflicting = row.flag(6);
  slot.active = row.flag(7);
  if (row.maybe_number(8)) slot.active_pid = static_cast<int>(row.number(8));
  slot.restart_lsn = row.maybe_lsn(9);
  slot.confirmed_flush_lsn = row.maybe_lsn(10);
  slot.wal_status = row.text(11);
  slot.safe_wal_bytes = row.maybe_number(12);
  // greatest() ignores NULL: without a position there is nothing to measure.
  if (slot.restart_lsn) slot.retained_bytes = row.maybe_number(13);
  if (slot.confirmed_flush_lsn) slot.lag_bytes = row.maybe_number(14);
  slot.invalidation_reason = row.maybe_text(15);
  if (row.maybe_text(16)) slot.failover = row.flag(16);
  return slot;
}

constexpr const char* kFailover = R"(
SELECT current_setting('sync_replication_slots')::bool,
       current_setting('hot_standby_feedback')::bool,
       current_setting('primary_slot_name'),
       (SELECT coalesce(json_agg(btrim(name, ' "')), '[]') FROM unnest(string_to_array(
          current_setting('synchronized_standby_slots'), ',')) name)::text,
       (SELECT coalesce(json_agg(slot_name ORDER BY slot_name), '[]') FROM pg_replication_slots
        WHERE slot_type = 'physical' AND active)::text)";

FailoverFacts read_failover(const SqlRow& row) {
  return {row.flag(0), row.flag(1), row.text(2), row.list(3), row.list(4)};
}

SenderState read_sender(const SqlRow& row) {
  SenderState sender;
  sender.visible = row.maybe_text(0).has_value();
  sender.state = row.text(0);
  sender.application = row.text(1);
  sender.client = row.text(2);
  sender.sent_lsn = row.maybe_lsn(3);
  sender.flush_lsn = row.maybe_lsn(4);
  sender.reply_age_seconds = row.maybe_real(5);
  sender.flush_lag_seconds = row.maybe_real(6);
  return sender;
}

/// Of locks `l`, sessions `a` and prepared transactions `p`.
constexpr const char* kOfTransaction =
    "SELECT l.pid, coalesce(a.usename::text, p.owner::text), "
    "coalesce(a.application_name, p.gid), coalesce(a.datname::text, p.database::text), "
    "extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, p.prepared))::float8 ";

Result<std::vector<OtherTransaction>> other_transactions(const Result<std::vector<SqlRow>>& rows) {
  if (!rows) return forward(rows);
  std::vector<OtherTransaction> transactions;
  for (const auto& row : *rows) {
    OtherTransaction transaction;
    if (row.maybe_number(0)) transaction.pid = static_cast<int>(row.number(0));
    transaction.user = row.text(1);
    transaction.application = row.text(2);
    transaction.database = row.text(3);
    transaction.age_seconds = row.maybe_real(4);
    transactions.push_back(transaction);
  }
  return transactions;
}

}  // namespace

Catalog::Catalog(std::unique_ptr<SqlSession> session) : session_(std::move(session)) {}
Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::open(const std::string& dsn,
                                               std::chrono::milliseconds statement_timeout) {
  auto session = SqlSession::open(dsn, statement_timeout);
  if (!session) return forward(session);
  const int version = (*session)->version_num();
  if (version < 130000) {
    return fail(
        ErrorKind::rejected,
        "PostgreSQL 13 or later is needed, this server is version_num " + std::to_string(version));
  }
  return std::unique_ptr<Catalog>(new Catalog(std::move(*session)));
}

int Catalog::version_num() const { return session_->version_num(); }
bool Catalog::connected() const { return session_->connected(); }
int Catalog::descriptor() const { return session_->descriptor(); }

Result<ServerFacts> Catalog::server() {
  auto row = session_->query_row(kServer);
  if (!row) return forward(row);
  return read_server(*row, version_num(), session_->told_pid());
}

Result<std::optional<SlotState>> Catalog::slot(const std::string& slot) {
  return first_row<SlotState>(session_->query(slot_query(version_num()), {slot}), read_slot);
}

Result<std::optional<FailoverFacts>> Catalog::failover() {
  if (version_num() < 170000) return std::optional<FailoverFacts>();
  return first_row<FailoverFacts>(session_->query(kFailover), read_failover);
}

Result<SenderState> Catalog::sender(int pid) {
  auto rows = session_->query(
      "SELECT state, application_name, host(client_addr), sent_lsn::text, flush_lsn::text, "
      "extract(epoch FROM clock_timestamp() - reply_time)::float8, "
      "extract(epoch FROM flush_lag)::float8 "
      "FROM pg_stat_replication WHERE pid = $1",
      {std::to_string(pid)});
  if (!rows) return forward(rows);
  return rows->empty() ? SenderState{} : read_sender(rows->front());
}

Result<std::vector<OtherTransaction>> Catalog::writing_transactions() {
  // Every role may read pg_locks; a transaction that has written holds the lock on its own id.
  const auto rows = session_->query(
      std::string(kOfTransaction) +
      "FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid "
      "LEFT JOIN pg_prepared_xacts p ON p.transaction = l.transactionid "
      "WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted "
      "AND l.pid IS DISTINCT FROM pg_backend_pid() ORDER BY 5 DESC NULLS LAST");
  return other_transactions(rows);
}

Result<std::vector<OtherTransaction>> Catalog::lock_holders(const std::vector<Oid>& tables,
                                                            bool writers) {
  std::string oids;
  for (const Oid table : tables) oids += (oids.empty() ? "" : ",") + std::to_string(table.value);
  const auto rows = session_->query(
      std::string(kOfTransaction) +
          "FROM (SELECT DISTINCT pid, virtualtransaction FROM pg_locks WHERE locktype = 'relation' "
          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
          "AND relation = ANY ($1::oid[]) AND pid IS DISTINCT FROM pg_backend_pid() "
          "AND (mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', "
          "'ExclusiveLock', 'AccessExclusiveLock') OR ($2::boolean AND mode = "
          "'RowExclusiveLock'))) l "
          "LEFT JOIN pg_stat_activity a ON a.pid = l.pid LEFT JOIN pg_locks x "
          "ON l.pid IS NULL AND x.virtualtransaction = l.virtualtransaction "
          "AND x.locktype = 'transactionid' LEFT JOIN pg_prepared_xacts p "
          "ON p.transaction = x.transactionid ORDER BY 5 DESC NULLS LAST",
      {"{" + oids + "}", writers ? "true" : "false"});
  return other_transactions(rows);
}

Result<PublicationCheck> Catalog::check_publication(const std::string& publication,
                                                    const CaptureIdentity& identity) {
  PublicationCheck check;
  auto found = this->publication(publication, Oid{});
  if (!found) return forward(found);
  check.publication = std::move(*found);
  const auto rows = session_->query(check_tables_query(version_num()),
                                    {publication, tables_parameter(identity.tables)});
  if (!rows) return forward(rows);
  for (const SqlRow& row : *rows) {
    check.tables.push_back(read_table_check(row));
    check.wal_end = row.maybe_lsn(5).value_or(Lsn{});
  }
  return check;
}

Result<void> Catalog::execute(const std::string& sql) {
  auto rows = session_->query(sql);
  if (!rows) return forward(rows);
  return {};
}

}  // namespace walpulse::connector
