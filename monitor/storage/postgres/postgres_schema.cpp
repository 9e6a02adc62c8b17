#include "monitor/storage/postgres/postgres_schema.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decoder/base/error_context.h"
#include "monitor/storage/postgres/postgres_audit.h"

namespace walpulse::monitor {
namespace {

// Instants are microseconds since 1970, UTC. Positions and bodies are row_codec's and run_codec's.
// What comes from outside is kept as bytes, so that the database's encoding and collation mean
// nothing: convert_from(name, 'UTF8') shows it. A row that is locked before it is written begins
// with its defaults (run.body '', series.version 0); none is ever committed like that.
// Room is left in the pages of what is updated all the time, and `exported` is apart from `series`:
// the exporter and the intakes then never wait for one another.
constexpr std::array kPostgresMigrations{
    R"sql(
CREATE TABLE ledger (version integer NOT NULL, birth bigint NOT NULL, last_end bigint NOT NULL);
CREATE TABLE probe (touched bigint NOT NULL);
CREATE TABLE lease (holder bytea NOT NULL, generation bigint NOT NULL,
                    expires_at timestamptz NOT NULL);
CREATE TABLE remembered (name bytea PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE source (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name bytea NOT NULL,
                     tbl bytea NOT NULL, last_created bigint, floor bytea, floor_time bigint,
                     UNIQUE (name, tbl));
CREATE TABLE table_end (source bigint NOT NULL REFERENCES source, position bytea NOT NULL,
                        commit_time bigint NOT NULL, PRIMARY KEY (source, position));
CREATE TABLE epoch (name bytea NOT NULL, epoch bigint NOT NULL, lsn pg_lsn NOT NULL,
                    lsn_time bigint NOT NULL, newest bigint NOT NULL, conflicted boolean NOT NULL,
                    PRIMARY KEY (name, epoch)) WITH (fillfactor = 50);

CREATE TABLE run (source bigint NOT NULL, id bigint NOT NULL, body bytea NOT NULL DEFAULT '',
                  active boolean NOT NULL DEFAULT false, status bytea NOT NULL DEFAULT '',
                  pipeline bytea NOT NULL DEFAULT '', since bigint NOT NULL DEFAULT 0,
                  success bytea, success_time bigint, failed bytea, waiting_since bigint,
                  PRIMARY KEY (source, id)) WITH (fillfactor = 70);
CREATE INDEX run_active ON run (source) WHERE active;
CREATE INDEX run_success ON run (source, pipeline, success, success_time)
  WHERE success IS NOT NULL;
CREATE INDEX run_failed ON run (source, pipeline, failed) WHERE failed IS NOT NULL;
CREATE INDEX run_waiting ON run (waiting_since) WHERE waiting_since IS NOT NULL;
CREATE TABLE pipeline (source bigint NOT NULL, name bytea NOT NULL, runs bigint NOT NULL,
                       last_event bigint NOT NULL,
                       PRIMARY KEY (source, name)) WITH (fillfactor = 50);

CREATE TABLE series (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                     metric text COLLATE "C" NOT NULL, source bytea NOT NULL,
                     labels bytea NOT NULL, value bytea NOT NULL DEFAULT '',
                     start bigint NOT NULL DEFAULT 0, base bigint NOT NULL DEFAULT 0,
                     version bigint NOT NULL DEFAULT 0,
                     UNIQUE (metric, source, labels)) WITH (fillfactor = 50);
CREATE TABLE exported (series bigint PRIMARY KEY, version bigint NOT NULL,
                       at bigint NOT NULL) WITH (fillfactor = 50);
CREATE TABLE label_value (label bytea NOT NULL, value bytea NOT NULL, PRIMARY KEY (label, value));
CREATE TABLE connector (name bytea NOT NULL, instance bytea NOT NULL, started_at bigint NOT NULL,
                        sequence bigint NOT NULL, sent_at bigint NOT NULL,
                        heartbeat bytea NOT NULL, PRIMARY KEY (name, instance, started_at))
  WITH (fillfactor = 50);
CREATE TABLE rejected (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, message_id bytea UNIQUE,
                       received bigint NOT NULL, reason bytea NOT NULL, data bytea NOT NULL,
                       attributes bytea NOT NULL, forwarded boolean NOT NULL DEFAULT false);
CREATE INDEX rejected_unforwarded ON rejected (id) WHERE NOT forwarded;
INSERT INTO probe VALUES (0);
INSERT INTO lease VALUES ('', 0, '-infinity');
)sql",
    R"sql(
CREATE TABLE snapshot_end (source bigint NOT NULL REFERENCES source, position bytea NOT NULL,
                           from_id bigint NOT NULL, to_id bigint NOT NULL, rows bigint NOT NULL,
                           time bigint NOT NULL, complete boolean NOT NULL,
                           PRIMARY KEY (source, position, from_id, to_id));
CREATE TABLE snapshot_rows (source bigint NOT NULL, position bytea NOT NULL, chunk bigint NOT NULL,
                            rows bigint NOT NULL, PRIMARY KEY (source, position, chunk))
  WITH (fillfactor = 50);
)sql",
    // What waited for an insert is due at once: it has been here for long.
    R"sql(
ALTER TABLE ledger ADD COLUMN intake bigint NOT NULL DEFAULT 0,
                   ADD COLUMN heard bigint NOT NULL DEFAULT 0;
ALTER TABLE source DROP COLUMN floor_time;
ALTER TABLE source ADD COLUMN watermark bytea, ADD COLUMN delivered bytea;
ALTER TABLE epoch RENAME TO old_epoch;
CREATE TABLE epoch (name bytea NOT NULL, tbl bytea NOT NULL, epoch bigint NOT NULL,
                    lsn pg_lsn NOT NULL, lsn_time bigint NOT NULL, newest bigint NOT NULL,
                    standing bigint NOT NULL, since bigint NOT NULL, heartbeat bigint NOT NULL,
                    system bigint NOT NULL, db bytea NOT NULL, publication bytea NOT NULL,
                    follows bytea NOT NULL,
                    UNIQUE (name, tbl, epoch)) WITH (fillfactor = 50);
INSERT INTO epoch SELECT e.name, s.tbl, e.epoch, e.lsn, e.lsn_time, e.newest,
                         CASE WHEN e.conflicted THEN 3 ELSE 1 END, 0, 0, 0, '', '', '\x00'
                  FROM old_epoch e JOIN source s ON s.name = e.name;
DROP TABLE old_epoch;
CREATE TABLE stay (name bytea NOT NULL, tbl bytea NOT NULL, epoch bigint NOT NULL,
                   instance bytea NOT NULL, session bigint NOT NULL, from_lsn pg_lsn NOT NULL,
                   to_lsn pg_lsn NOT NULL,
                   PRIMARY KEY (name, tbl, epoch, instance, session)) WITH (fillfactor = 50);
ALTER TABLE run RENAME COLUMN waiting_since TO due;
ALTER INDEX run_waiting RENAME TO run_due;
UPDATE run SET due = 0 WHERE due IS NOT NULL;
)sql",
    // Triggers and blocks. What came of these tables before was ignored, but for their deletes.
    R"sql(
CREATE TABLE table_row (source bigint NOT NULL, id bigint NOT NULL, run bigint,
                        failed boolean NOT NULL DEFAULT false,
                        deleted boolean NOT NULL DEFAULT false, body bytea NOT NULL DEFAULT '',
                        PRIMARY KEY (source, id)) WITH (fillfactor = 70);
CREATE INDEX table_row_run ON table_row (source, run, failed DESC, id) WHERE run IS NOT NULL;
CREATE INDEX table_row_deleted ON table_row (source, id) WHERE deleted;
)sql",
    // What needs a person.
    R"sql(
