#pragma once

namespace walpulse::monitor {

/// What an auditor reads, by SQL alone: the views `runs`, `run_steps`, `triggers`, `problems` and
/// `etl_audit_log`. Functions take apart the bodies that run_codec.h and table_row_codec.h write:
/// who changes those writes a migration that replaces these.
inline constexpr const char* kPostgresAuditViews = R"sql(
CREATE FUNCTION audit_instant(microseconds bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE microseconds WHEN 9223372036854775807 THEN timestamptz 'infinity'
                           WHEN -9223372036854775808 THEN timestamptz '-infinity'
                           ELSE timestamptz 'epoch' + microseconds * interval '1 microsecond' END
$$;
CREATE FUNCTION audit_text(bytes bytea) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN others THEN  -- this database's encoding has no such character
  RETURN encode(bytes, 'escape');
END $$;
CREATE FUNCTION audit_position(epoch bigint, lsn bigint, ordinal bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
  SELECT int8send(epoch) || int8send(lsn) || int8send(ordinal # (-9223372036854775808))
$$;
-- Numbers are added to a pg_lsn from PostgreSQL 14 on only.
CREATE FUNCTION audit_lsn(lsn bigint) RETURNS pg_lsn LANGUAGE sql IMMUTABLE AS $$
  SELECT (to_hex((lsn >> 32) & 4294967295) || '/' || to_hex(lsn & 4294967295))::pg_lsn
$$;
-- 7 bits a byte, low ones first. `at` is moved behind it.
CREATE FUNCTION audit_number(body bytea, INOUT at integer, OUT value bigint)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  byte integer;
  shift integer := 0;
BEGIN
  value := 0;
  LOOP
    byte := get_byte(body, at);
    at := at + 1;
    value := value | ((byte & 127)::bigint << shift);
    EXIT WHEN byte < 128;
    shift := shift + 7;
  END LOOP;
END $$;
-- The same of a number with a sign.
CREATE FUNCTION audit_signed(body bytea, INOUT at integer, OUT value bigint)
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
BEGIN
  SELECT n.at, ((n.value >> 1) & 9223372036854775807) # -(n.value & 1) INTO at, value
  FROM audit_number(body, at) AS n;
END $$;
-- What may be missing: 0, or 1 and an instant as a difference, a number, or a text.
CREATE FUNCTION audit_optional(body bytea, kind text, base bigint, INOUT at integer,
                               OUT number bigint, OUT said text)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  size bigint;
BEGIN
  SELECT * INTO at, size FROM audit_number(body, at);
  IF size = 0 THEN
    RETURN;
  ELSIF kind = 'text' THEN
    SELECT * INTO at, size FROM audit_number(body, at);
    said := audit_text(substr(body, at + 1, size::integer));
    at := at + size::integer;
  ELSE
    SELECT * INTO at, number FROM audit_signed(body, at);
    number := number + CASE kind WHEN 'instant' THEN base ELSE 0 END;
  END IF;
END $$;
-- Mage's own statuses are numbers, any other one is a text.
CREATE FUNCTION audit_status(body bytea, known text[], INOUT at integer, OUT status text)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  code bigint;
BEGIN
  SELECT * INTO at, code FROM audit_number(body, at);
  IF code BETWEEN 1 AND cardinality(known) THEN
    status := known[code];
  ELSIF code > 0 THEN
    SELECT * INTO at, code FROM audit_number(body, at);
    status := audit_text(substr(body, at + 1, code::integer));
    at := at + code::integer;
  END IF;
END $$;
-- Labels and evidence: a count, then names and values.
CREATE FUNCTION audit_pairs(body bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  pairs jsonb := '{}';
  at integer := 0;
  words text[] := '{}';
  count bigint;
  size bigint;
BEGIN
  IF coalesce(length(body), 0) = 0 THEN
    RETURN pairs;
  END IF;
  SELECT * INTO at, count FROM audit_number(body, at);
  FOR i IN 1 .. 2 * count LOOP
    SELECT * INTO at, size FROM audit_number(body, at);
    words[i] := audit_text(substr(body, at + 1, size::integer));
    at := at + size::integer;
    IF i % 2 = 0 THEN
      pairs := pairs || jsonb_build_object(words[i - 1], words[i]);
    END IF;
  END LOOP;
  RETURN pairs;
END $$;

CREATE FUNCTION audit_run_entries(body bytea)
RETURNS TABLE (entry integer, epoch bigint, lsn bigint, ordinal bigint, committed bigint,
               operation text, status text, created bigint, started bigint, completed bigint,
               pipeline text, trigger_id bigint, backfill_id bigint)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  at integer := 0;
  count bigint;
  mask bigint;
  step bigint;
BEGIN
  IF length(body) = 0 THEN
    RETURN;
  END IF;
  SELECT * INTO at, mask FROM audit_number(body, at);  -- the format
  SELECT * INTO at, count FROM audit_number(body, at);
  epoch := 0; lsn := 0; ordinal := 0; committed := 0; operation := 'c';
  FOR i IN 1 .. count LOOP
    entry := i;
    SELECT * INTO at, mask FROM audit_number(body, at);
    SELECT * INTO at, step FROM audit_signed(body, at);
    lsn := lsn + step;
    SELECT * INTO at, step FROM audit_signed(body, at);
    committed := committed + step;
    IF mask & 1 <> 0 THEN
      SELECT * INTO at, status FROM audit_status(
        body, '{INITIAL,RUNNING,COMPLETED,FAILED,CANCELLED}', at);
    END IF;
    IF mask & 2 <> 0 THEN
      SELECT * INTO at, step FROM audit_number(body, at);
      operation := chr(step::integer);
    END IF;
    IF mask & 4 <> 0 THEN
      SELECT o.at, o.number INTO at, started FROM audit_optional(body, 'instant', committed, at) AS o;
    END IF;
    IF mask & 8 <> 0 THEN
      SELECT o.at, o.number INTO at, completed
      FROM audit_optional(body, 'instant', committed, at) AS o;
    END IF;
    IF mask & 16 <> 0 THEN
      SELECT * INTO at, ordinal FROM audit_signed(body, at);
    END IF;
    IF mask & 32 <> 0 THEN
      SELECT * INTO at, step FROM audit_number(body, at);  -- passed_sla
    END IF;
    IF mask & 64 <> 0 THEN
      SELECT * INTO at, epoch FROM audit_number(body, at);
    END IF;
    IF mask & 128 <> 0 THEN
      SELECT o.at, o.number INTO at, created FROM audit_optional(body, 'instant', committed, at) AS o;
    END IF;
    IF mask & 256 <> 0 THEN
      SELECT o.at, o.number INTO at, trigger_id FROM audit_optional(body, 'number', 0, at) AS o;
    END IF;
    IF mask & 512 <> 0 THEN
      SELECT o.at, o.number INTO at, backfill_id FROM audit_optional(body, 'number', 0, at) AS o;
    END IF;
    IF mask & 1024 <> 0 THEN
      SELECT o.at, o.said INTO at, pipeline FROM audit_optional(body, 'text', 0, at) AS o;
    END IF;
    IF mask & 2048 <> 0 THEN  -- labels
      SELECT * INTO at, step FROM audit_number(body, at);
      FOR j IN 1 .. 2 * step LOOP
        SELECT n.at + n.value::integer INTO at FROM audit_number(body, at) AS n;
      END LOOP;
    END IF;
    IF mask & 8192 <> 0 THEN
      SELECT * INTO at, step FROM audit_signed(body, at);  -- execution_date
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- The newest row of a trigger, with the settings that it said last.
CREATE FUNCTION audit_trigger(body bytea, OUT last_position bytea, OUT committed bigint,
                              OUT fields jsonb)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
  names CONSTANT text[] := '{created_at,name,pipeline,schedule_type,start_time,schedule_interval,
    status,sla,settings,repo_path,global_data_product,last_enabled_at,settings_unchanged}';
  kinds CONSTANT text[] := '{instant,text,text,text,instant,text,text,number,text,text,text,
    instant,flag}';
  at integer := 0;
  epoch bigint := 0;
  lsn bigint := 0;
  ordinal bigint := 0;
  there boolean := false;
  settings text;
  count bigint;
  mask bigint;
  changed bigint;
  step bigint;
  said text;
BEGIN
  committed := 0;
  fields := '{}';
  SELECT * INTO at, step FROM audit_number(body, at);  -- the format
  SELECT * INTO at, count FROM audit_number(body, at);
  FOR i IN 1 .. 3 * count LOOP  -- where snapshots read it: an ordinal's size is that of any number
    SELECT * INTO at, step FROM audit_number(body, at);
  END LOOP;
  SELECT * INTO at, count FROM audit_number(body, at);
  FOR i IN 1 .. count LOOP
    SELECT * INTO at, mask FROM audit_number(body, at);
    SELECT * INTO at, step FROM audit_signed(body, at);
    lsn := lsn + step;
    SELECT * INTO at, step FROM audit_signed(body, at);
    committed := committed + step;
    IF mask & 2 <> 0 THEN
      SELECT * INTO at, step FROM audit_number(body, at);
    END IF;
    IF mask & 16 <> 0 THEN
      SELECT * INTO at, ordinal FROM audit_signed(body, at);
    END IF;
    IF mask & 128 <> 0 THEN
      SELECT * INTO at, epoch FROM audit_number(body, at);
    END IF;
    there := there <> (mask & 32 <> 0);
    CONTINUE WHEN NOT there;
    changed := -1;
    IF mask & 4096 <> 0 THEN
      SELECT * INTO at, changed FROM audit_number(body, at);
    END IF;
    FOR field IN 1 .. cardinality(names) LOOP
      CONTINUE WHEN (changed >> (field - 1)) & 1 = 0;
      IF kinds[field] = 'flag' THEN
        SELECT * INTO at, step FROM audit_number(body, at);
        fields := fields || jsonb_build_object(names[field], step <> 0);
      ELSE
        SELECT * INTO at, step, said FROM audit_optional(body, kinds[field], committed, at);
        fields := fields || jsonb_build_object(
          names[field], CASE kinds[field] WHEN 'text' THEN to_jsonb(said) ELSE to_jsonb(step) END);
      END IF;
    END LOOP;
    IF fields -> 'settings_unchanged' = 'true' THEN
      fields := fields || jsonb_build_object('settings', settings);
    ELSE
      settings := fields ->> 'settings';
    END IF;
  END LOOP;
  last_position := audit_position(epoch, lsn, ordinal);
END $$;

CREATE VIEW runs AS
SELECT audit_text(s.name) AS source, audit_text(s.tbl) AS source_table, r.id AS run,
       audit_text(r.pipeline) AS pipeline, audit_text(r.status) AS status, r.active,
       r.schedule AS trigger_id, audit_instant(r.slot) AS slot, audit_pairs(r.labels) AS labels,
       audit_instant(r.since) AS created_at, audit_instant(r.ended) AS ended_at,
       r.took / 1e6 AS seconds
FROM run r JOIN source s ON s.id = r.source WHERE r.body <> '';
COMMENT ON VIEW runs IS 'Each run that the ledger has: 30 days, and the newest of each pipeline (--keep-runs).';
COMMENT ON COLUMN runs.status IS 'Of the newest row; ORPHANED: active, and its trigger is gone: Mage never ends it.';
COMMENT ON COLUMN runs.created_at IS 'The commit of the insert, where that is known.';
COMMENT ON COLUMN runs.ended_at IS 'The commit of the last terminal status; NULL while the run is active.';

CREATE VIEW run_steps AS
SELECT source, run, row_number() OVER (PARTITION BY source_id, run ORDER BY entry) AS step,
       operation, status, committed_at, started_at, completed_at, pipeline, trigger_id, epoch,
       audit_lsn(lsn) AS commit_lsn, ordinal
FROM (
  SELECT r.source AS source_id, audit_text(s.name) AS source, r.id AS run, e.entry, e.operation,
         CASE WHEN e.operation <> 'd' THEN e.status END AS status,
         audit_instant(e.committed) AS committed_at, audit_instant(e.started) AS started_at,
         audit_instant(e.completed) AS completed_at, e.pipeline, e.trigger_id, e.epoch, e.lsn,
         e.ordinal, lag(e.status) OVER row AS before, lag(e.operation) OVER row AS operation_before
  FROM run r JOIN source s ON s.id = r.source CROSS JOIN LATERAL audit_run_entries(r.body) AS e
  WINDOW row AS (PARTITION BY r.source, r.id ORDER BY e.entry)
) AS entry
WHERE operation IN ('c', 'd') OR operation_before IS NULL OR operation_before = 'd'
      OR status IS DISTINCT FROM before;
COMMENT ON VIEW run_steps IS 'Each change of a run''s status, in the order of the log. Truncates are not among them.';
COMMENT ON COLUMN run_steps.operation IS 'c: insert, u: update, d: delete, r: read by a snapshot.';

CREATE VIEW triggers AS
SELECT audit_text(s.name) AS source, t.id AS trigger_id, f.fields ->> 'name' AS name,
       f.fields ->> 'pipeline' AS pipeline, f.fields ->> 'schedule_type' AS schedule_type,
       f.fields ->> 'schedule_interval' AS schedule_interval, f.fields ->> 'status' AS status,
       audit_instant((f.fields ->> 'start_time')::bigint) AS start_time,
       audit_instant((f.fields ->> 'last_enabled_at')::bigint) AS last_enabled_at,
       (f.fields ->> 'sla')::bigint AS sla, f.fields ->> 'settings' AS settings,
       f.fields ->> 'repo_path' AS repo_path,
       t.deleted OR EXISTS (SELECT FROM table_end e WHERE e.source = t.source
                            AND e.position > f.last_position)
         OR EXISTS (SELECT FROM snapshot_end e WHERE e.source = t.source AND e.complete
                    AND t.id BETWEEN e.from_id AND e.to_id AND e.position > f.last_position)
         AS deleted,
       audit_instant(f.committed) AS changed_at
FROM table_row t JOIN source s ON s.id = t.source CROSS JOIN LATERAL audit_trigger(t.body) AS f
WHERE t.body <> '' AND right(audit_text(s.tbl), 17) = 'pipeline_schedule';
COMMENT ON VIEW triggers IS 'Mage''s triggers as their newest row says; those that are gone for as long as the ledger keeps them.';

CREATE VIEW problems AS
SELECT p.id AS problem, ('{failing,not_started,waiting,too_long,not_done,stale,not_running,abandoned,scheduler,check_failed,blind,undelivered}'::text[])[p.kind + 1] AS kind,
       audit_text(p.source) AS source, audit_text(p.subject) AS subject,
       ('{page,notify,record}'::text[])[p.severity + 1] AS severity,
       audit_instant(p.since) AS since, audit_instant(p.opened) AS opened_at,
       audit_instant(p.closed) AS closed_at, p.told <> 0 AS told,
       audit_pairs(p.evidence) AS evidence, p.cause <> '' AS explained_by_another
FROM problem p;
COMMENT ON VIEW problems IS 'What needed a person, and since when; open where closed_at is NULL.';
COMMENT ON COLUMN problems.subject IS 'The pipeline, with the labels that it is told apart by; empty: the source as a whole.';

CREATE VIEW etl_audit_log AS
SELECT 'mage_' || audit_text(r.pipeline) AS pipeline_name, NULL::text AS source_name,
       NULL::text AS target_table, audit_text(r.status) AS status, NULL::bigint AS rows_loaded,
       (SELECT audit_instant(e.started) FROM audit_run_entries(r.body) AS e
        WHERE e.operation <> 'd' ORDER BY e.entry DESC LIMIT 1) AS started_at,
       audit_instant(r.ended) AS finished_at, audit_text(s.name) AS database, r.id AS run
FROM run r JOIN source s ON s.id = r.source WHERE r.body <> '';
COMMENT ON VIEW etl_audit_log IS 'One row for each run. Mage''s log says which pipeline ran, when, and how it ended; it does not say what was loaded.';
COMMENT ON COLUMN etl_audit_log.pipeline_name IS 'mage_ and the pipeline: WHERE pipeline_name LIKE ''mage\_%''.';
COMMENT ON COLUMN etl_audit_log.source_name IS 'NULL: Mage''s database does not say what a pipeline reads.';
COMMENT ON COLUMN etl_audit_log.target_table IS 'NULL: Mage''s database does not say what a pipeline writes.';
COMMENT ON COLUMN etl_audit_log.rows_loaded IS 'NULL: Mage''s database does not say how many rows a run loaded.';
COMMENT ON COLUMN etl_audit_log.started_at IS 'As the run''s newest row says it: a retry may keep the first start.';
)sql";

}  // namespace walpulse::monitor
