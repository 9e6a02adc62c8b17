// `recover --print-sql`: what a DBA runs.
#include "connector/recover/recover_plan.h"
#include "decoder/schema/introduction.h"
#include "publisher/database/session_settings.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

/// The old name and epochs live in psql variables: dropping the publication drops its comment.
std::string keep_identity(const SourceOptions& source, std::uint64_t epoch_above) {
  const std::string publication = database::quote_literal(source.publication);
  return "-- 1. What the old comment knows. Its format is checked, so that nobody else's is "
         "dropped.\n"
         "SELECT coalesce(max(c ->> 'name'), " +
         (source.name.empty() ? "current_database()" : database::quote_literal(source.name)) +
         ") AS walpulse_name, greatest(max((c ->> 'epoch')::bigint), " +
         std::to_string(epoch_above) +
         ", floor(extract(epoch FROM clock_timestamp()))::bigint) + 1 AS walpulse_epoch\n"
         "FROM (SELECT obj_description(oid, 'pg_publication')::json AS c FROM pg_publication\n"
         "      WHERE pubname = " +
         publication + " AND obj_description(oid, 'pg_publication') IS NOT NULL) old\n\\gset\n";
}

/// Of the epochs that the old comment follows, and its own, the newest.
std::string keep_follows(const SourceOptions& source, std::uint64_t epoch_above) {
  const std::string otherwise = epoch_above == 0 ? "" : std::to_string(epoch_above);
  return "-- The epochs that the new one takes the place of, newest last.\n"
         "SELECT '[' || coalesce(string_agg(epoch, ',' ORDER BY place), '" +
         otherwise +
         "') || ']' AS walpulse_follows FROM (\n"
         "  SELECT f.epoch::bigint::text AS epoch, f.place\n"
         "  FROM (SELECT obj_description(oid, 'pg_publication')::json AS c FROM pg_publication\n"
         "        WHERE pubname = " +
         database::quote_literal(source.publication) +
         " AND obj_description(oid, 'pg_publication') IS NOT NULL) old,\n"
         "       LATERAL (SELECT * FROM json_array_elements_text(coalesce(c -> 'follows', '[]'))\n"
         "                WITH ORDINALITY UNION ALL SELECT c ->> 'epoch', 1000) f(epoch, place)\n"
         "  ORDER BY f.place DESC LIMIT " +
         std::to_string(schema::kFollowsMax) + ") newest\n\\gset\n\n";
}

/// Nothing is dropped before it is sure which table the publication will be made for.
std::string keep_table(const SourceOptions& source) {
  const TableName& name = source.tables.front();
  const std::string schema = database::quote_literal(name.schema);
  const std::string table = database::quote_literal(name.name);
  return "-- The table: the one that bears the name, or the one that was captured under it, "
         "whatever "
         "it is\n-- called now. Without one the script stops here.\n"
         "SELECT coalesce(\n"
         "  (SELECT t.oid::text FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace\n"
         "   WHERE n.nspname = " +
         schema + " AND t.relname = " + table +
         " AND t.relkind IN ('r', 'p')),\n"
         "  (SELECT t.oid::text FROM (SELECT obj_description(oid, 'pg_publication')::json AS c\n"
         "     FROM pg_publication WHERE pubname = " +
         database::quote_literal(source.publication) +
         "\n"
         "     AND obj_description(oid, 'pg_publication') IS NOT NULL) old\n"
         "   JOIN pg_class t ON t.oid::bigint = (c ->> 'table')::bigint\n"
         "   WHERE c ->> 'schema' = " +
         schema + " AND c ->> 'table_name' = " + table +
         "),\n"
         "  " +
         database::quote_literal(database::quote_table(name)) +
         ") AS walpulse_table\n\\gset\n"
         "SELECT t.oid AS walpulse_table, format('%I.%I', n.nspname, t.relname) AS "
         "walpulse_called\n"
         "FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace\n"
         "WHERE t.oid = :'walpulse_table'::regclass AND t.relkind = 'r'\n\\gset\n\n";
}

