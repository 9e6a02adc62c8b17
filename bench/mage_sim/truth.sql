-- The metrics of DESIGN section 6, computed from the audit table alone and by their definitions
-- there. Independent of the monitor on purpose: window functions over each run's changes.

-- When a transaction became visible: orders changes of different runs.
CREATE FUNCTION walpulse_truth.committed_at(xid xid, otherwise timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF current_setting('track_commit_timestamp')::boolean THEN
    RETURN coalesce(pg_xact_commit_timestamp(xid), otherwise);
  END IF;
  RETURN otherwise;
END $$;

-- One row for each change of a run, with its life and what went before in it. A life begins with
-- an insert, after a delete or a truncate, or with another created_at. Counters carry the labels of
-- the life's first change. A life that the audit saw begin without its insert started in that
-- first state, which counts nothing.
CREATE VIEW walpulse_truth.step AS
WITH marked AS (
  SELECT *, count(*) FILTER (WHERE op = 't') OVER (ORDER BY seq) AS era,
         count(*) FILTER (WHERE op = 't') OVER () AS last_era
  FROM walpulse_truth.audit
), bounded AS (
  SELECT *,
         op IN ('c', 'd')
           OR lag(op) OVER run IS NULL
           OR lag(op) OVER run = 'd'
           OR created_at IS DISTINCT FROM lag(created_at) OVER run AS begins,
         row_number() OVER (PARTITION BY id ORDER BY seq DESC) = 1
           AND era = last_era AS newest
  FROM marked WHERE op <> 't'
  WINDOW run AS (PARTITION BY id, era ORDER BY seq)
), numbered AS (
  SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY id, era ORDER BY seq) AS life
  FROM bounded
), told AS (
  SELECT *,
         first_value(op) OVER life_so_far = 'c' OR row_number() OVER life_so_far > 1 AS counts,
         row_number() OVER life_so_far = 1 AS first,
         lag(status) OVER life_so_far AS before,
         coalesce(bool_or(passed_sla) OVER earlier, false) AS missed_before,
         coalesce(bool_or(started_at IS NOT NULL) OVER earlier, false) AS started_before,
         coalesce(first_value(pipeline) OVER life_so_far, 'unknown') AS life_pipeline,
         first_value(trigger) OVER life_so_far AS life_trigger,
         first_value(partner) OVER life_so_far AS life_partner
  FROM numbered WHERE op <> 'd'
  WINDOW life_so_far AS (PARTITION BY id, era, life ORDER BY seq),
         earlier AS (PARTITION BY id, era, life ORDER BY seq
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT *, status IN ('COMPLETED', 'FAILED', 'CANCELLED') AS terminal,
       coalesce(before IN ('COMPLETED', 'FAILED', 'CANCELLED'), false) AS before_terminal,
       counts AND status IS DISTINCT FROM before AS enters
FROM told;

CREATE VIEW walpulse_truth.metrics AS
WITH step AS MATERIALIZED (
  SELECT *, jsonb_strip_nulls(jsonb_build_object(
              'pipeline', life_pipeline, 'trigger', life_trigger, 'partner', life_partner)) AS labels,
         jsonb_build_object('pipeline', life_pipeline) AS pipeline_label,
         jsonb_build_object('status', status) AS status_label
  FROM walpulse_truth.step
), entry AS (
  SELECT * FROM step WHERE enters
), run AS (  -- Each run as it was last seen; a delete does not erase its name.
  SELECT DISTINCT ON (id) id, era, life, pipeline, status, newest FROM step ORDER BY id, seq DESC
), ending AS (  -- Entries into COMPLETED and FAILED in commit order, starting states before all.
  SELECT step.id, step.status, run.pipeline, run.status AS last_status,
         step.era = run.era AND step.life = run.life AS of_last_life,
         CASE WHEN counts
              THEN row_number() OVER (ORDER BY walpulse_truth.committed_at(xid, at), seq)
              ELSE 0 END AS place
  FROM step JOIN run USING (id)
  WHERE step.status IN ('COMPLETED', 'FAILED') AND (enters OR NOT counts)
), success AS (
  SELECT pipeline, max(place) AS place FROM ending WHERE status = 'COMPLETED' GROUP BY pipeline
), failure AS (  -- Runs whose last word is FAILED, and when they said it.
  SELECT id, pipeline, max(place) AS place FROM ending
  WHERE status = 'FAILED' AND last_status = 'FAILED' AND of_last_life GROUP BY id, pipeline
), counted AS (
  SELECT 'pipeline_run/created_count' AS metric, labels FROM step WHERE op = 'c'
  UNION ALL
  SELECT 'pipeline_run/started_count', labels FROM entry WHERE status = 'RUNNING'
  UNION ALL
  SELECT 'pipeline_run/finished_count', labels || status_label FROM entry WHERE terminal
  UNION ALL
  SELECT 'pipeline_run/retried_count', pipeline_label FROM entry
  WHERE before_terminal AND NOT terminal
  UNION ALL
  SELECT 'pipeline_run/skipped_count', pipeline_label FROM entry
  WHERE status = 'CANCELLED' AND started_at IS NULL
  UNION ALL
  SELECT 'pipeline_run/sla_missed_count', pipeline_label FROM step
  WHERE counts AND passed_sla AND NOT missed_before
  UNION ALL
  SELECT 'pipeline_run/duration', pipeline_label || status_label FROM entry
  WHERE terminal AND started_at IS NOT NULL
  UNION ALL
  SELECT 'pipeline_run/queue_time', '{}' FROM entry
  WHERE status = 'RUNNING' AND NOT started_before AND started_at IS NOT NULL
    AND created_at IS NOT NULL
  UNION ALL
  SELECT 'pipeline_run/active',
         jsonb_build_object('pipeline', coalesce(pipeline, 'unknown'),
                            'status', coalesce(status, 'unknown'))
  FROM step WHERE newest AND terminal IS NOT TRUE
  UNION ALL
  SELECT 'pipeline/consecutive_failures', jsonb_build_object('pipeline', failure.pipeline)
  FROM failure LEFT JOIN success USING (pipeline)
  WHERE failure.place > coalesce(success.place, -1)
)
SELECT metric, labels, count(*) AS value FROM counted GROUP BY metric, labels;