CREATE TABLE problem (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind bigint NOT NULL,
                      source bytea NOT NULL, subject bytea NOT NULL, instance bytea NOT NULL,
                      since bigint NOT NULL, opened bigint NOT NULL, closed bigint,
                      severity bigint NOT NULL, told bigint NOT NULL,
                      evidence bytea NOT NULL, cause bytea NOT NULL);
CREATE INDEX problem_open ON problem (id) WHERE closed IS NULL;
CREATE INDEX problem_closed ON problem (closed) WHERE closed IS NOT NULL;
ALTER TABLE run ADD COLUMN failed_time bigint, ADD COLUMN schedule bigint, ADD COLUMN slot bigint,
                ADD COLUMN labels bytea;
DROP INDEX run_active;
CREATE INDEX run_active ON run (source, pipeline) WHERE active;
DROP INDEX run_failed;
CREATE INDEX run_failed ON run (source, pipeline, failed, failed_time, id, active)
  WHERE failed IS NOT NULL;
CREATE INDEX run_slot ON run (source, schedule, slot) WHERE slot IS NOT NULL;
ALTER TABLE pipeline ADD COLUMN changes bigint NOT NULL DEFAULT 0, ADD COLUMN first_event bigint;
UPDATE pipeline SET first_event = last_event;
ALTER TABLE source ADD COLUMN changes bigint NOT NULL DEFAULT 0, ADD COLUMN as_of bigint;
)sql",
    // What is read: the ends of runs, which the leader fills in beside the intake where an earlier
    // build wrote them; what is kept of pruned runs; what is not to be told.
    R"sql(
