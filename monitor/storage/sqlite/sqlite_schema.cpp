#include "monitor/storage/sqlite/sqlite_schema.h"

#include <array>
#include <string>

#include "monitor/storage/earlier_ledger.h"

namespace walpulse::monitor {
namespace {

/// "wpls", so that `file` and we can tell a ledger from another program's database.
constexpr std::int64_t kApplicationId = 0x77706C73;

// Instants are microseconds since 1970, UTC. Positions and bodies are row_codec's and run_codec's.
// The partial indexes are what the gauges read, and the settling: they hold active, failed,
// succeeded and due runs, so that most updates touch none of them.
constexpr std::array kSqliteMigrations{
    R"sql(
CREATE TABLE ledger (birth INTEGER NOT NULL, last_end INTEGER NOT NULL, touched INTEGER NOT NULL);
CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL, tbl TEXT NOT NULL,
                     last_created INTEGER, UNIQUE (name, tbl));
CREATE TABLE table_end (source INTEGER NOT NULL REFERENCES source, position BLOB NOT NULL,
                        commit_time INTEGER NOT NULL, PRIMARY KEY (source, position)) WITHOUT ROWID;
CREATE TABLE epoch (name TEXT NOT NULL, epoch INTEGER NOT NULL, lsn INTEGER NOT NULL,
                    lsn_time INTEGER NOT NULL, newest INTEGER NOT NULL, conflicted INTEGER NOT NULL,
                    PRIMARY KEY (name, epoch)) WITHOUT ROWID;

CREATE TABLE run (source INTEGER NOT NULL, id INTEGER NOT NULL, body BLOB NOT NULL,
                  active INTEGER NOT NULL, status TEXT NOT NULL, pipeline TEXT NOT NULL,
                  since INTEGER NOT NULL, success BLOB, success_time INTEGER, failed BLOB,
                  waiting_since INTEGER, PRIMARY KEY (source, id)) WITHOUT ROWID;
CREATE INDEX run_active ON run (source, pipeline, status, since) WHERE active = 1;
CREATE INDEX run_success ON run (source, pipeline, success, success_time)
  WHERE success IS NOT NULL;
CREATE INDEX run_failed ON run (source, pipeline, failed) WHERE failed IS NOT NULL;
CREATE INDEX run_waiting ON run (waiting_since) WHERE waiting_since IS NOT NULL;
CREATE TABLE pipeline (source INTEGER NOT NULL, name TEXT NOT NULL, runs INTEGER NOT NULL,
                       last_event INTEGER NOT NULL, PRIMARY KEY (source, name)) WITHOUT ROWID;

CREATE TABLE series (id INTEGER PRIMARY KEY AUTOINCREMENT, metric TEXT NOT NULL,
                     source TEXT NOT NULL, labels BLOB NOT NULL, value BLOB NOT NULL,
                     start INTEGER NOT NULL, base INTEGER NOT NULL, version INTEGER NOT NULL,
                     exported_version INTEGER NOT NULL DEFAULT 0,
                     exported_at INTEGER NOT NULL DEFAULT 0, UNIQUE (metric, source, labels));
CREATE TABLE label_value (label TEXT NOT NULL, value TEXT NOT NULL,
                          PRIMARY KEY (label, value)) WITHOUT ROWID;
CREATE TABLE connector (name TEXT NOT NULL, instance TEXT NOT NULL, started_at INTEGER NOT NULL,
                        sequence INTEGER NOT NULL, sent_at INTEGER NOT NULL,
                        heartbeat TEXT NOT NULL,
                        PRIMARY KEY (name, instance, started_at)) WITHOUT ROWID;
CREATE TABLE rejected (id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT UNIQUE,
                       received INTEGER NOT NULL, reason TEXT NOT NULL, data BLOB NOT NULL,
                       attributes BLOB NOT NULL);
)sql",
    R"sql(
ALTER TABLE source ADD COLUMN floor BLOB;
ALTER TABLE source ADD COLUMN floor_time INTEGER;
CREATE TABLE remembered (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
ALTER TABLE rejected ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0;
CREATE INDEX rejected_unforwarded ON rejected (id) WHERE forwarded = 0;
)sql",
    R"sql(
CREATE TABLE snapshot_end (source INTEGER NOT NULL REFERENCES source, position BLOB NOT NULL,
                           from_id INTEGER NOT NULL, to_id INTEGER NOT NULL, rows INTEGER NOT NULL,
                           time INTEGER NOT NULL, complete INTEGER NOT NULL,
                           PRIMARY KEY (source, position, from_id, to_id)) WITHOUT ROWID;
CREATE TABLE snapshot_rows (source INTEGER NOT NULL, position BLOB NOT NULL,
                            chunk INTEGER NOT NULL, rows INTEGER NOT NULL,
                            PRIMARY KEY (source, position, chunk)) WITHOUT ROWID;
)sql",
    // What waited for an insert is due at once: it has been here for long.
    R"sql(
