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

std::string old_comment(const SourceOptions& source) {
  return "(SELECT obj_description(oid, 'pg_publication')::json AS c FROM pg_publication\n"
         "     WHERE pubname = " +
         database::quote_literal(source.publication) +
         " AND obj_description(oid, 'pg_publication') IS NOT NULL) old";
}

/// (oid, schema, name) of what the old comment, of either version, says was captured.
std::string old_tables(const SourceOptions& source) {
  return "(SELECT (e ->> 'oid')::bigint::oid AS oid, e ->> 'schema' AS schema, e ->> 'name' AS "
         "name "
         "FROM\n    " +
         old_comment(source) +
         ",\n    json_array_elements(coalesce(c -> 'tables', json_build_array(json_build_object(\n"
         "      'oid', c -> 'table', 'schema', c -> 'schema', 'name', c -> 'table_name')))) e)";
}

std::string wanted_tables(const std::vector<TableName>& tables) {
  std::string rows;
  int place = 0;
  for (const TableName& table : tables) {
    rows += (rows.empty() ? "(" : ",\n          (") + std::to_string(++place) + ", " +
            database::quote_literal(database::quote_table(table)) + ", " +
            database::quote_literal(table.schema) + ", " + database::quote_literal(table.name) +
            ")";
  }
  return "(VALUES " + rows + ") w(place, quoted, schema, name)";
}

/// Nothing is dropped before it is sure for which tables the publication will be made.
std::string keep_tables(const SourceOptions& source) {
  const TableName& first = source.tables.front();
  return "-- The tables: those that bear the names, or that were captured under them, whatever "
         "they "
         "are\n-- called now; beside the first only what was captured, where a comment tells. "
         "Without "
         "the first\n-- the script stops here.\n"
         "SELECT coalesce(\n"
         "  (SELECT t.oid::text FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace\n"
         "   WHERE n.nspname = " +
         database::quote_literal(first.schema) +
         " AND t.relname = " + database::quote_literal(first.name) +
         " AND t.relkind IN ('r', 'p')),\n"
         "  (SELECT t.oid::text FROM " +
         old_tables(source) + " k\n   JOIN pg_class t ON t.oid = k.oid WHERE k.schema = " +
         database::quote_literal(first.schema) +
         " AND k.name = " + database::quote_literal(first.name) + "),\n  " +
         database::quote_literal(database::quote_table(first)) +
         ") AS walpulse_first\n\\gset\n"
         "SELECT :'walpulse_first'::regclass::oid AS walpulse_first\n\\gset\n"
         "SELECT json_agg(json_build_object('oid', t.oid::bigint, 'publication_relation', 0,\n"
         "         'schema', w.schema, 'name', w.name) ORDER BY w.place) AS walpulse_tables,\n"
         "       string_agg(format('%I.%I', n.nspname, t.relname), ', ' ORDER BY w.place) AS "
         "walpulse_called\n"
         "FROM " +
         wanted_tables(source.tables) + "\nLEFT JOIN " + old_tables(source) +
         " k ON k.schema = w.schema AND k.name = w.name\n"
         "JOIN pg_class t ON t.oid = CASE w.place WHEN 1 THEN :walpulse_first::oid\n"
         "  ELSE coalesce(to_regclass(w.quoted)::oid, k.oid) END\n"
         "JOIN pg_namespace n ON n.oid = t.relnamespace\n"
         "WHERE t.relkind = 'r' AND (w.place = 1 OR k.oid IS NOT NULL\n"
         "  OR NOT EXISTS (SELECT FROM " +
         old_comment(source) + "))\nHAVING count(*) FILTER (WHERE w.place = 1) = 1\n\\gset\n\n";
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
  std::string script =
      "-- walpulse: the way on after a gap. Stop every connector first. Run with psql, not in one\n"
      "-- transaction (no -1), as a superuser, or as the table's owner with REPLICATION and CREATE "
      "on\n-- the database. Interrupted, it is run again from the beginning.\n";
  script += database::script_head() +
            "\\pset pager off\n\\pset tuples_only on\n\\pset format unaligned\n\n";
  script +=
      keep_identity(source, epoch_above) + keep_follows(source, epoch_above) + keep_tables(source);
  script += "-- 2. The slots go first: one that is in use stops the script here.\n" +
            drop_slot(anchor_slot(source)) + drop_slot(source.slot) + "\n";
  script +=
      "-- 3. The publication, anew. Its comment keeps name, tables and epochs, and lets no "
      "capture\n-- in.\n"
      "-- A lock that somebody holds is not waited for: run the script again then.\n"
      "BEGIN;\nSET LOCAL lock_timeout = '100ms';\nDROP PUBLICATION IF EXISTS " +
      name + ";\n" + create_publication_sql(source.publication, ":walpulse_called") +
      ";\nSELECT format('COMMENT ON PUBLICATION %I IS %L', " + publication + ", " +
      comment_form_sql(
          "json_build_object('walpulse', 2, 'name', :'walpulse_name', 'epoch', :walpulse_epoch,\n"
          "    'system_identifier', '0', 'publication_xmin', 0, 'tables', "
          ":'walpulse_tables'::json,\n"
          "    'follows', :'walpulse_follows'::json)") +
      ")\n\\gexec\n"
      "-- Its owner is the first table's, who needs no superuser then to tear it down.\n"
      "SELECT format('ALTER PUBLICATION %I OWNER TO %I', " +
      publication +
      ", pg_get_userbyid(c.relowner))\n"
      "FROM pg_class c, pg_roles r WHERE c.oid = (:'walpulse_tables'::json -> 0 ->> 'oid')::oid\n"
      "  AND r.rolname = current_user AND r.rolsuper AND c.relowner <> r.oid\n\\gexec\nCOMMIT;\n\n";
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
      "SELECT format('COMMENT ON PUBLICATION %I IS %L', p.pubname, " +
      comment_form_sql(
          "json_build_object(\n  'walpulse', 2, 'name', :'walpulse_name',\n"
          "  'epoch', greatest(:walpulse_epoch, floor(extract(epoch FROM "
          "clock_timestamp()))::bigint) + 1,\n"
          "  'system_identifier', (SELECT system_identifier FROM pg_control_system())::text,\n"
          "  'publication_xmin', p.xmin::text::bigint,\n"
          "  'tables', (SELECT json_agg(json_build_object('oid', e -> 'oid', "
          "'publication_relation',\n"
          "      r.oid::bigint, 'schema', e -> 'schema', 'name', e -> 'name') ORDER BY at)\n"
          "    FROM json_array_elements(:'walpulse_tables'::json) WITH ORDINALITY x(e, at)\n"
          "    JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = (e ->> "
          "'oid')::oid),\n"
          "  'follows', :'walpulse_follows'::json, 'database', current_database(),\n"
          "  'publication_owner', p.pubowner::bigint)") +
      ")\nFROM pg_publication p WHERE p.pubname = " + publication + "\n\\gexec\n\n";
  script +=
      "-- 6. The rows, which are published from the connector's machine.\n"
      "SELECT 'a new epoch begins; what is left, where the connector runs: '\n"
      "  'walpulse-connector snapshot --to SINK, then walpulse-connector run --to SINK';\n";
  return script;
}

}  // namespace walpulse::connector