ALTER TABLE run ADD COLUMN ended bigint, ADD COLUMN outcome bigint, ADD COLUMN took bigint;
CREATE INDEX run_ended ON run (ended, source, id) WHERE ended IS NOT NULL;
CREATE INDEX run_ended_of ON run (source, pipeline, ended, id) WHERE ended IS NOT NULL;
INSERT INTO remembered SELECT 'runs read again', '0' WHERE EXISTS (SELECT FROM run)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value;
CREATE TABLE daily (source bigint NOT NULL, pipeline bytea NOT NULL, day bigint NOT NULL,
                    completed bigint NOT NULL, failed bigint NOT NULL, cancelled bigint NOT NULL,
                    durations bytea NOT NULL, PRIMARY KEY (source, pipeline, day))
  WITH (fillfactor = 70);
CREATE INDEX daily_day ON daily (source, day);
CREATE TABLE mute (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source bytea NOT NULL,
                   pipeline bytea NOT NULL, labels bytea NOT NULL, problem bigint,
                   reason bytea NOT NULL, created_by bytea NOT NULL, created bigint NOT NULL,
                   until bigint, ended bigint, ended_by bytea NOT NULL);
CREATE INDEX mute_in_force ON mute (id) WHERE ended IS NULL;
)sql",
    kPostgresAuditViews,
    // Who is told, and what runs next. What counts runs writes happenings: they have no index but
    // their key's.
    R"sql(
CREATE TABLE happening (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source bigint NOT NULL,
                        count bigint NOT NULL, body bytea NOT NULL);
CREATE TABLE notice (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, channel bytea NOT NULL,
                     target bytea NOT NULL,
                     phase bigint NOT NULL, problem bigint NOT NULL, noted bigint NOT NULL,
                     delivery bigint, body bytea NOT NULL);
CREATE INDEX notice_waiting ON notice (channel, id, noted) WHERE delivery IS NULL;
CREATE INDEX notice_problem ON notice (problem, id);
CREATE INDEX notice_noted ON notice (noted);
CREATE TABLE delivery (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind bigint NOT NULL,
                       state bigint NOT NULL, head boolean NOT NULL, channel bytea NOT NULL,
                       subject bytea NOT NULL, key bytea NOT NULL, content bytea NOT NULL,
                       what bytea NOT NULL, created bigint NOT NULL, due bigint NOT NULL,
                       attempts bigint NOT NULL, repeated bigint, ended bigint,
                       answer bytea NOT NULL)
  WITH (fillfactor = 70);
