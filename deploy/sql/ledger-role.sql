-- walpulse: what the monitor's ledger needs in PostgreSQL. Run it with psql, not in one
-- transaction (no -1), as a superuser (on Cloud SQL as postgres):
--
--   psql 'host=10.0.0.6 dbname=postgres user=postgres' -f ledger-role.sql
--
-- Safe to repeat: what is there stays as it is. The role is walpulse_monitor, not the
-- connector's, which has another password. psql asks for it (\password) and sends a hash of it: it
-- stands in no file, no output and no log. The monitor's machine has it in ~/.pgpass (chmod 600), as
-- one line:
--
--   10.0.0.6:5432:walpulse:walpulse_monitor:PASSWORD

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
-- 1. The role. It gets LOGIN last: stopped at the question, the script asks again.
SELECT 'walpulse_monitor' AS walpulse_role, NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'walpulse_monitor'
                                   AND rolcanlogin) AS walpulse_role_is_new
\gset
\if :walpulse_role_is_new
SELECT format('CREATE ROLE %I NOLOGIN', 'walpulse_monitor')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'walpulse_monitor')
\gexec
\echo 'The password of the new role' :walpulse_role
\password :"walpulse_role"
SELECT format('ALTER ROLE %I LOGIN', 'walpulse_monitor')
\gexec
\endif

-- 2. The database. Mage's own does too: then its publication must not be FOR ALL TABLES.
SELECT format('CREATE DATABASE %I', 'walpulse')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'walpulse')
\gexec

-- 3. The rights. CREATE: the monitor makes and migrates its schema, walpulse_ledger, by itself, and
-- owns it. It needs no other right, and none of Mage's.
SELECT format('GRANT CONNECT, CREATE ON DATABASE %I TO %I', 'walpulse', 'walpulse_monitor')
\gexec
-- Whoever may not give them is only warned.
DO $walpulse$ DECLARE owner name;
BEGIN
  SELECT pg_get_userbyid(datdba) INTO owner FROM pg_database WHERE datname = 'walpulse';
  IF NOT has_database_privilege('walpulse_monitor', 'walpulse', 'CREATE') THEN
    RAISE EXCEPTION 'the database is %''s; as % run: %', owner, owner,
      format('GRANT CONNECT, CREATE ON DATABASE %I TO %I', 'walpulse', 'walpulse_monitor');
  END IF;
END $walpulse$;
SELECT 'everything is there; next, where the monitor runs: ' || 'walpulse-monitor doctor --ledger ''host=10.0.0.6 dbname=walpulse user=walpulse_monitor''';
