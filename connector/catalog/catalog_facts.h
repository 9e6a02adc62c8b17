#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/catalog/capture_identity.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// Something stands before the server: whoever logged in was told another process than the one that
/// answers (a pooler makes up the key by which a statement is cancelled).
struct PoolerFacts {
  std::string host;  ///< Of the server itself, as its session has it; empty: by a Unix socket.
  std::int64_t port = 0;
};

/// What one server says about itself. An optional is empty where this version has no such setting.
struct ServerFacts {
  int version_num = 0;  ///< 150020.
  std::string version;  ///< "15.20 (Debian 15.20-0+deb12u1)".
  std::uint64_t system_identifier = 0;
  std::uint32_t timeline = 0;
  std::string database;
  std::string encoding;  ///< "UTF8", "SQL_ASCII".
  bool in_recovery = false;
  bool cloud_sql = false;  ///< The role cloudsqlsuperuser exists.
  Timestamp now;           ///< The server's clock.
  Lsn current_lsn;         ///< The end of the written WAL; replayed WAL on a standby.
  std::string wal_level;   ///< In effect: from 19 on a logical slot raises it above the setting.
  int replication_slots_max = 0;
  int replication_slots_used = 0;
  int wal_senders_max = 0;
  int wal_senders_used = 0;
  int connections_max = 0;  ///< Without those reserved for superusers.
  int connections_used = 0;
  std::optional<std::int64_t> slot_keep_bytes_max;  ///< max_slot_wal_keep_size; empty: no limit.
  std::chrono::milliseconds wal_sender_timeout{0};  ///< 0: off.
  std::optional<std::string> output_plugin_libraries;
  std::optional<std::chrono::milliseconds> idle_replication_slot_timeout;
  /// Settings that were changed, and take effect when the server is started anew.
  std::vector<std::string> awaiting_restart;
  std::optional<PoolerFacts> pooler;
  /// Whether a slot can be made that decodes. From PostgreSQL 19 on the first one raises `replica`
  /// on the primary (its release notes; effective_wal_level).
  bool decodes() const {
    return wal_level == "logical" ||
           (version_num >= 190000 && !in_recovery && wal_level == "replica");
  }
  bool awaits_restart(std::string_view setting) const {
    return std::find(awaiting_restart.begin(), awaiting_restart.end(), setting) !=
           awaiting_restart.end();
  }
};

/// One row of pg_replication_slots.
struct SlotState {
  std::string plugin;
  std::string database;
  bool logical = true;
  bool temporary = false;
  bool two_phase = false;
  bool synced = false;  ///< 17 and later: this server is a standby and it is a copy: not usable.
  /// A standby that synchronizes slots keeps a copy; empty before 17.
  std::optional<bool> failover;
  bool conflicting = false;
  bool active = false;
  std::optional<int> active_pid;
  std::optional<Lsn> restart_lsn;  ///< Empty once invalidated.
  std::optional<Lsn> confirmed_flush_lsn;
  std::string wal_status;                          ///< reserved, extended, unreserved, lost.
  std::optional<std::int64_t> safe_wal_bytes;      ///< Empty: no limit, or lost.
  std::optional<std::int64_t> retained_bytes;      ///< From restart_lsn to the end of the WAL.
  std::optional<std::int64_t> lag_bytes;           ///< From confirmed_flush_lsn to there.
  std::optional<std::string> invalidation_reason;  ///< 17 and later.
  /// The slot can never be read again: its changes are gone.
  bool lost() const { return wal_status == "lost" || conflicting || invalidation_reason; }
};

/// What decides whether a slot survives a failover; 17 and later.
struct FailoverFacts {
  bool slots_synchronized = false;           ///< sync_replication_slots, of a standby.
  bool standby_feedback = false;             ///< hot_standby_feedback, of a standby.
  std::string primary_slot;                  ///< primary_slot_name, of a standby.
  std::vector<std::string> awaited_slots;    ///< synchronized_standby_slots, of a primary.
  std::vector<std::string> streaming_slots;  ///< Physical ones that a standby reads now.
};

