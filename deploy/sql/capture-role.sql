-- walpulse: what capture needs, from the role to the slot. Run it with psql in Mage's database, not in
-- one transaction (no -1), as a superuser (on Cloud SQL as postgres):
--
--   psql 'host=10.0.0.5 dbname=mage user=postgres' -f capture-role.sql
--
-- It changes the server where it must, by ALTER SYSTEM and as a superuser: wal_level, max_replication_slots,
-- max_wal_senders, max_slot_wal_keep_size (10 GB), idle_replication_slot_timeout (0). Not on Cloud SQL,
-- which has flags for that.
--
-- Safe to repeat: what is there stays as it is. Where the server must be restarted first it stops and
-- says so; then run it again. Run by the table's owner, who may make neither roles nor slots, it makes
-- the rest and says what is left.
--
-- The role is walpulse. psql asks for its password (\password) and sends a hash of it: it stands in
-- no file, no output and no log. The connector's machine has it in ~/.pgpass (chmod 600), as one line:
--
--   10.0.0.5:5432:mage:walpulse:PASSWORD
--
-- The monitor's ledger has a role and a password of its own: walpulse-monitor doctor --print-sql.

-- Whatever the server, the database or the role set, the words below mean one thing.
\set ON_ERROR_STOP on
\set QUIET on
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET search_path = pg_catalog, pg_temp;
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
SET standard_conforming_strings = on;
SET quote_all_identifiers = off;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET IntervalStyle = postgres;
SET extra_float_digits = 3;
SET bytea_output = hex;
SET lc_monetary = 'C';
SET row_security = off;
SET default_transaction_isolation = 'read committed';
SET default_transaction_deferrable = off;
SET exit_on_error = off;
SELECT format('SET %I = 0', name) FROM pg_settings WHERE name IN ('transaction_timeout', 'idle_session_timeout')
\gexec

\pset pager off
\pset tuples_only on
\pset format unaligned
SELECT rolsuper AS walpulse_super, rolsuper OR rolcreaterole AS walpulse_makes_roles,
       rolsuper OR rolreplication AS walpulse_makes_slots,
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'cloudsqlsuperuser') AS walpulse_cloud_sql
FROM pg_roles WHERE rolname = current_user
\gset

-- A publication with walpulse's comment, but without its slot, has lost changes.
DO $walpulse$ BEGIN
  IF to_regclass('"public"."pipeline_run"') IS NULL THEN
    RAISE EXCEPTION 'there is no table % in the database %', '"public"."pipeline_run"', current_database();
  END IF;
  IF EXISTS (SELECT FROM pg_publication WHERE pubname = 'walpulse'
             AND obj_description(oid, 'pg_publication') LIKE '%"walpulse"%') AND NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'walpulse') THEN
    RAISE EXCEPTION 'a gap: the publication is set up, but its slot does not exist';
  END IF;
  -- Somebody else's comment is not overwritten.
  IF EXISTS (SELECT FROM pg_publication WHERE pubname = 'walpulse'
             AND obj_description(oid, 'pg_publication') NOT LIKE '%"walpulse"%') THEN
    RAISE EXCEPTION 'the publication has a comment that is not walpulse''s: choose another name '
      'or remove the comment';
  END IF;
  IF EXISTS (SELECT FROM pg_publication WHERE pubname = 'walpulse'
             AND obj_description(oid, 'pg_publication') IS NOT NULL) THEN
    RETURN;
  END IF;
  IF current_database() ~ '[/%?#"<>\\^`{|}[:space:][:cntrl:]]' THEN
    RAISE EXCEPTION 'the database''s name cannot name the source: give --name';
  END IF;
  -- Whoever reads both would count every run twice.
  IF EXISTS (SELECT FROM pg_publication p, LATERAL (SELECT CASE
               WHEN obj_description(p.oid, 'pg_publication') LIKE '{"walpulse"%'
               THEN obj_description(p.oid, 'pg_publication')::json END AS c) other
             WHERE p.pubname <> 'walpulse' AND c ->> 'name' = current_database()
             AND ((c ->> 'table')::bigint = '"public"."pipeline_run"'::regclass::oid::bigint
               OR EXISTS (SELECT FROM json_array_elements(c -> 'tables') t
                          WHERE (t ->> 'oid')::bigint = '"public"."pipeline_run"'::regclass::oid::bigint))) THEN
    RAISE EXCEPTION 'another publication captures the table under the same name: give --name';
  END IF;
END $walpulse$;

