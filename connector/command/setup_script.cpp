// `setup --print-sql`: what a DBA runs.
#include <algorithm>
#include <map>
#include <string_view>

#include "connector/command/setup_plan.h"
#include "publisher/database/cloud_sql.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/database/role_script.h"
#include "publisher/database/session_settings.h"
#include "publisher/database/sql_quote.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::connector {
namespace {

using Values = std::map<std::string, std::string>;

/// Puts the values in for their @names, once: what a value holds is not looked at again.
std::string filled(std::string_view text, const Values& values) {
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

/// A value in a line of comment stays in it.
std::string in_comment(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, '?');
  return text;
}

constexpr std::string_view kHead =
    R"(-- walpulse: what capture needs, from the role to the slot. Run it with psql in Mage's database, not in
-- one transaction (no -1), as a superuser (on Cloud SQL as postgres):
--
--   @psql -f capture-role.sql
--
-- It changes the server where it must, by ALTER SYSTEM and as a superuser: wal_level, max_replication_slots,
-- max_wal_senders, max_slot_wal_keep_size (10 GB), idle_replication_slot_timeout (0). Not on Cloud SQL,
-- which has flags for that.
--
-- Safe to repeat: what is there stays as it is. Where the server must be restarted first it stops and
-- says so; then run it again. Run by the table's owner, who may make neither roles nor slots, it makes
-- the rest and says what is left.
--
-- The role is @role_name. psql asks for its password (\password) and sends a hash of it: it stands in
-- no file, no output and no log. The connector's machine has it in ~/.pgpass (chmod 600), as one line:
--
--   @pgpass_line
--
-- The monitor's ledger has a role and a password of its own: walpulse-monitor doctor --print-sql.

@head\pset pager off
\pset tuples_only on
\pset format unaligned
SELECT rolsuper AS walpulse_super, rolsuper OR rolcreaterole AS walpulse_makes_roles,
       rolsuper OR rolreplication AS walpulse_makes_slots,
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'cloudsqlsuperuser') AS walpulse_cloud_sql
FROM pg_roles WHERE rolname = current_user
\gset

)";

/// Nothing is changed before these are answered.
constexpr std::string_view kRefusals =
    R"(-- A publication with walpulse's comment, but without its slot, has lost changes.
DO $walpulse$ BEGIN
  IF to_regclass(@table) IS NULL THEN
    RAISE EXCEPTION 'there is no table % in the database %', @table, current_database();
  END IF;
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

)";

/// Who logs in by token is made by Cloud SQL's API.
constexpr std::string_view kTokenRole =
    R"(-- 1. The role. It logs in by token, and is made outside SQL:
--   @iam_command
DO $walpulse$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = @role) THEN
    RAISE EXCEPTION 'there is no role %: make it by the gcloud commands in this script', @role;
  END IF;
END $walpulse$;
)";

constexpr std::string_view kRole =
    R"(-- 1. The role. It gets LOGIN last: stopped at the question, the script asks again.
\if :walpulse_makes_roles
@login_role\else
DO $walpulse$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = @role) THEN
    RAISE EXCEPTION 'there is no role %, and % may make none: let an administrator run this script',
      @role, current_user;
  END IF;
END $walpulse$;
\endif
)";

constexpr std::string_view kRights =
    R"(-- REPLICATION: to use slots and to stream. Whoever has it can read the changes of every table: no one
-- else should have this role.
SELECT format('ALTER ROLE %I REPLICATION', rolname) FROM pg_roles
WHERE rolname = @role AND NOT rolreplication AND NOT rolsuper
\gexec

-- 2. Its rights. CONNECT for every command; the two others for snapshot and recover, which read the
-- table: streaming needs neither.
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), @role)
WHERE NOT has_database_privilege(@role, current_database(), 'CONNECT')
UNION ALL
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', @schema, @role)
WHERE NOT has_schema_privilege(@role, @schema, 'USAGE')
UNION ALL
SELECT format('GRANT SELECT ON %s TO %I', @table::regclass, @role)
WHERE NOT has_table_privilege(@role, @table::regclass, 'SELECT')
\gexec
-- Optional: with it status shows what is in flight, also of a reader that logs in as another role.
\set ON_ERROR_STOP off
SELECT format('GRANT pg_monitor TO %I', @role)
WHERE :'walpulse_makes_roles'::boolean AND NOT pg_has_role(@role, 'pg_monitor', 'USAGE')
\gexec
\set ON_ERROR_STOP on

