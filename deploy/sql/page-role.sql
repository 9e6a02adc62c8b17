-- walpulse: what the page's role needs in PostgreSQL, to read the monitor's ledger and to write mutes.
-- Run it with psql, not in one transaction (no -1), as a superuser (on Cloud SQL as postgres), once the
-- monitor has made its ledger:
--
--   psql 'host=10.0.0.6 dbname=walpulse user=postgres' -f page-role.sql
--
-- Safe to repeat: what is there stays as it is.

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
-- 1. The ledger, which the monitor makes by itself, must be there.
DO $walpulse$ BEGIN
  IF to_regclass(format('%I.mute', 'walpulse_ledger')) IS NULL THEN
    RAISE EXCEPTION 'there is no ledger in the schema % of this database: start the monitor once, then repeat', 'walpulse_ledger';
  END IF;
END $walpulse$;

-- 2. The role. It gets LOGIN last: stopped at the question, the script asks again.
SELECT 'walpulse_page' AS walpulse_role, NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'walpulse_page'
                                   AND rolcanlogin) AS walpulse_role_is_new
\gset
\if :walpulse_role_is_new
SELECT format('CREATE ROLE %I NOLOGIN', 'walpulse_page')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'walpulse_page')
\gexec
\echo 'The password of the new role' :walpulse_role
\password :"walpulse_role"
SELECT format('ALTER ROLE %I LOGIN', 'walpulse_page')
\gexec
\endif

-- 3. The rights. The ledger's owner gives them: whoever is no superuser becomes a member first.
SELECT pg_get_userbyid(nspowner) AS walpulse_owner FROM pg_namespace WHERE nspname = 'walpulse_ledger'
\gset
SELECT format('GRANT %I TO %I', :'walpulse_owner', current_user)
WHERE NOT pg_has_role(current_user, :'walpulse_owner', 'USAGE')
\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'walpulse_page')
\gexec
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', 'walpulse_ledger', 'walpulse_page')
\gexec
SELECT format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', 'walpulse_ledger', 'walpulse_page')
\gexec
-- What a later version adds can be read, too.
SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT SELECT ON TABLES TO %I', :'walpulse_owner', 'walpulse_ledger', 'walpulse_page')
\gexec
-- Who silenced what stays on record: nothing is deleted.
SELECT format('GRANT INSERT, UPDATE ON %I.mute TO %I', 'walpulse_ledger', 'walpulse_page')
\gexec
-- Who writes takes turns with the monitor: by tables that hold nothing.
SELECT format('GRANT INSERT ON %I.lock_ledger TO %I', 'walpulse_ledger', 'walpulse_page')
\gexec
SELECT format('GRANT UPDATE ON %I.lock_deliveries TO %I', 'walpulse_ledger', 'walpulse_page')
\gexec
-- What was given up is sent again by whoever may write.
SELECT format('GRANT UPDATE (state, head, due, attempts, repeated, ended, expires, answer) ON %I.delivery TO %I', 'walpulse_ledger', 'walpulse_page')
\gexec
SELECT 'everything is there; next: walpulse-monitor page --ledger ' || '''host=10.0.0.6 dbname=walpulse user=walpulse_page''';