CREATE INDEX delivery_waiting ON delivery (channel, subject, id) WHERE state = 0;
CREATE INDEX delivery_head ON delivery (channel, due, id) WHERE head;
CREATE INDEX delivery_sent ON delivery (channel, ended) WHERE state = 1;
CREATE INDEX delivery_given_up ON delivery (channel, ended) WHERE state = 2;
CREATE INDEX delivery_told ON delivery (channel, subject, created) WHERE kind = 0;
CREATE INDEX delivery_called ON delivery (channel, created) WHERE kind = 1;
CREATE INDEX delivery_ended ON delivery (ended) WHERE ended IS NOT NULL;
)sql",
    "ALTER TABLE delivery ADD COLUMN expires bigint;",
    // What the rejected take, read from an index alone.
    R"sql(
ALTER TABLE rejected ADD COLUMN bytes bigint NOT NULL DEFAULT 0;
UPDATE rejected SET bytes = 200 + octet_length(data) + octet_length(attributes)
                            + octet_length(reason) + coalesce(octet_length(message_id), 0);
DROP INDEX rejected_unforwarded;
CREATE INDEX rejected_first_to_go ON rejected (forwarded DESC, id, bytes);
CREATE INDEX rejected_received ON rejected (received);
)sql",
    // All labels of a series together may be longer than a row of an index: by a digest then.
    R"sql(
ALTER TABLE series DROP CONSTRAINT series_metric_source_labels_key,
                   ADD COLUMN key bytea GENERATED ALWAYS AS
                     (CASE WHEN octet_length(labels) <= 1000 THEN labels ELSE sha256(labels) END)
                     STORED,
                   ADD UNIQUE (metric, source, key);
)sql",
    // What transactions exclude each other by. Who may write mutes may take part.
    R"sql(
CREATE TABLE lock_ledger ();
CREATE TABLE lock_labels ();
CREATE TABLE lock_connectors ();
CREATE TABLE lock_deliveries ();
DO $$
DECLARE
  page text;
BEGIN
  FOR page IN SELECT a.grantee::regrole FROM pg_class c CROSS JOIN aclexplode(c.relacl) a
              WHERE c.oid = 'mute'::regclass AND a.privilege_type = 'INSERT'
                AND a.grantee NOT IN (0, c.relowner) LOOP
    EXECUTE format('GRANT INSERT ON lock_ledger TO %s', page);
    EXECUTE format('GRANT UPDATE ON lock_deliveries TO %s', page);
  END LOOP;
END $$;
)sql"};

/// The version that brought them.
constexpr std::int64_t kLockTablesSince = 12;
static_assert(kPostgresMigrations.size() >= kLockTablesSince);
/// Of instances that make a ledger at once all but one find what that made.
constexpr int kMigrationAttempts = 5;
bool made_by_another(std::string_view sqlstate) {
  return sqlstate == "23505" || sqlstate == "42P06" || sqlstate == "42P07" || sqlstate == "42710";
}

struct Found {
  bool schema = false;
  std::int64_t tables = 0;
  bool ledger = false;
};

Found look(PostgresDatabase& database) {
  const auto row = database.query(
      "SELECT n.oid IS NOT NULL, count(c.oid), count(*) FILTER (WHERE c.relname = 'ledger') > 0 "
      "FROM (SELECT) AS one LEFT JOIN pg_namespace n ON n.nspname = $1::text "
      "LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
      "GROUP BY n.oid",
      PostgresValues().bytes(database.target().schema));
  if (row.empty()) return {};
  return {row.flag(0, 0), row.number(0, 1), row.flag(0, 2)};
}

std::int64_t read_version(PostgresDatabase& database) {
  const auto row = database.query("SELECT version FROM ledger");
  return row.empty() ? 0 : row.number(0, 0);
}