/// What the walsender of one backend has sent; the role needs pg_monitor to see it.
struct SenderState {
  bool visible = false;
  std::string state;  ///< catchup, streaming.
  std::string application;
  std::string client;
  std::optional<Lsn> sent_lsn;
  std::optional<Lsn> flush_lsn;
  std::optional<double> reply_age_seconds;
  std::optional<double> flush_lag_seconds;  ///< From local flush to the reader's confirmation.
};

struct TableFacts {
  Oid oid;
  std::string schema;  ///< What it is called now.
  std::string name;
  std::string owner;
  char kind = 'r';              ///< relkind; 'p' is a partitioned table.
  char replica_identity = 'd';  ///< d, n, f, i.
  std::vector<std::string> primary_key;
  std::vector<std::string> identity_index;  ///< Columns of REPLICA IDENTITY USING INDEX.
  std::vector<std::string> columns;         ///< Generated ones left out, in their order.
};

/// A column and what its values are, domains looked through.
struct ColumnType {
  std::string column;
  std::string type;     ///< "timestamp with time zone".
  char category = ' ';  ///< pg_type.typcategory: S for strings, E for enums.
};

/// How much the blocks change beside the runs.
struct BlockTraffic {
  std::int64_t change_count = 0;              ///< Of the blocks, since the server began to count.
  std::int64_t run_count = 0;                 ///< Runs that were made since then.
  std::optional<std::int64_t> day_run_count;  ///< Of the last day; empty: it may not be asked.
};

struct PublicationFacts {
  std::string owner;
  Oid owner_oid;
  bool owned = false;  ///< The role that asks may alter, comment and drop it.
  Xid xmin;
  /// Of the row that keeps the owner; empty where the owner is the bootstrap superuser.
  std::optional<Xid> owner_xmin;
  bool all_tables = false;
  bool inserts = false;
  bool updates = false;
  bool deletes = false;
  bool truncates = false;
  std::optional<std::string> comment;
  /// Of the wanted table; empty where the publication does not name it (or names its schema only).
  std::optional<Oid> relation;
  bool publishes_table = false;  ///< By name, by schema or as one of all tables.
  std::optional<std::string> row_filter;
  std::vector<std::string> column_list;  ///< Empty: all columns.
  int other_relations = 0;               ///< Other tables and schemas that it names.
  bool all_operations() const { return inserts && updates && deletes && truncates; }
};

/// A publication that `setup` made.
struct Capture {
  std::string publication;
  CaptureIdentity identity;
};

/// What has become of a captured table.
struct TableCheck {
  std::optional<TableName> called;  ///< What it is called now; empty: it is gone.
  std::optional<Oid> namesake;      ///< Another table that has the name of the identity now.
  std::optional<Oid> relation;      ///< pg_publication_rel.oid; empty: it is not published by name.
  std::optional<std::string> row_filter;
};

/// What the watch over the publication looks at, all read before `wal_end`: whatever made it so
/// stands before that position in the log.
struct PublicationCheck {
  std::vector<TableCheck> tables;               ///< In the identity's order.
  std::optional<PublicationFacts> publication;  ///< As a whole: what it says of no table.
  Lsn wal_end;
};

/// The role that asks.
struct RoleFacts {
  std::string name;
  bool superuser = false;
  bool replication = false;
  bool create_on_database = false;
  bool monitor = false;  ///< Sees other sessions: pg_monitor, pg_read_all_stats or superuser.
  bool schema_usage = false;
  bool table_select = false;
  bool table_owner = false;                 ///< Owner, or member of the owning role.
  bool row_security = false;                ///< Policies decide which of the table's rows it sees.
  std::optional<int> connections_max = {};  ///< CONNECTION LIMIT; empty: none.
};

/// A transaction that makes the creation of a slot wait.
struct OtherTransaction {
  std::optional<int> pid;  ///< Empty: a prepared transaction.
  std::string user;
  std::string application;
  std::string database;
  std::optional<double> age_seconds;  ///< Empty where the role may not see it.
};

}  // namespace walpulse::connector
