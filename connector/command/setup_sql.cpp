// The texts of `setup`: statements, the DBA's script, the explanation of a wait.
#include <algorithm>
#include <map>
#include <string_view>

#include "connector/command/setup_plan.h"
#include "publisher/database/session_settings.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

/// Puts the values in for their @names, once: what a value holds is not looked at again.
std::string filled(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string result;
  while (!text.empty()) {
    const auto at = text.find('@');
    result += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
    const auto end = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), text.size());
    result += values.at(std::string(text.substr(0, end)));
    text.remove_prefix(end);
  }
  return result;
}

}  // namespace

namespace {

/// The anchor is a copy of the live slot: at the same position, and made without a wait.
std::string anchor_part(const SourceOptions& source) {
  constexpr std::string_view kPart =
      R"(-- 3. The anchor, which stays behind the slot so that there is history to replay. A lost one is
-- made anew.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
WHERE slot_name = @anchor AND wal_status = 'lost';
SELECT @create
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = @anchor)
\gexec

)";
  const std::string anchor = database::quote_literal(anchor_slot(source));
  return filled(kPart,
                {{"anchor", anchor},
                 {"create", database::quote_literal("SELECT pg_copy_logical_replication_slot(" +
                                                    database::quote_literal(source.slot) + ", " +
                                                    anchor + ", false)")}});
}

}  // namespace

std::string create_publication_sql(const std::string& publication, const std::string& table) {
  return "CREATE PUBLICATION " + database::quote_identifier(publication) + " FOR TABLE " + table +
         " WITH (publish = 'insert, update, delete, truncate')";
}

std::string comment_sql(const SourceOptions& source, const CaptureIdentity& identity) {
  return "COMMENT ON PUBLICATION " + database::quote_identifier(source.publication) + " IS " +
         database::quote_literal(to_comment(identity));
}

std::string setup_script(const SourceOptions& source, std::chrono::milliseconds slot_timeout,
                         const ReplayWindow& window) {
  constexpr std::string_view kScript =
      R"(-- walpulse: what capture needs. Run with psql, not in one transaction (no -1), as a
-- superuser, or as the table's owner with REPLICATION and CREATE on the database.
-- Safe to repeat.
@head-- A publication with walpulse's comment, but without its slot, has lost changes.
DO $walpulse$ BEGIN
  IF EXISTS (SELECT FROM pg_publication WHERE pubname = @publication
             AND obj_description(oid, 'pg_publication') LIKE '%"walpulse"%') AND @no_slot THEN
    RAISE EXCEPTION 'a gap: the publication is set up, but its slot does not exist';
  END IF;
  -- Somebody else's comment is not overwritten.
  IF EXISTS (SELECT FROM pg_publication WHERE pubname = @publication
             AND obj_description(oid, 'pg_publication') NOT LIKE '%"walpulse"%') THEN
    RAISE EXCEPTION 'the publication has a comment that is not walpulse''s: choose another name '
      'or remove the comment';
  END IF;
  IF EXISTS (SELECT FROM pg_publication WHERE pubname = @publication
             AND obj_description(oid, 'pg_publication') IS NOT NULL) THEN
    RETURN;
  END IF;
  IF @name ~ '[/%?#"<>\\^`{|}[:space:][:cntrl:]]' THEN
    RAISE EXCEPTION 'the database''s name cannot name the source: give --name';
  END IF;
  -- Whoever reads both would count every run twice.
  IF EXISTS (SELECT FROM pg_publication p, LATERAL (SELECT CASE
               WHEN obj_description(p.oid, 'pg_publication') LIKE '{"walpulse"%'
               THEN obj_description(p.oid, 'pg_publication')::json END AS c) other
             WHERE p.pubname <> @publication AND c ->> 'name' = @name
             AND (c ->> 'table')::bigint = @table::regclass::oid::bigint) THEN
    RAISE EXCEPTION 'another publication captures the table under the same name: give --name';
  END IF;
END $walpulse$;

-- 1. The publication comes before the slot: a slot cannot decode WAL older than it.
SELECT @create_publication
WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = @publication)
\gexec

-- 2. The slot. The server waits for every transaction that writes at the moment.
SET statement_timeout = @timeout;
-- From 17 on standbys can keep it for a failover.
SELECT @create_slot || CASE WHEN current_setting('server_version_num')::int >= 170000
  THEN ', failover => true' ELSE '' END || ')'
WHERE @no_slot
\gexec
SET statement_timeout = 0;

@anchor_part-- Last the identity.
SELECT format('COMMENT ON PUBLICATION %I IS %L', p.pubname, json_build_object(
  'walpulse', 1,
  'name', @name,
  'epoch', floor(extract(epoch FROM clock_timestamp()))::bigint + 1,
  'system_identifier', (SELECT system_identifier FROM pg_control_system())::text,
  'table', r.prrelid::bigint,
  'publication_relation', r.oid::bigint,
  'publication_xmin', p.xmin::text::bigint,
  'publication_owner', p.pubowner::bigint,
  'schema', n.nspname,
  'table_name', c.relname,
  'database', current_database()))
FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE p.pubname = @publication AND r.prrelid = @table::regclass
  AND obj_description(p.oid, 'pg_publication') IS NULL
\gexec

-- The capture role also needs: ALTER ROLE ... WITH REPLICATION; and, for snapshots,
-- GRANT USAGE ON SCHEMA @schema TO ...; GRANT SELECT ON @quoted_table TO ...;
)";
  const std::string slot = database::quote_literal(source.slot);
  const TableName& name = source.tables.front();
  const std::string table = database::quote_table(name);
  return filled(
      kScript,
      {{"head", database::script_head()},
       {"publication", database::quote_literal(source.publication)},
       {"no_slot", "NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = " + slot + ")"},
       {"create_publication",
        database::quote_literal(create_publication_sql(source.publication, table))},
       {"create_slot", database::quote_literal("SELECT pg_create_logical_replication_slot(" + slot +
                                               ", 'pgoutput'")},
       {"anchor_part", window.wanted() ? anchor_part(source) : ""},
       {"timeout", std::to_string(slot_timeout.count())},
       {"name", source.name.empty() ? "current_database()" : database::quote_literal(source.name)},
       {"table", database::quote_literal(table)},
       {"schema", database::quote_identifier(name.schema)},
       {"quoted_table", table}});
}

}  // namespace walpulse::connector
