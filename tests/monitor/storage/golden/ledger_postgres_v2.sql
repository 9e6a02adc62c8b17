CREATE SCHEMA walpulse_ledger;
CREATE TABLE walpulse_ledger.connector (
    name bytea NOT NULL,
    instance bytea NOT NULL,
    started_at bigint NOT NULL,
    sequence bigint NOT NULL,
    sent_at bigint NOT NULL,
    heartbeat bytea NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE walpulse_ledger.epoch (
    name bytea NOT NULL,
    epoch bigint NOT NULL,
    lsn pg_lsn NOT NULL,
    lsn_time bigint NOT NULL,
    newest bigint NOT NULL,
    conflicted boolean NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE walpulse_ledger.exported (
    series bigint NOT NULL,
    version bigint NOT NULL,
    at bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE walpulse_ledger.label_value (
    label bytea NOT NULL,
    value bytea NOT NULL
);
CREATE TABLE walpulse_ledger.lease (
    holder bytea NOT NULL,
    generation bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE walpulse_ledger.ledger (
    version integer NOT NULL,
    birth bigint NOT NULL,
    last_end bigint NOT NULL
);
CREATE TABLE walpulse_ledger.pipeline (
    source bigint NOT NULL,
    name bytea NOT NULL,
    runs bigint NOT NULL,
    last_event bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE walpulse_ledger.probe (
    touched bigint NOT NULL
);
CREATE TABLE walpulse_ledger.rejected (
    id bigint NOT NULL,
    message_id bytea,
    received bigint NOT NULL,
    reason bytea NOT NULL,
    data bytea NOT NULL,
    attributes bytea NOT NULL,
    forwarded boolean DEFAULT false NOT NULL
);
ALTER TABLE walpulse_ledger.rejected ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME walpulse_ledger.rejected_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE walpulse_ledger.remembered (
    name bytea NOT NULL,
    value bytea NOT NULL
);
CREATE TABLE walpulse_ledger.run (
    source bigint NOT NULL,
    id bigint NOT NULL,
    body bytea DEFAULT '\x'::bytea NOT NULL,
    active boolean DEFAULT false NOT NULL,
    status bytea DEFAULT '\x'::bytea NOT NULL,
    pipeline bytea DEFAULT '\x'::bytea NOT NULL,
    since bigint DEFAULT 0 NOT NULL,
    success bytea,
    success_time bigint,
    failed bytea,
    waiting_since bigint
)
WITH (fillfactor='70');
CREATE TABLE walpulse_ledger.series (
    id bigint NOT NULL,
    metric text NOT NULL COLLATE pg_catalog."C",
    source bytea NOT NULL,
    labels bytea NOT NULL,
    value bytea DEFAULT '\x'::bytea NOT NULL,
    start bigint DEFAULT 0 NOT NULL,
    base bigint DEFAULT 0 NOT NULL,
    version bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE walpulse_ledger.series ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME walpulse_ledger.series_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE walpulse_ledger.snapshot_end (
    source bigint NOT NULL,
    "position" bytea NOT NULL,
    from_id bigint NOT NULL,
    to_id bigint NOT NULL,
    rows bigint NOT NULL,
    "time" bigint NOT NULL,
    complete boolean NOT NULL
);
CREATE TABLE walpulse_ledger.snapshot_rows (
    source bigint NOT NULL,
    "position" bytea NOT NULL,
    chunk bigint NOT NULL,
    rows bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE walpulse_ledger.source (
    id bigint NOT NULL,
    name bytea NOT NULL,
    tbl bytea NOT NULL,
    last_created bigint,
    floor bytea,
    floor_time bigint
);
ALTER TABLE walpulse_ledger.source ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME walpulse_ledger.source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE walpulse_ledger.table_end (
    source bigint NOT NULL,
    "position" bytea NOT NULL,
    commit_time bigint NOT NULL
);
INSERT INTO walpulse_ledger.epoch VALUES ('\x6d616765', 1795160000, '0/42E', 1795837311000000, 1795837311000000, false);
INSERT INTO walpulse_ledger.label_value VALUES ('\x706970656c696e65', '\x6461696c79');
INSERT INTO walpulse_ledger.label_value VALUES ('\x74726967676572', '\x74726967676572');
INSERT INTO walpulse_ledger.label_value VALUES ('\x737461747573', '\x494e495449414c');
INSERT INTO walpulse_ledger.label_value VALUES ('\x737461747573', '\x52554e4e494e47');
INSERT INTO walpulse_ledger.label_value VALUES ('\x737461747573', '\x434f4d504c45544544');
INSERT INTO walpulse_ledger.label_value VALUES ('\x706970656c696e65', '\x686f75726c79');
INSERT INTO walpulse_ledger.label_value VALUES ('\x737461747573', '\x4641494c4544');
INSERT INTO walpulse_ledger.lease VALUES ('\x', 1, '-infinity');
INSERT INTO walpulse_ledger.ledger VALUES (2, 1795837161870692, 1795837161870692);
INSERT INTO walpulse_ledger.pipeline VALUES (1, '\x6461696c79', 1, 1795837281000000);
INSERT INTO walpulse_ledger.pipeline VALUES (1, '\x686f75726c79', 2, 1795837311000000);
INSERT INTO walpulse_ledger.probe VALUES (1);
INSERT INTO walpulse_ledger.rejected OVERRIDING SYSTEM VALUE VALUES (1, '\x626164', 1795837162083223, '\x6e6f7420616e206576656e743a206f70206973206e6f6e65206f6620632c20752c20642c20742c2072', '\x7b226f70223a2278227d', '\x030763652d747970650f77616c70756c73652e6368616e6765026f7001780e736368656d615f76657273696f6e0131', false);
INSERT INTO walpulse_ledger.remembered VALUES ('\x6c6561646572', '\x6d6f6e69746f722f31');
INSERT INTO walpulse_ledger.run VALUES (1, 1, '\x0103c10be40f80d688fbbdd3b00601c0efffd7060100010601056461696c79071480a4e80302750100091480efb9340301000005000001200208706970656c696e65056461696c790774726967676572077472696767657201000100060001000203010007030100ffffffffffffffffff010203056461696c7980d688fbbdd3b00680e9aab3bed3b006c0efffd70686080080e9aab3bed3b006', false, '\x434f4d504c45544544', '\x6461696c79', 1795837222000000, '\x000000006afff7c000000000000004068000000000000000', 1795837281000000, NULL, NULL);
INSERT INTO walpulse_ledger.run VALUES (1, 2, '\x0102c10ba01080f2a4b4bed3b00601c0efffd706010001060106686f75726c79071480a4e803027501000003000001210208706970656c696e6506686f75726c79077472696767657207747269676765720100010006000100ffffffffffffffffff01010206686f75726c7980f2a4b4bed3b00680968db8bed3b006', true, '\x52554e4e494e47', '\x686f75726c79', 1795837282000000, NULL, NULL, NULL, NULL);
INSERT INTO walpulse_ledger.run VALUES (1, 4, '\x0102c70bc81080c3efbcbed3b00602750100c0efffd70601ff887a01060106686f75726c79011480b48913040000ffffffffffffffffff010c0406686f75726c7980baf5bbbed3b00680f7f8cfbed3b006c0efffd706ae0800e891f6c1bdd3b006', false, '\x4641494c4544', '\x686f75726c79', 1795837290000000, NULL, NULL, '\x000000006afff7c0000000000000042e8000000000000000', 1795837162079348);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (19, 'pipeline_run/started_count', '\x6d616765', '\x0208706970656c696e6506686f75726c7907747269676765720774726967676572', '\x0002', 1795837161870692, 0, 1);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (3, 'pipeline_run/created_count', '\x6d616765', '\x0208706970656c696e65056461696c7907747269676765720774726967676572', '\x0002', 1795837161870692, 0, 1);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (1, 'event/delivery_latency', '\x6d616765', '\x00', '\x0212fcd3c697ddc998a83ffcd3c697ddc998b03ffba8b8bd94dc9eba3ffba8b8bd94dc9ec23ffba8b8bd94dc9eca3f9ab3e6cc99b3e6d43f9ab3e6cc99b3e6dc3f9ab3e6cc99b3e6e43f80808080808080f03f80808080808080f83f808080808080808040808080808080808a40808080808080809240808080808080809f4080808080808080a740808080808080b0b94080808080808088c64080808080808088d640130700000000000000000000000000000000000000', 1795837161870692, 0, 7);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (9, 'pipeline_run/started_count', '\x6d616765', '\x0208706970656c696e65056461696c7907747269676765720774726967676572', '\x0002', 1795837161870692, 0, 1);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (7, 'event/processed_count', '\x6d616765', '\x02026f700175076f7574636f6d65076170706c696564', '\x000a', 1795837161870692, 0, 5);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (13, 'pipeline_run/duration', '\x6d616765', '\x0208706970656c696e65056461696c790673746174757309434f4d504c45544544', '\x021280808080808080f83f808080808080808040808080808080808a40808080808080809240808080808080809a40808080808080809f4080808080808080a74080808080808080af40808080808080b0b940808080808080b0c140808080808080b0c94080808080808088ce4080808080808088d64080808080808088de4080808080808088e64080808080808088ee40808080808080c6f240808080808080c6fa401300000000000001000000000000000000000000808080808080e0a540', 1795837161870692, 0, 1);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (14, 'pipeline_run/finished_count', '\x6d616765', '\x0308706970656c696e65056461696c790673746174757309434f4d504c4554454407747269676765720774726967676572', '\x0002', 1795837161870692, 0, 1);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (2, 'event/processed_count', '\x6d616765', '\x02026f700163076f7574636f6d65076170706c696564', '\x0004', 1795837161870692, 0, 2);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (17, 'pipeline_run/created_count', '\x6d616765', '\x0208706970656c696e6506686f75726c7907747269676765720774726967676572', '\x0002', 1795837161870692, 0, 1);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (8, 'pipeline_run/queue_time', '\x6d616765', '\x00', '\x021080808080808080f83f808080808080808040808080808080808a40808080808080809240808080808080809740808080808080809a40808080808080809f40808080808080a0a34080808080808080a74080808080808080af40808080808080b0b940808080808080b0c14080808080808088ce4080808080808088d64080808080808088de40808080808080c6ea40110000020000000000000000000000000000808080808080809040', 1795837161870692, 0, 2);
INSERT INTO walpulse_ledger.series OVERRIDING SYSTEM VALUE VALUES (21, 'event/processed_count', '\x756e6b6e6f776e', '\x02026f7007756e6b6e6f776e076f7574636f6d6507696e76616c6964', '\x0002', 1795837161870692, 0, 1);
INSERT INTO walpulse_ledger.source OVERRIDING SYSTEM VALUE VALUES (1, '\x6d616765', '\x7075626c69632e706970656c696e655f72756e', 1795837282000000, NULL, NULL);
SELECT pg_catalog.setval('walpulse_ledger.rejected_id_seq', 1, true);
SELECT pg_catalog.setval('walpulse_ledger.series_id_seq', 22, true);
SELECT pg_catalog.setval('walpulse_ledger.source_id_seq', 1, true);
ALTER TABLE ONLY walpulse_ledger.connector
    ADD CONSTRAINT connector_pkey PRIMARY KEY (name, instance, started_at);
ALTER TABLE ONLY walpulse_ledger.epoch
    ADD CONSTRAINT epoch_pkey PRIMARY KEY (name, epoch);
ALTER TABLE ONLY walpulse_ledger.exported
    ADD CONSTRAINT exported_pkey PRIMARY KEY (series);
ALTER TABLE ONLY walpulse_ledger.label_value
    ADD CONSTRAINT label_value_pkey PRIMARY KEY (label, value);
ALTER TABLE ONLY walpulse_ledger.pipeline
    ADD CONSTRAINT pipeline_pkey PRIMARY KEY (source, name);
ALTER TABLE ONLY walpulse_ledger.rejected
    ADD CONSTRAINT rejected_message_id_key UNIQUE (message_id);
ALTER TABLE ONLY walpulse_ledger.rejected
    ADD CONSTRAINT rejected_pkey PRIMARY KEY (id);
ALTER TABLE ONLY walpulse_ledger.remembered
    ADD CONSTRAINT remembered_pkey PRIMARY KEY (name);
ALTER TABLE ONLY walpulse_ledger.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (source, id);
ALTER TABLE ONLY walpulse_ledger.series
    ADD CONSTRAINT series_metric_source_labels_key UNIQUE (metric, source, labels);
ALTER TABLE ONLY walpulse_ledger.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (id);
ALTER TABLE ONLY walpulse_ledger.snapshot_end
    ADD CONSTRAINT snapshot_end_pkey PRIMARY KEY (source, "position", from_id, to_id);
ALTER TABLE ONLY walpulse_ledger.snapshot_rows
    ADD CONSTRAINT snapshot_rows_pkey PRIMARY KEY (source, "position", chunk);
ALTER TABLE ONLY walpulse_ledger.source
    ADD CONSTRAINT source_name_tbl_key UNIQUE (name, tbl);
ALTER TABLE ONLY walpulse_ledger.source
    ADD CONSTRAINT source_pkey PRIMARY KEY (id);
ALTER TABLE ONLY walpulse_ledger.table_end
    ADD CONSTRAINT table_end_pkey PRIMARY KEY (source, "position");
CREATE INDEX rejected_unforwarded ON walpulse_ledger.rejected USING btree (id) WHERE (NOT forwarded);
CREATE INDEX run_active ON walpulse_ledger.run USING btree (source) WHERE active;
CREATE INDEX run_failed ON walpulse_ledger.run USING btree (source, pipeline, failed) WHERE (failed IS NOT NULL);
CREATE INDEX run_success ON walpulse_ledger.run USING btree (source, pipeline, success, success_time) WHERE (success IS NOT NULL);
CREATE INDEX run_waiting ON walpulse_ledger.run USING btree (waiting_since) WHERE (waiting_since IS NOT NULL);
ALTER TABLE ONLY walpulse_ledger.snapshot_end
    ADD CONSTRAINT snapshot_end_source_fkey FOREIGN KEY (source) REFERENCES walpulse_ledger.source(id);
ALTER TABLE ONLY walpulse_ledger.table_end
    ADD CONSTRAINT table_end_source_fkey FOREIGN KEY (source) REFERENCES walpulse_ledger.source(id);