ALTER TABLE ledger ADD COLUMN intake INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source DROP COLUMN floor_time;
ALTER TABLE source ADD COLUMN watermark TEXT;
ALTER TABLE source ADD COLUMN delivered BLOB;
ALTER TABLE epoch RENAME TO old_epoch;
CREATE TABLE epoch (name TEXT NOT NULL, tbl TEXT NOT NULL, epoch INTEGER NOT NULL,
                    lsn INTEGER NOT NULL, lsn_time INTEGER NOT NULL, newest INTEGER NOT NULL,
                    standing INTEGER NOT NULL, since INTEGER NOT NULL, heartbeat INTEGER NOT NULL,
                    system INTEGER NOT NULL, db TEXT NOT NULL, publication TEXT NOT NULL,
                    follows BLOB NOT NULL,
                    PRIMARY KEY (name, tbl, epoch)) WITHOUT ROWID;
INSERT INTO epoch SELECT e.name, s.tbl, e.epoch, e.lsn, e.lsn_time, e.newest,
                         CASE WHEN e.conflicted THEN 3 ELSE 1 END, 0, 0, 0, '', '', X'00'
                  FROM old_epoch e JOIN source s ON s.name = e.name;
DROP TABLE old_epoch;
CREATE TABLE stay (name TEXT NOT NULL, tbl TEXT NOT NULL, epoch INTEGER NOT NULL,
                   instance TEXT NOT NULL, session INTEGER NOT NULL, from_lsn INTEGER NOT NULL,
                   to_lsn INTEGER NOT NULL,
                   PRIMARY KEY (name, tbl, epoch, instance, session)) WITHOUT ROWID;
ALTER TABLE run RENAME COLUMN waiting_since TO due;
UPDATE run SET due = 0 WHERE due IS NOT NULL;
DROP INDEX run_waiting;
CREATE INDEX run_due ON run (due) WHERE due IS NOT NULL;
)sql",
    // Triggers and blocks. What came of these tables before was ignored, but for their deletes.
    R"sql(
CREATE TABLE table_row (source INTEGER NOT NULL, id INTEGER NOT NULL, run INTEGER,
                        failed INTEGER NOT NULL, deleted INTEGER NOT NULL, body BLOB NOT NULL,
                        PRIMARY KEY (source, id)) WITHOUT ROWID;
CREATE INDEX table_row_run ON table_row (source, run, failed DESC, id) WHERE run IS NOT NULL;
CREATE INDEX table_row_deleted ON table_row (source, id) WHERE deleted = 1;
)sql",
    // What needs a person.
    R"sql(
CREATE TABLE problem (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,
                      source TEXT NOT NULL, subject TEXT NOT NULL, instance TEXT NOT NULL,
                      since INTEGER NOT NULL, opened INTEGER NOT NULL, closed INTEGER,
                      severity INTEGER NOT NULL, told INTEGER NOT NULL,
                      evidence BLOB NOT NULL, cause BLOB NOT NULL);
CREATE INDEX problem_open ON problem (id) WHERE closed IS NULL;
CREATE INDEX problem_closed ON problem (closed) WHERE closed IS NOT NULL;
ALTER TABLE run ADD COLUMN failed_time INTEGER;
ALTER TABLE run ADD COLUMN schedule INTEGER;
ALTER TABLE run ADD COLUMN slot INTEGER;
ALTER TABLE run ADD COLUMN labels BLOB;
DROP INDEX run_active;
CREATE INDEX run_active ON run (source, pipeline) WHERE active = 1;
DROP INDEX run_success;
CREATE INDEX run_success ON run (source, pipeline, success, success_time, labels, schedule)
  WHERE success IS NOT NULL;
DROP INDEX run_failed;
CREATE INDEX run_failed ON run (source, pipeline, failed, failed_time, id, active)
  WHERE failed IS NOT NULL;
CREATE INDEX run_slot ON run (source, schedule, slot) WHERE slot IS NOT NULL;
ALTER TABLE pipeline ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pipeline ADD COLUMN first_event INTEGER;
UPDATE pipeline SET first_event = last_event;
ALTER TABLE source ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN as_of INTEGER;
)sql",
    // What is read: the ends of runs, which the leader fills in beside the intake where an earlier
    // build wrote them; what is kept of pruned runs; what is not to be told.
    R"sql(
ALTER TABLE run ADD COLUMN ended INTEGER;
ALTER TABLE run ADD COLUMN outcome INTEGER;
ALTER TABLE run ADD COLUMN took INTEGER;
CREATE INDEX run_ended ON run (ended, source, id) WHERE ended IS NOT NULL;
CREATE INDEX run_ended_of ON run (source, pipeline, ended, id, outcome, took, schedule, labels)
  WHERE ended IS NOT NULL;
INSERT OR REPLACE INTO remembered SELECT 'runs read again', '0' WHERE EXISTS (SELECT 1 FROM run);
CREATE TABLE daily (source INTEGER NOT NULL, pipeline TEXT NOT NULL, day INTEGER NOT NULL,
                    completed INTEGER NOT NULL, failed INTEGER NOT NULL,
                    cancelled INTEGER NOT NULL, durations BLOB NOT NULL,
                    PRIMARY KEY (source, pipeline, day)) WITHOUT ROWID;