-- Mage's tables, as far as they exist: the others only where the first one's owner has them, and where
-- their rows are told apart.
CREATE TEMP VIEW walpulse_tables AS
  SELECT w.*, c.oid, format('%I.%I', n.nspname, c.relname) AS called
  FROM (VALUES (1, '"public"."pipeline_run"', 'public', 'pipeline_run'), (2, '"public"."pipeline_schedule"', 'public', 'pipeline_schedule'), (3, '"public"."block_run"', 'public', 'block_run')) w(place, quoted, schema, name)
  JOIN pg_class c ON c.oid = to_regclass(w.quoted) JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE w.place = 1 OR (c.relkind = 'r' AND c.relreplident <> 'n'
    AND c.relowner = (SELECT relowner FROM pg_class WHERE oid = '"public"."pipeline_run"'::regclass)
    AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary));

-- 1. The role. It gets LOGIN last: stopped at the question, the script asks again.
\if :walpulse_makes_roles
SELECT 'walpulse' AS walpulse_role, NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'walpulse'
                                   AND rolcanlogin) AS walpulse_role_is_new
\gset
\if :walpulse_role_is_new
SELECT format('CREATE ROLE %I NOLOGIN', 'walpulse')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'walpulse')
\gexec
\echo 'The password of the new role' :walpulse_role
\password :"walpulse_role"
SELECT format('ALTER ROLE %I LOGIN', 'walpulse')
\gexec
\endif
\else
DO $walpulse$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'walpulse') THEN
    RAISE EXCEPTION 'there is no role %, and % may make none: let an administrator run this script',
      'walpulse', current_user;
  END IF;
END $walpulse$;
\endif
-- REPLICATION: to use slots and to stream. Whoever has it can read the changes of every table: no one
-- else should have this role.
SELECT format('ALTER ROLE %I REPLICATION', rolname) FROM pg_roles
WHERE rolname = 'walpulse' AND NOT rolreplication AND NOT rolsuper
\gexec

-- Only the tables' owner, and who is a member of that role, may publish them and give rights on them.
-- Who makes roles but is no superuser (on Cloud SQL postgres) is a member until the script's end.
-- (Up to 15 that would take a membership away that was there before, and is not inherited.)
SELECT pg_get_userbyid(relowner) AS walpulse_owner, NOT pg_has_role(relowner, 'USAGE')
  AND (current_setting('server_version_num')::int >= 160000 OR NOT pg_has_role(relowner, 'MEMBER'))
  AS walpulse_joins
FROM pg_class WHERE oid = '"public"."pipeline_run"'::regclass
\gset
\if :walpulse_joins
DO $walpulse$ DECLARE owner name;
BEGIN
  SELECT pg_get_userbyid(relowner) INTO owner FROM pg_class WHERE oid = '"public"."pipeline_run"'::regclass;
  EXECUTE format('GRANT %I TO %I', owner, current_user);
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'the table is %''s, and % may not join that role: let % run this script for the rest',
    owner, current_user, owner;
END $walpulse$;
\endif

