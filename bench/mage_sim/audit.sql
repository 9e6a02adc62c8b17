-- "SQL truth": every change of pipeline_run, noted by triggers in the same transaction. The table
-- itself cannot tell what a retry or a purge overwrote. Triggers follow the table through a rename.

CREATE SCHEMA walpulse_truth;

CREATE TABLE walpulse_truth.audit (
  seq bigserial PRIMARY KEY,  -- Of one row's changes: their commit order, for the row lock orders them.
  op text NOT NULL,           -- c, u, d; k where a row took this id over from another one, which
                              -- has its d before; t for a TRUNCATE (which has no id).
  id bigint,
  xid xid NOT NULL DEFAULT pg_current_xact_id()::xid,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  status text,
  pipeline text,
  schedule bigint,
  trigger text,
  passed_sla boolean,
  partner text  -- The label partner=variables.partner as the log carries it: scalars only.
);

-- Whether the log leaves a value out: stored out of line and not written anew. A row is at most
-- 2 kB long before its largest values move out.
CREATE FUNCTION walpulse_truth.left_out(was json, becomes json) RETURNS boolean
LANGUAGE sql AS $$
  SELECT pg_column_size(becomes) > 2000 AND was::text = becomes::text
$$;

CREATE FUNCTION walpulse_truth.note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  kind text := 'u';
  partner text;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO walpulse_truth.audit (op) VALUES ('t');
    RETURN NULL;
  END IF;
  IF TG_OP = 'DELETE' THEN
    INSERT INTO walpulse_truth.audit (op, id) VALUES ('d', OLD.id);
    RETURN NULL;
  END IF;
  IF json_typeof(NEW.variables -> 'partner') IN ('string', 'number', 'boolean') THEN
    partner := NEW.variables ->> 'partner';
  END IF;
  IF TG_OP = 'INSERT' THEN
    kind := 'c';
  ELSE
    IF OLD.id <> NEW.id THEN
      kind := 'k';
      INSERT INTO walpulse_truth.audit (op, id) VALUES ('d', OLD.id);
    END IF;
    IF walpulse_truth.left_out(OLD.variables, NEW.variables) THEN
      partner := NULL;
    END IF;
  END IF;
  INSERT INTO walpulse_truth.audit (op, id, created_at, started_at, completed_at, status, pipeline,
                                    schedule, trigger, passed_sla, partner)
  VALUES (kind, NEW.id, NEW.created_at, NEW.started_at, NEW.completed_at, NEW.status::text,
          NEW.pipeline_uuid, NEW.pipeline_schedule_id,
          CASE WHEN NEW.backfill_id IS NOT NULL THEN 'backfill'
               WHEN NEW.pipeline_schedule_id IS NULL THEN 'manual'
               ELSE 'trigger' END,
          NEW.passed_sla, partner);
  RETURN NULL;
END $$;

CREATE TRIGGER walpulse_truth_row AFTER INSERT OR UPDATE OR DELETE ON pipeline_run
  FOR EACH ROW EXECUTE FUNCTION walpulse_truth.note_change();
CREATE TRIGGER walpulse_truth_table AFTER TRUNCATE ON pipeline_run
  FOR EACH STATEMENT EXECUTE FUNCTION walpulse_truth.note_change();