/// Earlier builds excluded each other by an advisory lock: as they did, so that none of them is
/// amid a transaction while its tables change.
std::string earlier_lock(std::string_view schema) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : schema) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return "SELECT pg_advisory_xact_lock(2003856384, " +
         std::to_string(static_cast<std::int32_t>(hash)) + ")";
}

/// Has the ledger to itself, unless it is as it should be. Its version then.
std::int64_t lock_outdated(PostgresDatabase& database) {
  const std::int64_t version = read_version(database);
  if (version == postgres_schema_version()) return version;
  database.execute(version >= kLockTablesSince ? lock_statement(PostgresLock::ledger)
                                               : earlier_lock(database.target().schema));
  return read_version(database);
}

void bring_up_to_date(PostgresDatabase& database, Timestamp birth) {
  const std::string& schema = database.target().schema;
  const Found found = look(database);
  if (!found.schema) database.execute("CREATE SCHEMA " + quoted_identifier(schema));
  if (found.tables > 0 && !found.ledger)
    return database.fail_with(
        ErrorKind::rejected,
        "the schema " + schema + " holds something else than a walpulse ledger",
        "name another one with --ledger-schema");
  const std::int64_t version = found.ledger ? lock_outdated(database) : 0;
  if (version > postgres_schema_version())
    return database.fail_with(
        ErrorKind::rejected,
        "this ledger was written by a newer version of walpulse (its tables have version " +
            std::to_string(version) + ", known are up to " +
            std::to_string(postgres_schema_version()) + ")",
        "install that version");
  for (auto step = static_cast<std::size_t>(version); step < kPostgresMigrations.size(); ++step)
    database.execute(kPostgresMigrations[step]);
  const std::int64_t born = birth.time_since_epoch().count();
  if (version == 0) {
    database.query(
        "INSERT INTO ledger (version, birth, last_end) VALUES ($1::bigint::integer, $2::bigint, "
        "$2::bigint)",
        PostgresValues().number(postgres_schema_version()).number(born));
  } else if (version < postgres_schema_version()) {
    database.query("UPDATE ledger SET version = $1::bigint",
                   PostgresValues().number(postgres_schema_version()));
  }
}

}  // namespace

std::int64_t postgres_schema_version() {
  return static_cast<std::int64_t>(kPostgresMigrations.size());
}

void check_version(PostgresDatabase& database, std::int64_t version) {
  if (version == postgres_schema_version()) return;
  database.fail_with(ErrorKind::unavailable,
                     "the ledger's tables now have version " + std::to_string(version) +
                         ", this program knows " + std::to_string(postgres_schema_version()),
                     "run the version that the others run");
}

std::string lock_statement(PostgresLock lock, bool shared) {
  static constexpr std::array kTables{"lock_ledger", "lock_labels", "lock_connectors",
                                      "lock_deliveries"};
  return std::string("LOCK TABLE ") + kTables.at(static_cast<std::size_t>(lock)) +
         (shared ? " IN ROW EXCLUSIVE MODE" : " IN EXCLUSIVE MODE");
}

Result<void> migrate(PostgresDatabase& database, Timestamp birth) {
  const std::string& schema = database.target().schema;
  std::optional<Error> error;
  for (int i = 0; i < kMigrationAttempts; ++i) {
    // Whoever else starts, or still has the earlier version, is waited for; a large ledger takes
    // long.
    database.execute(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '10s'; "
        "SET LOCAL statement_timeout = 0");
    bring_up_to_date(database, birth);
    database.execute("COMMIT");
    if (!database.error()) return {};
    error = database.error();
    database.clear_error();
    if (database.connected()) database.execute("ROLLBACK");
    database.clear_error();
    if (!made_by_another(error->code)) break;
  }
  if (error->code != "42501") return fail(*error);
  return fail(
      of_kind(ErrorKind::rejected,
              with_remedy("let an administrator run CREATE SCHEMA " + quoted_identifier(schema) +
                              " AUTHORIZATION, for the role that the ledger is opened with",
                          *error)));
}

}  // namespace walpulse::monitor
