-- What the monitor must say, computed from the audit table alone. Independent of the monitor on
-- purpose: window functions over each run's changes. A histogram's value is its count, and
-- `_sum` and `_bucket` stand beside it; an age is told by the instant from which it runs, in
-- seconds of the epoch.

-- When a transaction was committed, as the log says it.
CREATE FUNCTION walpulse_truth.committed_at(xid xid, otherwise timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF current_setting('track_commit_timestamp')::boolean THEN
    RETURN coalesce(pg_xact_commit_timestamp(xid), otherwise);
  END IF;
  RETURN otherwise;
END $$;

-- One row for each change of a run, with its life and what went before in it. A life begins with
-- an insert, with a changed key, or after a delete or a truncate. One that begins otherwise than
-- with an insert starts in the state that its first row shows, which counts nothing. Counters carry
-- the labels of the life's first row.
CREATE VIEW walpulse_truth.step AS
WITH marked AS (
  SELECT *, walpulse_truth.committed_at(xid, at) AS commit,
         count(*) FILTER (WHERE op = 't') OVER (ORDER BY seq) AS era,
         count(*) FILTER (WHERE op = 't') OVER () AS last_era
  FROM walpulse_truth.audit
), bounded AS (
  SELECT *,
         op IN ('c', 'k', 'd') OR lag(op) OVER run IS NULL OR lag(op) OVER run = 'd' AS begins,
         row_number() OVER (PARTITION BY id ORDER BY seq DESC) = 1
           AND era = last_era AS newest
  FROM marked WHERE op <> 't'
  WINDOW run AS (PARTITION BY id, era ORDER BY seq)
), numbered AS (
  SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY id, era ORDER BY seq) AS life,
         coalesce(status IN ('COMPLETED', 'FAILED', 'CANCELLED'), false) AS terminal,
         op = 'c' OR NOT begins AS counts
  FROM bounded
), told AS (
  SELECT *,
         first_value(op) OVER so_far AS origin,
         first_value(commit) OVER so_far AS made,
         first_value(created_at) OVER so_far AS first_created_at,
         lag(status) OVER so_far AS before,
         coalesce(lag(terminal) OVER so_far, false) AS before_terminal,
         coalesce(bool_or(passed_sla) OVER earlier, false) AS missed_before,
         coalesce(bool_or(started_at IS NOT NULL AND (status = 'RUNNING' OR NOT counts))
                  OVER earlier, false) AS queued_before,
         bool_or(started_at IS NOT NULL) OVER so_far AS ran,
         schedule IS NULL AND bool_or(schedule IS NOT NULL) OVER so_far AS orphaned,
         coalesce(first_value(pipeline) OVER so_far, 'unknown') AS life_pipeline,
         first_value(trigger) OVER so_far AS life_trigger,
         first_value(partner) OVER so_far AS life_partner
  FROM numbered WHERE op <> 'd'
  WINDOW so_far AS (PARTITION BY id, era, life ORDER BY seq),
         earlier AS (PARTITION BY id, era, life ORDER BY seq
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), entered AS (
  SELECT *, counts AND status IS DISTINCT FROM before AS enters,
         counts AND before_terminal AND NOT terminal AS revives
  FROM told
), ended AS (  -- The terminal steps before, and each one's started_at.
  SELECT *,
         count(*) FILTER (WHERE ends) OVER earlier AS ends_before,
         array_agg(started_at) FILTER (WHERE ends) OVER earlier AS ends_started_at,
         count(*) FILTER (WHERE revives) OVER so_far AS revivals
  FROM (SELECT *, terminal AND (enters OR NOT counts) AS ends FROM entered) AS each
  WINDOW so_far AS (PARTITION BY id, era, life ORDER BY seq),
         earlier AS (PARTITION BY id, era, life ORDER BY seq
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT *,
       CASE WHEN origin = 'c' THEN made ELSE first_created_at END AS birth,
       -- A row that keeps its started_at through a retry ran from the retry on.
       CASE WHEN ends_before > 0 AND ends_started_at[ends_before] IS NOT DISTINCT FROM started_at
            THEN (array_agg(commit) FILTER (WHERE counts AND status = 'RUNNING')
                  OVER (PARTITION BY id, era, life, revivals ORDER BY seq))[1]
            ELSE started_at END AS since,
       CASE WHEN isfinite(completed_at)
                 AND completed_at BETWEEN commit - interval '60 s' AND commit + interval '60 s'
            THEN completed_at ELSE commit END AS until
FROM ended;

-- Nothing where one of them is unknown: greatest() would leave a NULL out.
CREATE FUNCTION walpulse_truth.seconds(since timestamptz, until timestamptz) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT greatest(extract(epoch FROM until - since)::numeric, 0)
$$;

CREATE FUNCTION walpulse_truth.instant(at timestamptz) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
  SELECT extract(epoch FROM at)::numeric
$$;

CREATE VIEW walpulse_truth.bounds AS  -- As the monitor's.
SELECT metric, bound::text AS le, bound FROM (VALUES
  ('pipeline_run/duration', ARRAY[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200,
                                  14400, 28800, 43200, 86400]),
  ('pipeline_run/queue_time', ARRAY[1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1800, 3600,
                                    7200, 21600])) AS known (metric, bounds), unnest(bounds) AS bound
UNION ALL
SELECT metric, '+Inf', NULL FROM (VALUES ('pipeline_run/duration'), ('pipeline_run/queue_time'))
  AS known (metric);

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
), ending AS (
  -- Entries into COMPLETED and FAILED, starting states before all; a changed key opens none. In
  -- the order of `seq`: a pipeline has one writer at a time, and clocks step.
  SELECT step.id, step.status, run.pipeline, run.status AS last_status,
         step.era = run.era AND step.life = run.life AS of_last_life,
         CASE WHEN counts THEN step.seq ELSE 0 END AS place,
         CASE WHEN counts THEN commit ELSE coalesce(completed_at, commit) END AS time
  FROM step JOIN run USING (id)
  WHERE step.status IN ('COMPLETED', 'FAILED') AND (enters OR NOT counts AND op <> 'k')
), success AS (
  SELECT DISTINCT ON (pipeline) pipeline, place, time FROM ending WHERE status = 'COMPLETED'
  ORDER BY pipeline, place DESC, time DESC
), failure AS (  -- Runs whose last word is FAILED, and when they said it.
  SELECT id, pipeline, max(place) AS place FROM ending
  WHERE status = 'FAILED' AND last_status = 'FAILED' AND of_last_life GROUP BY id, pipeline
), active AS (
  SELECT coalesce(pipeline, 'unknown') AS pipeline, coalesce(birth, made) AS since, orphaned,
         CASE WHEN orphaned THEN 'ORPHANED' ELSE coalesce(status, 'unknown') END AS status
  FROM step WHERE newest AND NOT terminal
), measured AS (
  SELECT 'pipeline_run/duration' AS metric, pipeline_label || status_label AS labels,
         walpulse_truth.seconds(since, until) AS seconds
  FROM entry WHERE terminal AND isfinite(since)
  UNION ALL
  SELECT 'pipeline_run/queue_time', '{}', walpulse_truth.seconds(birth, started_at)
  FROM step WHERE counts AND status = 'RUNNING' AND NOT queued_before
              AND isfinite(started_at) AND isfinite(birth)
), counted AS (
  SELECT 'pipeline_run/created_count' AS metric, labels FROM step WHERE op = 'c'
  UNION ALL
  SELECT 'pipeline_run/started_count', labels FROM entry WHERE status = 'RUNNING'
  UNION ALL
  SELECT 'pipeline_run/finished_count', labels || status_label FROM entry WHERE terminal
  UNION ALL
  SELECT 'pipeline_run/retried_count', pipeline_label FROM step WHERE revives
  UNION ALL
  SELECT 'pipeline_run/skipped_count',
         pipeline_label || jsonb_build_object('by',
           CASE WHEN origin = 'c' AND commit BETWEEN made - interval '1 s' AND made + interval '1 s'
                THEN 'scheduler' ELSE 'person' END)
  FROM entry WHERE status = 'CANCELLED' AND NOT ran
  UNION ALL
  SELECT 'pipeline_run/sla_missed_count', pipeline_label FROM step
  WHERE counts AND passed_sla AND NOT missed_before
  UNION ALL
  SELECT metric, labels FROM measured
  UNION ALL
  SELECT metric || '_bucket', labels || jsonb_build_object('le', le)
  FROM measured JOIN walpulse_truth.bounds USING (metric) WHERE bound IS NULL OR seconds <= bound
  UNION ALL
  SELECT 'pipeline_run/active', jsonb_build_object('pipeline', pipeline, 'status', status)
  FROM active
  UNION ALL
  SELECT 'pipeline/consecutive_failures', jsonb_build_object('pipeline', failure.pipeline)
  FROM failure LEFT JOIN success USING (pipeline)
  WHERE failure.place > coalesce(success.place, -1)
)
SELECT metric, labels, count(*)::numeric AS value FROM counted GROUP BY metric, labels
UNION ALL
SELECT metric || '_sum', labels, sum(seconds) FROM measured GROUP BY metric, labels
UNION ALL
SELECT 'pipeline_run/oldest_active_age', jsonb_build_object('pipeline', pipeline),
       walpulse_truth.instant(min(since))
FROM active WHERE NOT orphaned GROUP BY pipeline
UNION ALL
SELECT 'pipeline/last_success_age', jsonb_build_object('pipeline', coalesce(pipeline, 'unknown')),
       walpulse_truth.instant(time)
FROM success
UNION ALL
SELECT 'scheduler/last_created_age', '{}', walpulse_truth.instant(max(commit))
FROM step WHERE op = 'c' HAVING max(commit) IS NOT NULL;