CREATE INDEX daily_day ON daily (source, day);
CREATE TABLE mute (id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL,
                   pipeline TEXT NOT NULL, labels BLOB NOT NULL, problem INTEGER,
                   reason TEXT NOT NULL, created_by TEXT NOT NULL, created INTEGER NOT NULL,
                   until INTEGER, ended INTEGER, ended_by TEXT NOT NULL);
CREATE INDEX mute_in_force ON mute (id) WHERE ended IS NULL;
)sql",
    // Who is told, and what runs next. What counts runs writes happenings: they have no index.
    R"sql(
CREATE TABLE happening (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, count INTEGER NOT NULL,
                        body BLOB NOT NULL);
CREATE TABLE notice (id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL,
                     target TEXT NOT NULL,
                     phase INTEGER NOT NULL, problem INTEGER NOT NULL, noted INTEGER NOT NULL,
                     delivery INTEGER, body BLOB NOT NULL);
CREATE INDEX notice_waiting ON notice (channel, id, noted) WHERE delivery IS NULL;
CREATE INDEX notice_problem ON notice (problem, id);
CREATE INDEX notice_noted ON notice (noted);
CREATE TABLE delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,
                       state INTEGER NOT NULL, head INTEGER NOT NULL, channel TEXT NOT NULL,
                       subject TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL,
                       what TEXT NOT NULL, created INTEGER NOT NULL, due INTEGER NOT NULL,
                       attempts INTEGER NOT NULL, repeated INTEGER, ended INTEGER,
                       answer TEXT NOT NULL);
CREATE INDEX delivery_waiting ON delivery (channel, subject, id, created) WHERE state = 0;
CREATE INDEX delivery_head ON delivery (channel, due, id) WHERE head = 1;
CREATE INDEX delivery_sent ON delivery (channel, ended) WHERE state = 1;
CREATE INDEX delivery_given_up ON delivery (channel, ended) WHERE state = 2;
CREATE INDEX delivery_told ON delivery (channel, subject, created) WHERE kind = 0;
CREATE INDEX delivery_called ON delivery (channel, created) WHERE kind = 1;
CREATE INDEX delivery_ended ON delivery (ended) WHERE ended IS NOT NULL;
)sql",
    "ALTER TABLE delivery ADD COLUMN expires INTEGER;",
    // What the rejected take, read from an index alone.
    R"sql(
ALTER TABLE rejected ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE rejected SET bytes = 200 + length(data) + length(attributes) + length(CAST(reason AS BLOB))
                            + coalesce(length(CAST(message_id AS BLOB)), 0);
DROP INDEX rejected_unforwarded;
CREATE INDEX rejected_first_to_go ON rejected (forwarded DESC, id, bytes);
CREATE INDEX rejected_received ON rejected (received);
)sql"};

std::int64_t read_number(SqliteDatabase& database, const char* sql) {
  SqliteQuery query = database.query(sql);
  return query.step() ? query.number(0) : 0;
}

Result<void> refuse_strangers(SqliteDatabase& database) {
  const std::int64_t application = read_number(database, "PRAGMA application_id");
  const std::int64_t tables = read_number(database, "SELECT count(*) FROM sqlite_master");
  const std::int64_t version = read_number(database, "PRAGMA user_version");
  if (database.error()) return tl::unexpected(*database.error());
  if (tables > 0 && application != kApplicationId)
    return fail(ErrorKind::rejected, "this file is not a walpulse ledger", "name another one");
  if (version > static_cast<std::int64_t>(kSqliteMigrations.size()))
    return fail(ErrorKind::rejected,
                "this ledger was written by a newer version of walpulse (its tables have version " +
                    std::to_string(version) + ", known are up to " +
                    std::to_string(kSqliteMigrations.size()) + ")",
                "install that version");
  return {};
}

}  // namespace

Result<void> is_current(SqliteDatabase& database) {
  if (auto known = refuse_strangers(database); !known) return known;
  const auto version = static_cast<std::size_t>(read_number(database, "PRAGMA user_version"));
  if (version == kSqliteMigrations.size()) return {};
  return fail(ErrorKind::rejected, kEarlierLedger, kBringUpToDate);
}

Result<void> migrate(SqliteDatabase& database, Timestamp birth) {
  if (auto known = refuse_strangers(database); !known) return known;
  const auto version = static_cast<std::size_t>(read_number(database, "PRAGMA user_version"));
  if (version == kSqliteMigrations.size()) return {};
  database.execute("BEGIN IMMEDIATE");
  for (std::size_t step = version; step < kSqliteMigrations.size(); ++step)
    database.execute(kSqliteMigrations[step]);
  if (version == 0) {
    const std::int64_t born = birth.time_since_epoch().count();
    database.query("INSERT INTO ledger VALUES (?, ?, 0, 0, 0)").bind(born).bind(born).run();
  }
  const std::string stamp = "PRAGMA application_id=" + std::to_string(kApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(kSqliteMigrations.size()) +
                            "; COMMIT";
  database.execute(stamp.c_str());
  if (database.error()) return tl::unexpected(*database.error());
  return {};
}

}  // namespace walpulse::monitor
