#pragma once

#include <string_view>

/// The script of `setup --print-sql` as it stands in front of a DBA, part by part: the server, the
/// role and its rights. setup_script.cpp puts values in for the @names.
namespace walpulse::connector::setup_text {

inline constexpr std::string_view kHead =
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
@login_words--
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

inline constexpr std::string_view kPasswordWords =
    R"(-- The role is @role_name. psql asks for its password (\password) and sends a hash of it: it stands in
-- no file, no output and no log. The connector's machine has it in ~/.pgpass (chmod 600), as one line:
--
--   @pgpass_line
)";

inline constexpr std::string_view kTokenWords =
    "-- The role is @role_name, which logs in by token.\n";

/// Nothing is changed before these are answered.
inline constexpr std::string_view kRefusals =
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
             AND ((c ->> 'table')::bigint = @table::regclass::oid::bigint
               OR EXISTS (SELECT FROM json_array_elements(c -> 'tables') t
                          WHERE (t ->> 'oid')::bigint = @table::regclass::oid::bigint))) THEN
    RAISE EXCEPTION 'another publication captures the table under the same name: give --name';
  END IF;
END $walpulse$;

)";

/// Who logs in by token is made by Cloud SQL's API.
inline constexpr std::string_view kTokenRole =
    R"(-- 1. The role. It logs in by token, and is made outside SQL:
--   @iam_command
DO $walpulse$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = @role) THEN
    RAISE EXCEPTION 'there is no role %: make it by the gcloud commands in this script', @role;
  END IF;
END $walpulse$;
)";

inline constexpr std::string_view kRole =
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

inline constexpr std::string_view kRights =
    R"(-- REPLICATION: to use slots and to stream. Whoever has it can read the changes of every table: no one
-- else should have this role.
SELECT format('ALTER ROLE %I REPLICATION', rolname) FROM pg_roles
WHERE rolname = @role AND NOT rolreplication AND NOT rolsuper
\gexec

-- Only the tables' owner, and who is a member of that role, may publish them and give rights on them.
-- Who makes roles but is no superuser (on Cloud SQL postgres) is a member until the script's end.
-- (Up to 15 that would take a membership away that was there before, and is not inherited.)
SELECT pg_get_userbyid(relowner) AS walpulse_owner, NOT pg_has_role(relowner, 'USAGE')
  AND (current_setting('server_version_num')::int >= 160000 OR NOT pg_has_role(relowner, 'MEMBER'))
  AS walpulse_joins
FROM pg_class WHERE oid = @table::regclass
\gset
\if :walpulse_joins
DO $walpulse$ DECLARE owner name;
BEGIN
  SELECT pg_get_userbyid(relowner) INTO owner FROM pg_class WHERE oid = @table::regclass;
  EXECUTE format('GRANT %I TO %I', owner, current_user);
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'the table is %''s, and % may not join that role: let % run this script for the rest',
    owner, current_user, owner;
END $walpulse$;
\endif

-- 2. Its rights. CONNECT for every command; the two others for snapshot and recover, which read the
-- table: streaming needs neither.
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), @role)
WHERE NOT has_database_privilege(@role, current_database(), 'CONNECT')
UNION ALL
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', @schema, @role)
WHERE NOT has_schema_privilege(@role, @schema, 'USAGE')
UNION ALL
SELECT format('GRANT SELECT ON %s TO %I', called, @role) FROM pg_temp.walpulse_tables there
WHERE NOT has_table_privilege(@role, oid, 'SELECT')
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
SELECT coalesce(current_setting('effective_wal_level', true), current_setting('wal_level')) = 'logical'
  OR current_setting('server_version_num')::int >= 190000 AND current_setting('wal_level') = 'replica'
  AS walpulse_decodes  -- from PostgreSQL 19 on the first slot makes replica logical
\gset
SELECT statement FROM (VALUES
  (NOT :'walpulse_decodes'::boolean, 'ALTER SYSTEM SET wal_level = ''logical'''),
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
SELECT NOT :'walpulse_decodes'::boolean AS walpulse_stop, 'wal_level is '
  || current_setting('wal_level') || ', not logical: ' || CASE WHEN :'walpulse_cloud_sql'::boolean
  THEN 'set the flag, which restarts the instance, then run this again: ' || @flag_command ||
    CASE WHEN current_setting('max_slot_wal_keep_size') = '-1' THEN
      '; and, so that no disk fills up while nobody reads: ' || @keep_command ELSE '' END
  WHEN :'walpulse_super'::boolean OR (SELECT pending_restart FROM pg_settings WHERE name = 'wal_level')
  THEN 'it is set now; restart the server, then run this again'
  ELSE 'let a superuser run this script' END AS walpulse_why
\gset
\if :walpulse_stop
\warn :walpulse_why
DO $walpulse$ BEGIN RAISE EXCEPTION 'nothing is captured before that'; END $walpulse$;
\endif

-- 4. The publication comes before the slot: a slot cannot decode WAL older than it. Its owner is the
-- table's, who needs no superuser then to recover or to tear down. A lock that somebody holds is not
-- waited for, since who waits for this session meanwhile would be thrown out: repeat the script then.
SET lock_timeout = '100ms';
SELECT NOT EXISTS (SELECT FROM pg_publication WHERE pubname = @publication) AS walpulse_new
\gset
SELECT @create_publication FROM pg_temp.walpulse_tables there
WHERE :'walpulse_new'::boolean HAVING count(*) > 0
\gexec
SET lock_timeout = 0;
SELECT format('ALTER PUBLICATION %I OWNER TO %I', p.pubname, pg_get_userbyid(c.relowner))
FROM pg_publication p, pg_class c
WHERE p.pubname = @publication AND c.oid = @table::regclass AND p.pubowner <> c.relowner
  AND :'walpulse_new'::boolean AND (:'walpulse_super'::boolean OR :'walpulse_joins'::boolean
    AND has_database_privilege(c.relowner, current_database(), 'CREATE'))
\gexec

@growth_partSELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = @slot)
  AND EXISTS (SELECT FROM pg_publication WHERE pubname = @publication
  AND obj_description(oid, 'pg_publication') IS NOT NULL) AS walpulse_complete
\gset
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
SELECT format('COMMENT ON PUBLICATION %I IS %L', p.pubname, @identity)
FROM pg_publication p
WHERE p.pubname = @publication AND obj_description(p.oid, 'pg_publication') IS NULL
\gexec
SELECT 'everything is made; what is not as it should be, doctor says, where the connector runs: ' ||
  @doctor_command;
\elif :walpulse_complete
SELECT 'everything is made; what is not as it should be, doctor says, where the connector runs: ' ||
  @doctor_command;
\else
SELECT 'slot and identity are left; where the connector runs: ' ||
  replace(replace(@setup_command, 'OWNER', CASE WHEN :'walpulse_joins'::boolean THEN :'walpulse_owner'
    ELSE current_user END), 'DATABASE', current_database());
\endif
\if :walpulse_joins
SELECT format('REVOKE %I FROM %I', :'walpulse_owner', current_user)
\gexec
\endif
)";

}  // namespace walpulse::connector::setup_text