-- 2. Its rights. CONNECT for every command; the two others for snapshot and recover, which read the
-- table: streaming needs neither.
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'walpulse')
WHERE NOT has_database_privilege('walpulse', current_database(), 'CONNECT')
UNION ALL
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', 'public', 'walpulse')
WHERE NOT has_schema_privilege('walpulse', 'public', 'USAGE')
UNION ALL
SELECT format('GRANT SELECT ON %s TO %I', called, 'walpulse') FROM pg_temp.walpulse_tables there
WHERE NOT has_table_privilege('walpulse', oid, 'SELECT')
\gexec
-- Optional: with it status shows what is in flight, also of a reader that logs in as another role.
\set ON_ERROR_STOP off
SELECT format('GRANT pg_monitor TO %I', 'walpulse')
WHERE :'walpulse_makes_roles'::boolean AND NOT pg_has_role('walpulse', 'pg_monitor', 'USAGE')
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
     (SELECT count(*) FROM pg_replication_slots WHERE slot_name NOT IN ('walpulse', 'walpulse_anchor')),
   format('ALTER SYSTEM SET max_replication_slots = ''%s''',
          current_setting('max_replication_slots')::int + 10)),
  (NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'walpulse') AND current_setting('max_wal_senders')::int <= (SELECT count(*) FROM pg_stat_replication),
   format('ALTER SYSTEM SET max_wal_senders = ''%s''',
          current_setting('max_wal_senders')::int + 10)),
  (current_setting('max_slot_wal_keep_size') = '-1' AND NOT EXISTS
     (SELECT FROM pg_replication_slots WHERE slot_name NOT IN ('walpulse', 'walpulse_anchor')),
   'ALTER SYSTEM SET max_slot_wal_keep_size = ''10240'''),
  (coalesce(current_setting('idle_replication_slot_timeout', true), '0') <> '0',
   'ALTER SYSTEM SET idle_replication_slot_timeout = ''0''')
) changes(needed, statement)
WHERE needed AND :'walpulse_super'::boolean AND NOT :'walpulse_cloud_sql'::boolean
\gexec
SELECT CASE WHEN :'walpulse_super'::boolean THEN pg_reload_conf() END AS walpulse_reloaded
\gset
SELECT NOT :'walpulse_decodes'::boolean AS walpulse_stop, 'wal_level is '
  || current_setting('wal_level') || ', not logical: ' || CASE WHEN :'walpulse_cloud_sql'::boolean
  THEN 'set the flag, which restarts the instance, then run this again: ' || 'gcloud sql instances patch INSTANCE --database-flags="$(gcloud sql instances describe INSTANCE --format=json | jq -r ''[(.settings.databaseFlags // [])[] | select(.name != "cloudsql.logical_decoding") | .name + "=" + .value] + ["cloudsql.logical_decoding=on"] | join(",")'')"' ||
    CASE WHEN current_setting('max_slot_wal_keep_size') = '-1' THEN
      '; and, so that no disk fills up while nobody reads: ' || 'gcloud sql instances patch INSTANCE --database-flags="$(gcloud sql instances describe INSTANCE --format=json | jq -r ''[(.settings.databaseFlags // [])[] | select(.name != "max_slot_wal_keep_size") | .name + "=" + .value] + ["max_slot_wal_keep_size=10240"] | join(",")'')"' ELSE '' END
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
SELECT NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'walpulse') AS walpulse_new
\gset
SELECT 'CREATE PUBLICATION "walpulse" FOR TABLE ' || string_agg(called, ', ' ORDER BY place) || ' WITH (publish = ''insert, update, delete, truncate'')' FROM pg_temp.walpulse_tables there
WHERE :'walpulse_new'::boolean HAVING count(*) > 0
\gexec
SET lock_timeout = 0;
SELECT format('ALTER PUBLICATION %I OWNER TO %I', p.pubname, pg_get_userbyid(c.relowner))
FROM pg_publication p, pg_class c
WHERE p.pubname = 'walpulse' AND c.oid = '"public"."pipeline_run"'::regclass AND p.pubowner <> c.relowner
  AND :'walpulse_new'::boolean AND (:'walpulse_super'::boolean OR :'walpulse_joins'::boolean
    AND has_database_privilege(c.relowner, current_database(), 'CREATE'))
\gexec

-- A publication that was made for fewer tables gets the others, and so does its comment, in one
-- transaction; capture goes on, in the same epoch. Where somebody writes to them it stops, and is to be
-- repeated: of a transaction that wrote before and goes on after the server would leave changes out.
DO $walpulse$ DECLARE more text; told json;
BEGIN
  SELECT string_agg(there.called, ', ' ORDER BY there.place) INTO more
  FROM pg_publication p, pg_temp.walpulse_tables there
  WHERE p.pubname = 'walpulse' AND pg_has_role(p.pubowner, 'USAGE')
    AND coalesce(obj_description(p.oid, 'pg_publication'), '{"walpulse"') LIKE '{"walpulse"%'
    AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = there.oid);
  IF more IS NOT NULL THEN
    SET LOCAL lock_timeout = '100ms';
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', more);
    EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', 'walpulse', more);
  END IF;
  SELECT obj_description(oid, 'pg_publication')::json INTO told FROM pg_publication
  WHERE pubname = 'walpulse' AND pg_has_role(pubowner, 'USAGE')
    AND obj_description(oid, 'pg_publication') LIKE '{"walpulse"%';
  IF (told ->> 'walpulse')::int IN (1, 2) THEN
    SELECT format('COMMENT ON PUBLICATION %I IS %L', 'walpulse', json_strip_nulls(json_build_object(
      'walpulse', 2, 'name', told -> 'name', 'epoch', told -> 'epoch',
      'system_identifier', told -> 'system_identifier', 'publication_xmin', told -> 'publication_xmin',
      'tables', json_agg(one ORDER BY at), 'follows', told -> 'follows', 'database', told -> 'database',
      'publication_owner', told -> 'publication_owner')))
    INTO more
    FROM (SELECT one, at FROM json_array_elements(coalesce(told -> 'tables', json_build_array(
            json_build_object('oid', told -> 'table', 'publication_relation',
              told -> 'publication_relation', 'schema', told -> 'schema', 'name', told -> 'table_name'))))
            WITH ORDINALITY known(one, at)
          UNION ALL
          SELECT json_build_object('oid', there.oid::bigint, 'publication_relation', r.oid::bigint,
                   'schema', there.schema, 'name', there.name), 1000 + there.place
          FROM pg_temp.walpulse_tables there JOIN pg_publication_rel r ON r.prrelid = there.oid
          JOIN pg_publication p ON p.oid = r.prpubid
          WHERE p.pubname = 'walpulse' AND coalesce((told ->> 'table')::bigint, 0) <> there.oid::bigint
            AND NOT EXISTS (SELECT FROM json_array_elements(told -> 'tables') t
                            WHERE (t ->> 'oid')::bigint = there.oid::bigint)) both_kinds
    HAVING bool_or(at > 1000);
    IF more IS NOT NULL THEN EXECUTE more; END IF;
  END IF;