-- 3. The server's parameters. A restart: wal_level, max_replication_slots, max_wal_senders. Without:
-- max_slot_wal_keep_size, how much WAL a slot may hold back while nobody reads it (-1: until the disk
-- is full); idle_replication_slot_timeout, from 18 on, which takes slots from whoever is away.
-- Only what is not right yet is changed, and max_slot_wal_keep_size only where no others have slots.
SELECT statement FROM (VALUES
  (current_setting('wal_level') <> 'logical', 'ALTER SYSTEM SET wal_level = ''logical'''),
  (current_setting('max_replication_slots')::int - 3 <
     (SELECT count(*) FROM pg_replication_slots WHERE slot_name NOT IN (@slot, @anchor)),
   format('ALTER SYSTEM SET max_replication_slots = ''%s''',
          current_setting('max_replication_slots')::int + 10)),
  (@no_slot AND current_setting('max_wal_senders')::int <= (SELECT count(*) FROM pg_stat_replication),
   format('ALTER SYSTEM SET max_wal_senders = ''%s''',
          current_setting('max_wal_senders')::int + 10)),
  (current_setting('max_slot_wal_keep_size') = '-1' AND NOT EXISTS
     (SELECT FROM pg_replication_slots WHERE slot_name NOT IN (@slot, @anchor)),
   'ALTER SYSTEM SET max_slot_wal_keep_size = ''@keep_size'''),
  (coalesce(current_setting('idle_replication_slot_timeout', true), '0') <> '0',
   'ALTER SYSTEM SET idle_replication_slot_timeout = ''0''')
) changes(needed, statement)
WHERE needed AND :'walpulse_super'::boolean AND NOT :'walpulse_cloud_sql'::boolean
\gexec
SELECT CASE WHEN :'walpulse_super'::boolean THEN pg_reload_conf() END AS walpulse_reloaded
\gset
SELECT current_setting('wal_level') <> 'logical' AS walpulse_stop, 'wal_level is '
  || current_setting('wal_level') || ', not logical: ' || CASE WHEN :'walpulse_cloud_sql'::boolean
  THEN 'set the flag, which restarts the instance, then run this again: ' || @flag_command
  WHEN :'walpulse_super'::boolean THEN 'it is set now; restart the server, then run this again'
  ELSE 'let a superuser run this script' END AS walpulse_why
\gset
\if :walpulse_stop
\warn :walpulse_why
DO $walpulse$ BEGIN RAISE EXCEPTION 'nothing is captured before that'; END $walpulse$;
\endif

-- 4. The publication comes before the slot: a slot cannot decode WAL older than it. Its owner is the
-- table's, who needs no superuser then to recover or to tear down.
SELECT NOT EXISTS (SELECT FROM pg_publication WHERE pubname = @publication) AS walpulse_new
\gset
SELECT @create_publication WHERE :'walpulse_new'::boolean
\gexec
SELECT format('ALTER PUBLICATION %I OWNER TO %I', p.pubname, pg_get_userbyid(c.relowner))
FROM pg_publication p, pg_class c
WHERE p.pubname = @publication AND c.oid = @table::regclass AND p.pubowner <> c.relowner
  AND :'walpulse_new'::boolean AND :'walpulse_super'::boolean
\gexec

\if :walpulse_makes_slots
-- 5. The slot. The server waits for every transaction that writes at the moment.
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
SELECT 'everything is there; next, where the connector runs: ' || @doctor_command;
\else
SELECT 'slot and identity are left; where the connector runs: ' ||
  replace(replace(@setup_command, 'OWNER', current_user), 'DATABASE', current_database());
\endif
)";

/// The anchor is a copy of the live slot: at the same position, and made without a wait.
constexpr std::string_view kAnchor =
    R"(-- The anchor, which stays behind the slot so that there is history to replay. A lost one is made
-- anew.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
WHERE slot_name = @anchor AND wal_status = 'lost';
SELECT @create_anchor
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = @anchor)
\gexec

)";

/// In megabytes: the unit of the parameter.
std::string keep_size(const ReplayWindow& window) {
  const std::size_t twice = window.wanted() ? 2 * window.bytes : 0;
  return std::to_string(std::max(twice, std::size_t{10} << 30) >> 20);
}

Values names(const SourceOptions& source) {
  const TableName& name = source.tables.front();
  const std::string table = database::quote_table(name);
  const std::string slot = database::quote_literal(source.slot);
  const std::string anchor = database::quote_literal(anchor_slot(source));
  return {
      {"role", database::quote_literal(capture_role(source))},
      {"role_name", in_comment(capture_role(source))},
      {"publication", database::quote_literal(source.publication)},
      {"slot", slot},
      {"anchor", anchor},
      {"no_slot", "NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = " + slot + ")"},
      {"create_publication",
       database::quote_literal(create_publication_sql(source.publication, table))},
      {"create_slot", database::quote_literal("SELECT pg_create_logical_replication_slot(" + slot +
                                              ", 'pgoutput'")},
      {"create_anchor", database::quote_literal("SELECT pg_copy_logical_replication_slot(" + slot +
                                                ", " + anchor + ", false)")},
      {"name", source.name.empty() ? "current_database()" : database::quote_literal(source.name)},
      {"table", database::quote_literal(table)},
      {"schema", database::quote_literal(name.schema)},
  };
}

}  // namespace

std::string setup_script(const GivenOptions& given, std::chrono::milliseconds slot_timeout) {
  const SourceOptions& source = given.source;
  const std::string role = capture_role(source);
  Values values = names(source);
  values["head"] = database::script_head();
  values["psql"] =
      in_comment(doctor::ShellCommand("psql").word(place_of(given, "DATABASE", "postgres")).text());
  values["pgpass_line"] = in_comment(database::password_file_line(source.dsn, role));
  values["iam_command"] = database::iam_login_command(source.dsn);
  values["login_role"] = database::login_role_sql(role);
  values["keep_size"] = keep_size(given.window);
  values["flag_command"] = database::quote_literal(
      database::set_flag_command(source.dsn, "cloudsql.logical_decoding=on"));
  values["timeout"] = std::to_string(slot_timeout.count());
  values["doctor_command"] = database::quote_literal(RemedyCommand(Command::doctor, given).text());
  values["setup_command"] = database::quote_literal(
      RemedyCommand(Command::setup, given).as_owner("OWNER", "DATABASE").text());
  values["anchor_part"] = given.window.wanted() ? filled(kAnchor, values) : "";
  return filled(kHead, values) + filled(kRefusals, values) +
         filled(given.cloud_sql_iam ? kTokenRole : kRole, values) + filled(kRights, values);
}

}  // namespace walpulse::connector
