// The doctor's checks of the table and of what the role may read.
#include <algorithm>

#include "connector/catalog/capture_grants.h"
#include "connector/command/doctor_checks.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;
using doctor::joined;
using doctor::ok;

}  // namespace

Check check_table(const DoctorFacts& facts) {
  if (facts.table) {
    Check check = ok("table", table_name(facts) + ", owner " + facts.table->owner);
    const TableName& wanted = event_name(facts);
    if (TableName{facts.table->schema, facts.table->name} != wanted) {
      check.finding += "; it was renamed since setup, and its events keep the name " +
                       database::quote_table(wanted);
    }
    if (facts.table->kind == 'p') {
      check.level = Level::fail;
      check.finding += ", is partitioned: its rows are published under the partitions' names";
      check.remedy =
          RemedyCommand(Command::doctor, given_options(facts)).with("table", "PLAIN_TABLE").text();
    }
    return check;
  }
  Check check{"table", Level::fail, "there is no table " + table_name(facts)};
  if (!facts.schemas_with_table.empty()) {
    check.finding += "; it exists in the schema " + joined(facts.schemas_with_table);
    check.remedy = RemedyCommand(Command::doctor, given_options(facts))
                       .with("schema", facts.schemas_with_table.front())
                       .text();
    return check;
  }
  check.finding += ", nor in another schema of " + facts.server.database +
                   "; Mage makes it at its first start, in the database of its "
                   "MAGE_DATABASE_CONNECTION_URL";
  const auto others = other_databases(facts);
  if (others.empty()) return check;
  check.finding += ". This server also has " + joined(others);
  check.remedy = in_database(facts, others.front());
  return check;
}

namespace {

bool contains(const std::vector<std::string>& columns, const std::string& name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

/// By its name where it is one of the others.
std::string the_table(const DoctorFacts& facts) {
  return facts.other ? table_name(facts) : "the table";
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

}  // namespace

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

Check check_snapshot_privileges(const DoctorFacts& facts) {
  const RoleFacts& role = facts.role;
  if (role.schema_usage && role.table_select)
    return ok("select", role.name + " may read " + the_table(facts));
  const std::string to = " TO " + database::quote_identifier(role.name) + ";";
  std::string remedy;
  if (!role.schema_usage) {
    remedy = "GRANT USAGE ON SCHEMA " + database::quote_identifier(facts.table->schema) + to;
  }
  if (!role.table_select) {
    remedy += (remedy.empty() ? "" : " ") + ("GRANT SELECT ON " + table_name(facts) + to);
  }
  return {
      "select",
      Level::warn,
      role.name + " may not read " + the_table(facts) + ": streaming works, a snapshot does not",
      remedy,
      false,
      facts.table->owner};
}

/// Every session of ours is refused such a table, rather than shown a part of it.
void check_row_security(const DoctorFacts& facts, std::vector<Check>& checks) {
  const RoleFacts& role = facts.role;
  if (!role.row_security) return;
  checks.push_back({"row_security", Level::warn,
                    "policies hide rows of " + the_table(facts) + " from " + role.name +
                        ": streaming works, a snapshot (and so recover) is refused",
                    see_all_rows_sql(facts.server, role, facts.table->owner), false,
                    administrator(facts.server)});
}

namespace {

Check check_monitor(const DoctorFacts& facts) {
  const RoleFacts& role = facts.role;
  if (role.monitor) return ok("monitor", role.name + " sees what is in flight");
  return {"monitor",
          Level::warn,
          role.name + " cannot see what is in flight in status",
          "GRANT pg_monitor TO " + database::quote_identifier(role.name) + ";",
          false,
          administrator(facts.server)};
}

}  // namespace

Check as_the_owner(const DoctorFacts& facts, Check check) {
  if (!check.remedy.empty()) check.as = facts.table->owner;
  return check;
}

const TableName& event_name(const DoctorFacts& facts) {
  return facts.other ? *facts.other : facts.source.tables.front();
}

std::string table_name(const DoctorFacts& facts) {
  if (!facts.table) return database::quote_table(event_name(facts));
  return database::quote_table(facts.table->schema, facts.table->name);
}

void check_capture(const DoctorFacts& facts, std::vector<Check>& checks) {
  checks.push_back(check_monitor(facts));
  checks.push_back(check_table(facts));
  // Whether the publication fits a table that is not there says nothing.
  if (!facts.table) return;
  checks.push_back(as_the_owner(facts, check_replica_identity(facts)));
  check_columns(facts, checks);
  checks.push_back(check_snapshot_privileges(facts));
  check_row_security(facts, checks);
  check_publication(facts, checks);
  check_other_tables(facts, checks);
  check_slots(facts, checks);
}

}  // namespace walpulse::connector