std::string drop_slot(const std::string& name) {
  return "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = " +
         database::quote_literal(name) + ";\n";
}

}  // namespace

std::string recover_script(const SourceOptions& source, std::chrono::milliseconds slot_timeout,
                           const ReplayWindow& window, std::uint64_t epoch_above) {
  const std::string publication = database::quote_literal(source.publication);
  const std::string name = database::quote_identifier(source.publication);
  const TableName& table = source.tables.front();
  const std::string names = "'schema', " + database::quote_literal(table.schema) +
                            ", 'table_name', " + database::quote_literal(table.name);
  std::string script =
      "-- walpulse: the way on after a gap. Stop every connector first. Run with psql, not in one\n"
      "-- transaction (no -1), as a superuser, or as the table's owner with REPLICATION and CREATE "
      "on\n-- the database. Interrupted, it is run again from the beginning.\n";
  script += database::script_head();
  script +=
      keep_identity(source, epoch_above) + keep_follows(source, epoch_above) + keep_table(source);
  script += "-- 2. The slots go first: one that is in use stops the script here.\n" +
            drop_slot(anchor_slot(source)) + drop_slot(source.slot) + "\n";
  script +=
      "-- 3. The publication, anew. Its comment keeps name, table and epochs, and lets no "
      "capture\n-- in.\n"
      "BEGIN;\nDROP PUBLICATION IF EXISTS " +
      name + ";\n" + create_publication_sql(source.publication, ":walpulse_called") +
      ";\nSELECT format('COMMENT ON PUBLICATION %I IS %L', " + publication +
      ", json_build_object('walpulse', 1, 'name', :'walpulse_name', 'epoch', "
      ":walpulse_epoch, 'system_identifier', '0', 'table', :walpulse_table, "
      "'publication_relation', 0, 'publication_xmin', 0, " +
      names + ", 'follows', :'walpulse_follows'::json))\n\\gexec\nCOMMIT;\n\n";
  script +=
      "-- 4. The slot. The server waits for every transaction that writes at the moment.\n"
      "SET statement_timeout = " +
      std::to_string(slot_timeout.count()) +
      ";\nSELECT 'SELECT pg_create_logical_replication_slot(' || quote_literal(" +
      database::quote_literal(source.slot) +
      ") || ', ''pgoutput''' || CASE WHEN current_setting('server_version_num')::int >= "
      "170000\n  THEN ', failover => true' ELSE '' END || ')'\n\\gexec\n"
      "SET statement_timeout = 0;\n";
  if (window.wanted()) {
    script += "SELECT pg_copy_logical_replication_slot(" + database::quote_literal(source.slot) +
              ", " + database::quote_literal(anchor_slot(source)) + ", false);\n";
  }
  script +=
      "\n-- 5. The identity, in a new epoch that lies after the slot.\n"
      "SELECT format('COMMENT ON PUBLICATION %I IS %L', p.pubname, json_build_object(\n"
      "  'walpulse', 1, 'name', :'walpulse_name',\n"
      "  'epoch', greatest(:walpulse_epoch, floor(extract(epoch FROM "
      "clock_timestamp()))::bigint) + 1,\n"
      "  'system_identifier', (SELECT system_identifier FROM pg_control_system())::text,\n"
      "  'table', r.prrelid::bigint, 'publication_relation', r.oid::bigint,\n"
      "  'publication_xmin', p.xmin::text::bigint, 'publication_owner', p.pubowner::bigint,\n"
      "  " +
      names +
      ", 'database', current_database(),\n"
      "  'follows', :'walpulse_follows'::json))\n"
      "FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid\n"
      "WHERE p.pubname = " +
      publication + " AND r.prrelid = :walpulse_table\n\\gexec\n\n";
  script +=
      "-- 6. Then, from the connector's machine: walpulse-connector snapshot --to SINK, and\n"
      "-- walpulse-connector run --to SINK\n";
  return script;
}

}  // namespace walpulse::connector
