-- The truth of triggers and blocks, and why runs failed, computed from audits of pipeline_schedule
-- and block_run. Their numbers are those of the runs' audit, so that all three are in one order.

CREATE TABLE walpulse_truth.trigger_audit (
  seq bigint PRIMARY KEY DEFAULT nextval('walpulse_truth.audit_seq_seq'),
  op text NOT NULL,  -- As the runs', and s for what was there before the audit.
  id bigint,
  row jsonb  -- Without token and variables, which are secret.
);
CREATE INDEX ON walpulse_truth.trigger_audit (id, seq);

CREATE TABLE walpulse_truth.block_audit (
  seq bigint PRIMARY KEY DEFAULT nextval('walpulse_truth.audit_seq_seq'),
  op text NOT NULL,
  id bigint,
  run bigint,
  block text,
  status text,
  started_at timestamptz,
  completed_at timestamptz,
  error boolean,  -- Whether metrics name an error; they may be one of an earlier attempt.
  xid xid NOT NULL DEFAULT pg_current_xact_id()::xid,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON walpulse_truth.block_audit (run, seq);
CREATE INDEX ON walpulse_truth.block_audit (id, seq);

CREATE FUNCTION walpulse_truth.operation(tg_op text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE tg_op WHEN 'INSERT' THEN 'c' WHEN 'UPDATE' THEN 'u' WHEN 'DELETE' THEN 'd' ELSE 't' END
$$;

CREATE FUNCTION walpulse_truth.note_trigger() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO walpulse_truth.trigger_audit (op) VALUES ('t');
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO walpulse_truth.trigger_audit (op, id) VALUES ('d', OLD.id);
  ELSE
    INSERT INTO walpulse_truth.trigger_audit (op, id, row)
    VALUES (walpulse_truth.operation(TG_OP), NEW.id, to_jsonb(NEW) - 'token' - 'variables');
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION walpulse_truth.note_block() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO walpulse_truth.block_audit (op) VALUES ('t');
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO walpulse_truth.block_audit (op, id, run) VALUES ('d', OLD.id, OLD.pipeline_run_id);
  ELSE
    INSERT INTO walpulse_truth.block_audit (op, id, run, block, status, started_at, completed_at,
                                            error)
    VALUES (walpulse_truth.operation(TG_OP), NEW.id, NEW.pipeline_run_id, NEW.block_uuid,
            NEW.status::text, NEW.started_at, NEW.completed_at,
            NEW.metrics #> '{error,error}' IS NOT NULL);
  END IF;
  RETURN NULL;
END $$;

INSERT INTO walpulse_truth.trigger_audit (op, id, row)
SELECT 's', id, to_jsonb(each) - 'token' - 'variables' FROM pipeline_schedule AS each ORDER BY id;
INSERT INTO walpulse_truth.block_audit (op, id, run, block, status, started_at, completed_at, error)
SELECT 's', id, pipeline_run_id, block_uuid, status::text, started_at, completed_at,
       metrics #> '{error,error}' IS NOT NULL
FROM block_run ORDER BY id;

CREATE TRIGGER walpulse_truth_row AFTER INSERT OR UPDATE OR DELETE ON pipeline_schedule
  FOR EACH ROW EXECUTE FUNCTION walpulse_truth.note_trigger();
CREATE TRIGGER walpulse_truth_table AFTER TRUNCATE ON pipeline_schedule
  FOR EACH STATEMENT EXECUTE FUNCTION walpulse_truth.note_trigger();
CREATE TRIGGER walpulse_truth_row AFTER INSERT OR UPDATE OR DELETE ON block_run
  FOR EACH ROW EXECUTE FUNCTION walpulse_truth.note_block();
CREATE TRIGGER walpulse_truth_table AFTER TRUNCATE ON block_run
  FOR EACH STATEMENT EXECUTE FUNCTION walpulse_truth.note_block();

-- The newest row of each trigger; of a deleted one, the last that it had.
CREATE VIEW walpulse_truth.triggers AS
WITH newest AS (
  SELECT DISTINCT ON (id) id, seq, row FROM walpulse_truth.trigger_audit
  WHERE row IS NOT NULL ORDER BY id, seq DESC
)
SELECT id,
       EXISTS (SELECT FROM walpulse_truth.trigger_audit AS later
               WHERE later.seq > newest.seq AND (later.id = newest.id OR later.op = 't')) AS deleted,
       row ->> 'name' AS name, row ->> 'pipeline_uuid' AS pipeline,
       row ->> 'schedule_type' AS schedule_type, row ->> 'schedule_interval' AS schedule_interval,
       row ->> 'status' AS status, (row ->> 'start_time')::timestamptz AS start_time,
       (row ->> 'last_enabled_at')::timestamptz AS last_enabled_at, (row ->> 'sla')::integer AS sla,
       nullif(row -> 'settings', 'null') AS settings, row ->> 'repo_path' AS repo_path,
       (SELECT max(execution_date) FROM pipeline_run
        WHERE pipeline_schedule_id = newest.id) AS newest_execution_date
FROM newest;

-- The newest row of each block of each run; of a deleted one, the last that it had.
CREATE VIEW walpulse_truth.blocks AS
WITH newest AS (
  SELECT DISTINCT ON (id) * FROM walpulse_truth.block_audit
  WHERE op IN ('s', 'c', 'u') ORDER BY id, seq DESC
)
SELECT run, id, block, status, started_at, completed_at, error,
       EXISTS (SELECT FROM walpulse_truth.block_audit AS later
               WHERE later.seq > newest.seq AND later.id = newest.id)
       OR seq < (SELECT max(seq) FROM walpulse_truth.block_audit WHERE op = 't')
         IS TRUE AS deleted
FROM newest;

-- Each time that a run went to FAILED, the n-th of its row's life, and whether it `stands`: the run
-- is there and FAILED since. `block` is the one that was the first to fail of those that were
-- FAILED when the run did. A run without any row in block_run gives no cause.
CREATE VIEW walpulse_truth.failures AS
WITH step AS MATERIALIZED (
  SELECT *,
         CASE WHEN origin IN ('c', 'k') THEN min(seq) OVER life ELSE 0 END AS life_seq,
         max(seq) FILTER (WHERE enters) OVER life AS last_entry,
         bool_or(newest) OVER life AS there
  FROM walpulse_truth.step
  WINDOW life AS (PARTITION BY id, era, life)
), failure AS (
  SELECT id AS run, row_number() OVER (PARTITION BY id, era, life ORDER BY seq) AS n,
         life_pipeline AS pipeline, commit AS at, before, seq, there AND seq = last_entry AS stands,
         greatest(life_seq, (SELECT max(seq) FROM walpulse_truth.block_audit AS cleared
                             WHERE op = 't' AND cleared.seq < step.seq)) AS blocks_since
  FROM step WHERE enters AND status = 'FAILED'
), known AS (
  SELECT DISTINCT ON (failure.seq, block_audit.id) failure.seq AS failure, block_audit.*
  FROM failure JOIN walpulse_truth.block_audit USING (run)
  WHERE block_audit.seq > blocks_since AND block_audit.seq < failure.seq
  ORDER BY failure.seq, block_audit.id, block_audit.seq DESC
), first_failed AS (
  SELECT DISTINCT ON (failure) failure, block, error FROM known WHERE status = 'FAILED'
  ORDER BY failure, seq
)
SELECT run, n, pipeline,
       CASE WHEN before = 'INITIAL' THEN 'initialisation'
            WHEN error THEN 'block'
            WHEN block IS NOT NULL THEN 'block_timeout'
            WHEN EXISTS (SELECT FROM known WHERE known.failure = failure.seq AND op <> 'd')
            THEN 'run_timeout'
            ELSE 'unknown' END AS cause,
       CASE WHEN before IS DISTINCT FROM 'INITIAL' THEN block END AS block, at, stands
FROM failure LEFT JOIN first_failed ON first_failed.failure = failure.seq;

-- Each time that a block came to an end of its own (CANCELLED is none, for Mage cancels what is left
-- of a run that has ended), with the end of its run that it counts with: the first one after it.
-- None of a run that has not ended since. `seconds` is null where no row says since when it ran.
CREATE VIEW walpulse_truth.block_ends AS
WITH marked AS (
  SELECT *, walpulse_truth.committed_at(xid, at) AS commit,
         count(*) FILTER (WHERE op = 't') OVER (ORDER BY seq) AS era,
         status IN ('COMPLETED', 'FAILED', 'UPSTREAM_FAILED', 'CONDITION_FAILED') AS ends,
         status IN ('COMPLETED', 'FAILED', 'UPSTREAM_FAILED', 'CONDITION_FAILED', 'CANCELLED')
           AS terminal
  FROM walpulse_truth.block_audit
), numbered AS (
  SELECT *, count(*) FILTER (WHERE op IN ('c', 'd')) OVER row_so_far AS life,
         lag(op) OVER row_so_far IS NULL OR lag(op) OVER row_so_far = 'd' AS first
  FROM marked WHERE op <> 't'
  WINDOW row_so_far AS (PARTITION BY id, era ORDER BY seq)
), told AS (
  SELECT *, lag(status) OVER so_far AS before, coalesce(lag(terminal) OVER so_far, false) AS was_over,
         op = 'c' OR NOT first AS counts
  FROM numbered WHERE op <> 'd'
  WINDOW so_far AS (PARTITION BY id, era, life ORDER BY seq)
), attempt AS (
  SELECT *, count(*) FILTER (WHERE counts AND was_over AND NOT terminal) OVER so_far AS attempt,
         array_agg(started_at) FILTER (WHERE terminal AND (NOT counts OR status IS DISTINCT FROM before))
           OVER earlier AS ended_with
  FROM told
  WINDOW so_far AS (PARTITION BY id, era, life ORDER BY seq),
         earlier AS (PARTITION BY id, era, life ORDER BY seq
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), ended AS (
  SELECT *,
         CASE WHEN ended_with IS NOT NULL
                   AND ended_with[array_length(ended_with, 1)] IS NOT DISTINCT FROM started_at
              THEN (array_agg(commit) FILTER (WHERE counts AND status = 'RUNNING')
                    OVER (PARTITION BY id, era, life, attempt ORDER BY seq))[1]
              ELSE started_at END AS since,
         CASE WHEN isfinite(completed_at)
                   AND completed_at BETWEEN commit - interval '60 s' AND commit + interval '60 s'
              THEN completed_at ELSE commit END AS until
  FROM attempt
), run_step AS (
  SELECT id AS run, seq, life_pipeline AS pipeline, enters AND terminal AS closes,
         coalesce(max(seq) FILTER (WHERE ends) OVER earlier, min(seq) OVER life) AS after
  FROM walpulse_truth.step
  WINDOW life AS (PARTITION BY id, era, life),
         earlier AS (PARTITION BY id, era, life ORDER BY seq
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), run_end AS (
  SELECT run, seq, pipeline,
         greatest(after, lag(seq) OVER (PARTITION BY run ORDER BY seq)) AS after
  FROM run_step WHERE closes
)
SELECT ended.id, ended.seq, run_end.run, run_end.pipeline,
       coalesce(nullif(split_part(block, ':', 1), ''), 'unknown') AS block, ended.status,
       walpulse_truth.seconds(since, until) AS seconds
FROM ended JOIN run_end ON run_end.run = ended.run AND ended.seq > run_end.after AND ended.seq < run_end.seq
WHERE ended.ends AND ended.counts AND ended.status IS DISTINCT FROM ended.before;
