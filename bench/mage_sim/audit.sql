-- "SQL truth" (DESIGN, section 6): every change of pipeline_run, noted by triggers in the same
-- transaction. The table itself cannot tell what a retry or a purge overwrote.

CREATE SCHEMA walpulse_truth;

CREATE TABLE walpulse_truth.audit (
  seq bigserial PRIMARY KEY,  -- Of one row's changes: their commit order, for the row lock orders them.
  op text NOT NULL,           -- c, u, d, and t for a TRUNCATE (which has no id).
  id bigint,
  xid xid NOT NULL DEFAULT pg_current_xact_id()::xid,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  status text,
  pipeline text,
  trigger text,
  passed_sla boolean,
  partner text  -- The label partner=variables.partner: scalars only, else none.
);

CREATE FUNCTION walpulse_truth.note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO walpulse_truth.audit (op) VALUES ('t');
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO walpulse_truth.audit (op, id) VALUES ('d', OLD.id);
  ELSE
    INSERT INTO walpulse_truth.audit (op, id, created_at, started_at, completed_at, status, pipeline,
                                      trigger, passed_sla, partner)
    VALUES (CASE TG_OP WHEN 'INSERT' THEN 'c' ELSE 'u' END, NEW.id, NEW.created_at, NEW.started_at,
            NEW.completed_at, NEW.status::text, NEW.pipeline_uuid,
            CASE WHEN NEW.backfill_id IS NOT NULL THEN 'backfill'
                 WHEN NEW.pipeline_schedule_id IS NULL THEN 'manual'
                 ELSE 'trigger' END,
            NEW.passed_sla,
            CASE WHEN json_typeof(NEW.variables -> 'partner') IN ('string', 'number', 'boolean')
                 THEN NEW.variables ->> 'partner' END);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER walpulse_truth_row AFTER INSERT OR UPDATE OR DELETE ON pipeline_run
  FOR EACH ROW EXECUTE FUNCTION walpulse_truth.note_change();
CREATE TRIGGER walpulse_truth_table AFTER TRUNCATE ON pipeline_run
  FOR EACH STATEMENT EXECUTE FUNCTION walpulse_truth.note_change();
