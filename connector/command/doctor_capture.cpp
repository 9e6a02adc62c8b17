// The doctor's checks of the table, the publication and the slot.
#include <algorithm>

#include "connector/catalog/capture_grants.h"
#include "connector/catalog/publication_state.h"
#include "connector/command/doctor_checks.h"
#include "connector/command/report_text.h"
#include "connector/command/setup_plan.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;

constexpr const char* kSetup = "walpulse-connector setup";
constexpr const char* kRecover = "walpulse-connector recover --to SINK";

Check ok(const std::string& name, const std::string& finding) {
  return {name, Level::ok, finding, "", false};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Check check_table(const DoctorFacts& facts) {
  if (facts.table) {
    Check check = ok("table", table_name(facts) + ", owner " + facts.table->owner);
    const TableName& wanted = facts.source.tables.front();
    if (TableName{facts.table->schema, facts.table->name} != wanted) {
      check.finding += "; it was renamed since setup, and its events keep the name " +
                       database::quote_table(wanted);
    }
    if (facts.table->kind == 'p') {
      check.level = Level::fail;
      check.finding += ", is partitioned: its rows are published under the partitions' names";
      check.remedy = "--table PLAIN_TABLE";
    }
    return check;
  }
  Check check{"table", Level::fail, "there is no table " + table_name(facts),
              "--schema SCHEMA --table pipeline_run", false};
  if (!facts.schemas_with_table.empty()) {
    check.finding += "; it exists in the schema " + joined(facts.schemas_with_table);
    check.remedy = "--schema " + facts.schemas_with_table.front();
  }
  return check;
}

bool contains(const std::vector<std::string>& columns, const std::string& name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

bool holds_id(const std::vector<std::string>& columns) { return contains(columns, "id"); }

/// The columns that tell rows apart beside the id, and change while a run goes on.
std::vector<std::string> changing_key(const TableFacts& table,
                                      const std::vector<std::string>& identity) {
  const std::vector<std::string> fixed = {
      "id", "created_at", "pipeline_schedule_id", "pipeline_uuid", "execution_date", "backfill_id"};
  const auto& primary = table.primary_key;
  const bool held = std::all_of(primary.begin(), primary.end(),
                                [&](const auto& name) { return contains(identity, name); });
  std::vector<std::string> key = held && !primary.empty() ? primary : identity;
  std::erase_if(key, [&](const auto& name) { return contains(fixed, name); });
  return key;
}

/// What an update or a delete says of the old row: without the id it is of no run.
Check check_replica_identity(const DoctorFacts& facts) {
  const TableFacts& table = *facts.table;
  const std::string alter = "ALTER TABLE " + table_name(facts) + " ";
  const std::string better =
      alter + "REPLICA IDENTITY " + (holds_id(table.primary_key) ? "DEFAULT;" : "FULL;");
  const auto without_id = [&](const std::string& what) {
    return Check{"replica_identity", Level::fail,
                 what + ", without id: a delete does not say which run is gone", better, false};
  };
  const auto with_id = [&](const std::string& what, const std::vector<std::string>& identity) {
    const auto changing = changing_key(table, identity);
    if (changing.empty()) return ok("replica_identity", what);
    return Check{"replica_identity", Level::warn,
                 what + ": a change of " + joined(changing) +
                     " is told as the end of one row and the start of another, and not counted",
                 "CREATE UNIQUE INDEX walpulse_id ON " + table_name(facts) + " (id); " + alter +
                     "REPLICA IDENTITY USING INDEX walpulse_id;",
                 false};
  };
  switch (table.replica_identity) {
    case 'f':
      if (!changing_key(table, table.primary_key).empty()) {
        return with_id("FULL, of the key " + joined(table.primary_key), table.primary_key);
      }
      return {"replica_identity", Level::warn,
              "FULL: right, but every update writes the whole old row to the WAL",
              alter + "REPLICA IDENTITY DEFAULT;", false};
    case 'i':
      if (!table.identity_index.empty()) {
        const std::string what = "the index on " + joined(table.identity_index);
        return holds_id(table.identity_index) ? with_id(what, table.identity_index)
                                              : without_id(what);
      }
      break;  // the index was dropped: as NOTHING
    case 'd':
      if (!table.primary_key.empty()) {
        const std::string what = "the primary key " + joined(table.primary_key);
        return holds_id(table.primary_key) ? with_id(what, table.primary_key) : without_id(what);
      }
      return {"replica_identity", Level::fail,
              "there is no primary key: once published, the server refuses Mage's updates and "
              "deletes",
              alter + "ADD PRIMARY KEY (id);", false};
    default:
      break;
  }
  return {"replica_identity", Level::fail,
          "NOTHING: once published, the server refuses Mage's updates and deletes", better, false};
}

bool is_set_up(const DoctorFacts& facts) {
  return facts.publication && parse_comment(facts.publication->comment.value_or("")).has_value();
}

std::string operations(const PublicationFacts& publication) {
  std::vector<std::string> words;
  if (publication.inserts) words.push_back("insert");
  if (publication.updates) words.push_back("update");
  if (publication.deletes) words.push_back("delete");
  if (publication.truncates) words.push_back("truncate");
  return words.empty() ? "nothing" : joined(words);
}

/// FOR ALL TABLES cannot be altered into a list.
Check check_scope(const DoctorFacts& facts) {
  const PublicationFacts& publication = *facts.publication;
  const std::string& name = facts.source.publication;
  if (publication.all_tables) {
    return {"publication", Level::fail,
            name + " is FOR ALL TABLES: Mage's tables without a primary key refuse deletes then",
            "DROP PUBLICATION " + database::quote_identifier(name) + "; then " + kSetup, false};
  }
  const std::string set_table = "ALTER PUBLICATION " + database::quote_identifier(name) +
                                " SET TABLE " + table_name(facts) + ";";
  if (!publication.publishes_table) {
    // Without our comment it may serve somebody else.
    return {"publication", Level::fail, name + " does not publish " + table_name(facts),
            is_set_up(facts) ? set_table : "--publication OTHER_NAME, or " + set_table, false};
  }
  if (publication.other_relations > 0) {
    return {"publication", Level::warn,
            name + " publishes other tables too, which cost WAL traffic and are dropped here",
            set_table, false};
  }
  return ok("publication", name + " publishes " + table_name(facts));
}

Check check_operations(const DoctorFacts& facts) {
  const std::string finding = "publishes " + operations(*facts.publication);
  if (facts.publication->all_operations()) return ok("operations", finding);
  return {"operations", Level::fail, finding + " only",
          "ALTER PUBLICATION " + database::quote_identifier(facts.source.publication) +
              " SET (publish = 'insert, update, delete, truncate');",
          false};
}

Check check_row_filter(const DoctorFacts& facts) {
  if (!facts.publication->row_filter) return ok("row_filter", "none");
  return {"row_filter", Level::fail,
          "rows are filtered by " + *facts.publication->row_filter +
              ": events are missing, and a filter outside the key makes the server refuse Mage's "
              "updates",
          "ALTER PUBLICATION " + database::quote_identifier(facts.source.publication) +
              " SET TABLE " + table_name(facts) + ";",
          false};
}

Check check_column_list(const DoctorFacts& facts) {
  const auto& columns = facts.publication->column_list;
  if (columns.empty()) return ok("column_list", "none, the whole row is published");
  const bool full = facts.table && facts.table->replica_identity == 'f';
  const std::string list = "only " + joined(columns) + " are published: ";
  return {"column_list", full ? Level::fail : Level::warn,
          list + (full ? "under REPLICA IDENTITY FULL the server refuses Mage's updates"
                       : "DROP COLUMN and ALTER TYPE of a listed column, so Mage's own migrations, "
                         "are refused by the server"),
          "ALTER PUBLICATION " + database::quote_identifier(facts.source.publication) +
              " SET TABLE " + table_name(facts) + ";",
          false};
}

/// The owner alone can say so: the catalogs keep no older version of the publication.
std::string vouch_sql(const SourceOptions& source, CaptureIdentity identity,
                      const PublicationFacts& publication) {
  identity.publication_xmin = publication.xmin;
  identity.publication_owner = publication.owner_oid;
  return comment_sql(source, identity) + ";";
}

Check check_identity(const DoctorFacts& facts) {
  const auto gap = [](const std::string& finding) {
    return Check{"identity", Level::fail, "a gap: " + finding, kRecover, false};
  };
  const std::string comment = facts.publication->comment.value_or("");
  const auto identity = parse_comment(comment);
  if (is_of_newer_version(comment)) {
    return {"identity", Level::fail, identity.error().message, identity.error().remedy, false};
  }
  if (!identity) {
    return {"identity", Level::fail, "the publication has no comment of walpulse's", kSetup, false};
  }
  if (identity->system_identifier != facts.server.system_identifier) {
    return gap(other_system(*identity));
  }
  const CapturedTable* captured = identity->find(facts.source.tables.front());
  if (captured == nullptr) {
    return {"identity", Level::fail,
            "the publication was set up for " + database::quote_tables(identity->table_names()),
            "--schema and --table as at setup, or another --publication and --slot", false};
  }
  if (facts.table && captured->oid != facts.table->oid) {
    return gap("the table was made anew since setup");
  }
  if (facts.publication->relation &&
      *facts.publication->relation != captured->publication_relation) {
    return gap("the table left the publication and was added again since setup");
  }
  if (owner_changed_last(*identity, *facts.publication)) {
    auto check = gap("the publication has another owner since setup (" + facts.publication->owner +
                     "), and whether it was altered before does not show");
    if (facts.publication->all_operations() && !facts.publication->row_filter) {
      check.remedy += "; or, where nothing but the owner was changed, as its owner: " +
                      vouch_sql(facts.source, *identity, *facts.publication);
    }
    return check;
  }
  if (altered(*identity, *facts.publication)) {
    return gap("the publication was altered since setup: changes may be missing");
  }
  return ok("identity", "name " + identity->name + ", epoch " + std::to_string(identity->epoch));
}

Check check_slot(const DoctorFacts& facts) {
  const std::string& name = facts.source.slot;
  const bool set_up = is_set_up(facts);
  const auto wrong = [](const std::string& finding, const std::string& remedy) {
    return Check{"slot", Level::fail, finding, remedy, false};
  };
  if (!facts.slot) {
    return set_up ? wrong("a gap: the slot " + name +
                              " does not exist, though the publication is "
                              "set up",
                          kRecover)
                  : wrong("the slot " + name + " does not exist", kSetup);
  }
  const SlotState& slot = *facts.slot;
  const std::string drop = "SELECT pg_catalog.pg_drop_replication_slot(" +
                           database::quote_literal(name) + "); then " + kSetup;
  if (slot.lost()) {
    return wrong("a gap: the slot " + name + " is lost" +
                     (slot.invalidation_reason ? " (" + *slot.invalidation_reason + ")" : ""),
                 kRecover);
  }
  if (slot.plugin != "pgoutput" || slot.database != facts.server.database) {
    return wrong("the slot " + name + " belongs to the database " + slot.database + ", plugin " +
                     slot.plugin,
                 "--slot OTHER_NAME");
  }
  if (slot.two_phase) return wrong("the slot " + name + " is two-phase", drop);
  if (slot.synced) {
    return wrong("the slot " + name + " is a copy that this standby keeps for a failover",
                 "connect to the primary: --dsn 'host=PRIMARY ...'");
  }
  Check check = ok(
      "slot", name + (slot.active ? " is read by pid " + std::to_string(slot.active_pid.value_or(0))
                                  : " is not read by anybody"));
  if (slot.retained_bytes) check.finding += ", retains " + human_bytes(*slot.retained_bytes);
  if (slot.wal_status == "unreserved") {
    check.level = Level::warn;
    check.finding += ", and its WAL goes at the next checkpoint";
    check.remedy = "walpulse-connector run, at once";
  }
  return check;
}

/// Never a failure: capture goes on without.
Check check_anchor(const DoctorFacts& facts) {
  const std::string name = anchor_slot(facts.source);
  const auto& anchor = facts.anchor;
  const auto wrong = [](const std::string& finding, const std::string& remedy) {
    return Check{"anchor", Level::warn, finding, remedy, false};
  };
  const std::string held =
      anchor && anchor->retained_bytes ? human_bytes(*anchor->retained_bytes) : "unknown";
  if (!facts.window.wanted()) {
    if (!anchor) return ok("anchor", "no replay window is wanted");
    return wrong(
        "no replay window is wanted, but the anchor " + name + " retains " + held,
        "SELECT pg_catalog.pg_drop_replication_slot(" + database::quote_literal(name) + ");");
  }
  if (!anchor) {
    return wrong("there is no anchor " + name + ": nothing can be replayed",
                 std::string(kSetup) + " (or --replay-window 0)");
  }
  if (anchor->lost()) {
    return wrong(
        "the anchor " + name + " is lost" +
            (anchor->invalidation_reason ? " (" + *anchor->invalidation_reason + ")" : "") +
            ": nothing can be replayed",
        std::string(kSetup) + ", which makes it anew");
  }
  if (anchor->wal_status == "unreserved") {
    return wrong(
        "the anchor " + name + " retains " + held + ", and its WAL goes at the next checkpoint",
        "--replay-window-bytes below max_slot_wal_keep_size");
  }
  return ok("anchor", name + " keeps history to replay, retains " + held);
}

Check check_snapshot_privileges(const DoctorFacts& facts) {
  const RoleFacts& role = facts.role;
  if (role.schema_usage && role.table_select)
    return ok("select", role.name + " may read the table");
  const std::string to = " TO " + database::quote_identifier(role.name) + ";";
  std::string remedy;
  if (!role.schema_usage) {
    remedy = "GRANT USAGE ON SCHEMA " + database::quote_identifier(facts.table->schema) + to;
  }
  if (!role.table_select) {
    remedy += (remedy.empty() ? "" : " ") + ("GRANT SELECT ON " + table_name(facts) + to);
  }
  return {"select", Level::warn,
          role.name + " may not read the table: streaming works, a snapshot does not", remedy,
          false};
}

/// Every session of ours is refused such a table, rather than shown a part of it.
Check check_row_security(const DoctorFacts& facts) {
  const RoleFacts& role = facts.role;
  if (!role.row_security) return ok("row_security", "no policy hides rows from " + role.name);
  return {"row_security", Level::warn,
          "policies hide rows of the table from " + role.name +
              ": streaming works, a snapshot (and so recover) is refused",
          see_all_rows_sql(facts.server, role, facts.table->owner), false};
}

Check check_monitor(const RoleFacts& role) {
  if (role.monitor) return ok("monitor", role.name + " sees what is in flight");
  return {"monitor", Level::warn, role.name + " cannot see what is in flight in status",
          "GRANT pg_monitor TO " + database::quote_identifier(role.name) + ";", false};
}

}  // namespace

std::string table_name(const DoctorFacts& facts) {
  if (!facts.table) return database::quote_tables(facts.source.tables);
  return database::quote_table(facts.table->schema, facts.table->name);
}

void check_capture(const DoctorFacts& facts, std::vector<Check>& checks) {
  checks.push_back(check_monitor(facts.role));
  checks.push_back(check_table(facts));
  // Whether the publication fits a table that is not there says nothing.
  if (!facts.table) return;
  checks.push_back(check_replica_identity(facts));
  check_columns(facts, checks);
  checks.push_back(check_snapshot_privileges(facts));
  checks.push_back(check_row_security(facts));
  if (!facts.publication) {
    checks.push_back({"publication", Level::fail,
                      "there is no publication " + facts.source.publication, kSetup, false});
  } else {
    checks.push_back(check_scope(facts));
    checks.push_back(check_operations(facts));
    checks.push_back(check_row_filter(facts));
    checks.push_back(check_column_list(facts));
    checks.push_back(check_identity(facts));
  }
  checks.push_back(check_slot(facts));
  // Before setup it is no news that there is none.
  if (facts.slot) checks.push_back(check_anchor(facts));
}

}  // namespace walpulse::connector