END $walpulse$;

SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'walpulse')
  AND EXISTS (SELECT FROM pg_publication WHERE pubname = 'walpulse'
  AND obj_description(oid, 'pg_publication') IS NOT NULL) AS walpulse_complete
\gset
\if :walpulse_makes_slots
-- 5. The slot. The server waits for every transaction that writes at the moment.
SET statement_timeout = 30000;
-- From 17 on standbys can keep it for a failover.
SELECT 'SELECT pg_create_logical_replication_slot(''walpulse'', ''pgoutput''' || CASE WHEN current_setting('server_version_num')::int >= 170000
  THEN ', failover => true' ELSE '' END || ')'
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'walpulse')
\gexec
SET statement_timeout = 0;

-- The anchor, which stays behind the slot so that there is history to replay. A lost one is made
-- anew.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
WHERE slot_name = 'walpulse_anchor' AND wal_status = 'lost';
SELECT 'SELECT pg_copy_logical_replication_slot(''walpulse'', ''walpulse_anchor'', false)'
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'walpulse_anchor')
\gexec

-- Last the identity.
SELECT format('COMMENT ON PUBLICATION %I IS %L', p.pubname, (SELECT CASE json_array_length(i -> 'tables') WHEN 1 THEN json_strip_nulls(json_build_object(
    'walpulse', 1, 'name', i -> 'name', 'epoch', i -> 'epoch',
    'system_identifier', i -> 'system_identifier', 'table', i #> '{tables,0,oid}',
    'publication_relation', i #> '{tables,0,publication_relation}',
    'publication_xmin', i -> 'publication_xmin', 'schema', i #> '{tables,0,schema}',
    'table_name', i #> '{tables,0,name}', 'follows', i -> 'follows', 'database', i -> 'database',
    'publication_owner', i -> 'publication_owner')) ELSE i END
  FROM (SELECT json_build_object(
  'walpulse', 2,
  'name', current_database(),
  'epoch', floor(extract(epoch FROM clock_timestamp()))::bigint + 1,
  'system_identifier', (SELECT system_identifier FROM pg_control_system())::text,
  'publication_xmin', p.xmin::text::bigint,
  'tables', (SELECT json_agg(json_build_object('oid', there.oid::bigint, 'publication_relation',
               r.oid::bigint, 'schema', there.schema, 'name', there.name) ORDER BY there.place)
             FROM pg_temp.walpulse_tables there JOIN pg_publication_rel r ON r.prrelid = there.oid
             WHERE r.prpubid = p.oid),
  'database', current_database(),
  'publication_owner', p.pubowner::bigint) AS i) identity))
FROM pg_publication p
WHERE p.pubname = 'walpulse' AND obj_description(p.oid, 'pg_publication') IS NULL
\gexec
SELECT 'everything is made; what is not as it should be, doctor says, where the connector runs: ' ||
  'walpulse-connector doctor --dsn ''host=10.0.0.5 dbname=mage user=walpulse''';
\elif :walpulse_complete
SELECT 'everything is made; what is not as it should be, doctor says, where the connector runs: ' ||
  'walpulse-connector doctor --dsn ''host=10.0.0.5 dbname=mage user=walpulse''';
\else
SELECT 'slot and identity are left; where the connector runs: ' ||
  replace(replace('walpulse-connector setup --dsn ''host=10.0.0.5 dbname=mage user=walpulse'' --admin-dsn ''host=10.0.0.5 dbname=mage user=OWNER''', 'OWNER', CASE WHEN :'walpulse_joins'::boolean THEN :'walpulse_owner'
    ELSE current_user END), 'DATABASE', current_database());
\endif
\if :walpulse_joins
SELECT format('REVOKE %I FROM %I', :'walpulse_owner', current_user)
\gexec
\endif
