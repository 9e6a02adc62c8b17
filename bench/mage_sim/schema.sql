-- Mage.ai's orchestration tables as its migrations leave them in PostgreSQL (OSS 0.9.79), as far as
-- a reader of pipeline_run meets them. Columns stand in physical order, which is the order in which
-- logical replication sends them, and not the order of Mage's Python model.
--
-- Names are unqualified: Mage puts tables and types into the first schema of its search_path.
-- Enums hold the upper-case member names. JSON is json, not jsonb: the text survives as written.
-- Nothing but "id" is NOT NULL, and no status has a server default: Mage's ORM fills them in.

CREATE TYPE scheduletype AS ENUM ('TIME', 'API', 'EVENT');
CREATE TYPE schedulestatus AS ENUM ('ACTIVE', 'INACTIVE');
CREATE TYPE pipelinerunstatus AS ENUM ('INITIAL', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED');
CREATE TYPE blockrunstatus AS ENUM ('INITIAL', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED',
                                    'CANCELLED', 'UPSTREAM_FAILED', 'CONDITION_FAILED');
CREATE TYPE intervaltype AS ENUM ('SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR',
                                  'CUSTOM');
CREATE TYPE status AS ENUM ('INITIAL', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED');
CREATE TYPE executortype AS ENUM ('AZURE_CONTAINER_INSTANCE', 'ECS', 'GCP_CLOUD_RUN', 'K8S',
                                  'LOCAL_PYTHON', 'LOCAL_PYTHON_FORCE', 'PYSPARK');

-- What Mage's users call a trigger.
CREATE TABLE pipeline_schedule (
  id serial PRIMARY KEY,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  name varchar(255),
  pipeline_uuid varchar(255),
  schedule_type scheduletype,
  start_time timestamptz,
  schedule_interval varchar(50),
  status schedulestatus,
  variables json,
  sla integer,  -- seconds
  token varchar(255),
  settings json,
  repo_path varchar(255),
  global_data_product_uuid varchar(255),
  description text,
  last_enabled_at timestamptz
);
CREATE INDEX ix_pipeline_schedule_pipeline_uuid ON pipeline_schedule (pipeline_uuid);
CREATE INDEX ix_pipeline_schedule_token ON pipeline_schedule (token);
CREATE INDEX ix_pipeline_schedule_global_data_product_uuid
  ON pipeline_schedule (global_data_product_uuid);

CREATE TABLE backfill (
  id serial PRIMARY KEY,
  block_uuid varchar(255),
  completed_at timestamptz,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  end_datetime timestamptz,
  failed_at timestamptz,
  interval_type intervaltype,
  interval_units integer,
  metrics json,
  name varchar(255),
  pipeline_schedule_id integer REFERENCES pipeline_schedule (id),
  pipeline_uuid varchar(255),
  start_datetime timestamptz,
  started_at timestamptz,
  status status,
  updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  variables json,
  settings json
);

CREATE TABLE pipeline_run (
  id serial PRIMARY KEY,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  pipeline_schedule_id integer REFERENCES pipeline_schedule (id),
  pipeline_uuid varchar(255),
  execution_date timestamptz,
  status pipelinerunstatus,
  completed_at timestamptz,
  variables json,
  passed_sla boolean,
  event_variables json,
  metrics json,
  backfill_id integer,
  executor_type executortype,
  started_at timestamptz,
  CONSTRAINT pipeline_run_backfill_id FOREIGN KEY (backfill_id) REFERENCES backfill (id)
);
CREATE INDEX ix_pipeline_run_execution_date ON pipeline_run (execution_date);
CREATE INDEX ix_pipeline_run_pipeline_uuid ON pipeline_run (pipeline_uuid);
CREATE INDEX ix_pipeline_run_status ON pipeline_run (status);
CREATE INDEX ix_pipeline_run_backfill_id ON pipeline_run (backfill_id);
CREATE INDEX ix_pipeline_run_pipeline_schedule_id ON pipeline_run (pipeline_schedule_id);

CREATE TABLE block_run (
  id serial PRIMARY KEY,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  pipeline_run_id integer REFERENCES pipeline_run (id),
  block_uuid varchar(255),
  status blockrunstatus,
  completed_at timestamptz,
  started_at timestamptz,
  metrics json
);
CREATE INDEX ix_block_run_pipeline_run_id ON block_run (pipeline_run_id);
