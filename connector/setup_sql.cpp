// The texts of `setup`: statements, the DBA's script, the explanation of a wait.
#include <cstdio>

#include "connector/setup_plan.h"
#include "connector/sql_quote.h"

namespace walpulse::connector {

std::string create_publication_sql(const SourceOptions& source) {
  return "CREATE PUBLICATION " + quote_identifier(source.publication) + " FOR TABLE " +
         quote_table(source.schema, source.table) +
         " WITH (publish = 'insert, update, delete, truncate')";
}

std::string comment_sql(const SourceOptions& source, const CaptureIdentity& identity) {
  return "COMMENT ON PUBLICATION " + quote_identifier(source.publication) + " IS " +
         quote_literal(to_comment(identity));
}

std::string setup_script(const SourceOptions& source, std::chrono::milliseconds slot_timeout) {
  const std::string publication = quote_literal(source.publication);
  const std::string table = quote_literal(quote_table(source.schema, source.table));
  const std::string name = source.name.empty() ? "current_database()" : quote_literal(source.name);
  return "-- walpulse: what capture needs. Run with psql, not in one transaction (no -1), as a\n"
         "-- superuser, or as the table's owner with REPLICATION and CREATE on the database.\n"
         "\\set ON_ERROR_STOP on\n"
         "-- 1. The publication comes before the slot: a slot cannot decode WAL older than it.\n" +
         create_publication_sql(source) +
         ";\n"
         "-- 2. The slot. The server waits for every transaction that writes at the moment.\n"
         "SET statement_timeout = " +
         std::to_string(slot_timeout.count()) +
         ";\n"
         "SELECT lsn AS slot_starts_at FROM pg_create_logical_replication_slot(" +
         quote_literal(source.slot) +
         ", 'pgoutput');\n"
         "RESET statement_timeout;\n"
         "-- 3. The identity, last: a commented publication without its slot is a gap.\n"
         "SELECT format('COMMENT ON PUBLICATION %I IS %L', p.pubname, json_build_object(\n"
         "  'walpulse', 1,\n"
         "  'name', " +
         name +
         ",\n"
         "  'epoch', floor(extract(epoch FROM clock_timestamp()))::bigint + 1,\n"
         "  'system_identifier', (SELECT system_identifier FROM pg_control_system())::text,\n"
         "  'table', r.prrelid::bigint,\n"
         "  'publication_relation', r.oid::bigint,\n"
         "  'publication_xmin', p.xmin::text::bigint))\n"
         "FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid\n"
         "WHERE p.pubname = " +
         publication + " AND r.prrelid = " + table +
         "::regclass\n"
         "\\gexec\n"
         "-- Now, for the capture role: ALTER ROLE ... WITH REPLICATION; and, for snapshots,\n"
         "-- GRANT USAGE ON SCHEMA " +
         quote_identifier(source.schema) + " TO ...; GRANT SELECT ON " +
         quote_table(source.schema, source.table) + " TO ...;\n";
}

std::string explain_slot_timeout(const std::string& slot, std::chrono::milliseconds timeout,
                                 const std::vector<WritingTransaction>& transactions) {
  std::string text = "the slot " + slot + " could not be made within " +
                     std::to_string(timeout.count()) +
                     " ms: the server first waits for every transaction that was writing, in any "
                     "database. Nothing is left behind.";
  for (const auto& transaction : transactions) {
    text += "\n  waits for " + (transaction.pid
                                    ? "pid " + std::to_string(*transaction.pid)
                                    : "the prepared transaction " + transaction.application);
    if (!transaction.user.empty()) text += " user=" + transaction.user;
    if (transaction.pid && !transaction.application.empty()) {
      text += " application=" + transaction.application;
    }
    if (!transaction.database.empty()) text += " database=" + transaction.database;
    if (transaction.age_seconds) {
      char age[48];
      std::snprintf(age, sizeof age, " open for %.0f s", *transaction.age_seconds);
      text += age;
    }
  }
  return text +
         "\nLet them end, or end one (SELECT pg_terminate_backend(PID); for a prepared one "
         "ROLLBACK PREPARED), or wait longer: --slot-timeout 10m";
}

}  // namespace walpulse::connector
