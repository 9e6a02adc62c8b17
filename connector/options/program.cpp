#include "connector/options/settings.h"

namespace walpulse::connector {
namespace {

constexpr const char* kFirstSteps =
    "  # passwords: PGPASSWORD or PGPASSFILE\n"
    "  export WALPULSE_DSN='host=10.0.0.5 dbname=mage user=walpulse'\n"
    "  walpulse-connector doctor    # what is missing, and what mends it\n"
    "  walpulse-connector setup --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'\n"
    "  walpulse-connector run --to stdout    # a look that consumes nothing\n"
    "  walpulse-connector run --to pubsub://my-project/mage-runs\n";

/// The monitor's settings: both programs may share one environment, and nothing else.
constexpr std::string_view kMonitorKeys =
    "ledger ledger-schema single-instance subscription dead-letter export export-interval "
    "metric-prefix monitoring-endpoint project location mage-url settle forget-after keep-runs "
    "rules "
    "rules-reload push-auth push-audience push-service-account push-subscription push-keys-url "
    "readers reader writer iap-audience iap-keys-url reader-audience reader-token-file "
    "metrics-address mute-max allow-unauthenticated";

unsigned id(Command command) { return static_cast<unsigned>(command); }

std::vector<config::CommandText> commands() {
  return {
      {id(Command::setup),
       "setup",
       "make publication, slot and identity, once",
       "Makes what capture needs, once: the publication for Mage's tables and its comment (as the "
       "tables' owner, --admin-dsn), the replication slot and the anchor slot, which stays a "
       "--replay-window behind it (as the capture role, --dsn). Safe to repeat: what is there "
       "stays as it is; a table that is not captured yet is added, while capture goes on; an "
       "anchor that the server invalidated is made anew. With --to it ends with a snapshot of the "
       "tables that it added.",
       "  walpulse-connector setup --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \\\n"
       "    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'\n"
       "  walpulse-connector setup --no-blocks --to pubsub://my-project/mage-runs \\\n"
       "    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'\n",
       {{kExitStopped, "everything is there"},
        {kExitFailed, "refused or failed"},
        {kExitGap, "a gap (the publication has walpulse's comment, but the slot is gone or lost)"},
        {kExitUnavailable, "server unreachable"}}},
      {id(Command::run),
       "run",
       "capture and publish until SIGTERM",
       "Captures the tables' changes from the slot and publishes them, for as long as it runs. "
       "SIGTERM delivers what is in flight and ends it. --to stdout reads a temporary copy of the "
       "slot and confirms nothing, unless --confirm.",
       "  walpulse-connector run --to stdout \\\n"
       "    --dsn 'host=10.0.0.5 dbname=mage user=walpulse'\n"
       "  walpulse-connector run --to pubsub://my-project/mage-runs \\\n"
       "    --label partner=variables.partner\n",
       {{kExitStopped,
         "stopped by SIGTERM or SIGINT and all delivered, or the reader of stdout has left"},
        {kExitFailed, "failed (the log names the remedy)"},
        {kExitGap, "a gap"},
        {kExitUnavailable, "the port cannot be had; --to stdout: nor the server"}}},
      {id(Command::replay),
       "replay",
       "publish a range of the history anew",
       "Publishes what was committed from --from to --until (both included) once more, with the "
       "event ids and bytes of the first time and the attribute replay=true, while capture and "
       "other replays go on. It reads a temporary copy of the anchor slot, which `setup` makes "
       "and `run` keeps a --replay-window behind: `status` shows how far back it reaches. Nothing "
       "is confirmed. Interrupted, it says how to go on from there.",
       "  walpulse-connector replay --from 2026-11-20T21:00:00Z \\\n"
       "    --to pubsub://my-project/mage-runs\n"
       "  walpulse-connector replay --from 16/B374D848 --until 16/B4000000 --to stdout\n"
       "  walpulse-connector replay --follow --to stdout \\\n"
       "    --from mage/public.pipeline_run/1763600000/24023200/0\n",
       {{kExitStopped,
         "all of the range is delivered (with --follow: interrupted), or the reader of stdout has "
         "left"},
        {kExitFailed, "refused or failed (the message names the remedy)"},
        {kExitGap, "a gap"},
        {kExitUnavailable, "server unreachable"},
        {kExitInterrupted, "interrupted before the end of the range (the log says how to go on)"}}},
      {id(Command::status),
       "status",
       "show the slot, its lag and what is in flight",
       "Shows the slot: its state, the confirmed position and how far it is behind, the WAL that "
       "it retains and how much is left, who reads it and what is in flight; and from where on "
       "history can be replayed, since when, and the WAL that this costs.",
       "  walpulse-connector status --json \\\n"
       "    --dsn 'host=10.0.0.5 dbname=mage user=walpulse'\n",
       {{kExitStopped, "the slot is there and can be read"},
        {kExitFailed, "setup has not run or a query failed"},
        {kExitGap, "a gap (slot missing or lost)"},
        {kExitUnavailable, "server unreachable"}}},
      {id(Command::doctor),
       "doctor",
       "check every precondition and name each remedy",
       "Checks every precondition and names, for each failure, the command that mends it and "
       "whether it needs a restart. Changes nothing. With --to it also asks the sink.",
       "  walpulse-connector doctor --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \\\n"
       "    --to pubsub://my-project/mage-runs\n",
       {{kExitStopped, "nothing failed (warnings are allowed)"}, {kExitFailed, "a check failed"}}},
      {id(Command::snapshot),
       "snapshot",
       "publish the rows that are there, as of now",
       "Publishes the rows that the captured tables hold, as events with op r: for a consumer "
       "that begins with nothing, or after a gap. Each table is read under one snapshot, of a "
       "temporary slot, and its rows carry that position: whatever order they and the stream's "
       "events come in, they merge. Capture goes on meanwhile. Once a table's rows are delivered "
       "an end message says what was read, and the monitor takes the runs that were not found as "
       "ended; with --where there is none. A condition and a range are of one table: --table's, "
       "else the runs'. No WAL is held for it; as with any long transaction, VACUUM and a "
       "migration of the table wait for its end. Killed, it is run again, or continued with "
       "--from-id from the id that it logs.",
       "  walpulse-connector snapshot --to pubsub://my-project/mage-runs\n"
       "  walpulse-connector snapshot --to stdout --where \"status = 'RUNNING'\"\n"
       "  walpulse-connector snapshot --to pubsub://my-project/mage-runs \\\n"
       "    --from-id 250001 --rate 2000\n",
       {{kExitStopped, "everything is delivered, or the reader of stdout has left"},
        {kExitFailed,
         "refused, failed or stopped half-way (the log names the id to continue from)"},
        {kExitGap, "a gap"},
        {kExitUnavailable, "server unreachable"}}},
      {id(Command::recover),
       "recover",
       "begin anew after a gap, in a new epoch",
       "The one way on after a gap: the slot is lost or gone, the publication or a table was "
       "dropped or changed, the database was restored from a backup or a disk snapshot (also "
       "where the slot came back with it and nothing looks wrong), pg_upgrade. Says what it found "
       "and what is lost, asks, then makes publication, slot and anchor anew, raises the epoch, "
       "so that no event of the old history is taken for one of the new, and publishes every row "
       "of the tables once to --to. Stop every connector first; afterwards `run` goes on. Killed "
       "at any point, it is run again.",
       "  walpulse-connector recover --to pubsub://my-project/mage-runs \\\n"
       "    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'\n"
       "  walpulse-connector recover --print-sql > recover.sql\n",
       {{kExitStopped, "recovered"},
        {kExitFailed, "refused or failed (run it again)"},
        {kExitGap, "a gap came about meanwhile"},
        {kExitUnavailable, "server unreachable"}}},
      {id(Command::teardown),
       "teardown",
       "drop slots and publication",
       "Drops the slot, its anchor and the publication, and with them every change not yet "
       "published. Asks first, unless --yes. Touches only a publication that carries walpulse's "
       "comment.",
       "  walpulse-connector teardown --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \\\n"
       "    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage' --yes\n",
       {{kExitStopped, "nothing is left"},
        {kExitFailed, "refused or failed"},
        {kExitUnavailable, "server unreachable"}}},
  };
}

}  // namespace

const config::Program& program() {
  static const config::Program kProgram{
      .name = "walpulse-connector",
      .purpose =
          "Captures every change of Mage's runs, triggers and blocks from PostgreSQL's write-ahead "
          "log and publishes it.",
      .first_steps = kFirstSteps,
      .example = "walpulse-connector run --to stdout",
      .config_file = kConfigFile,
      .config_line = "slot = \"walpulse\"",
      .commands = commands(),
      .settings = config::texts_of(settings()),
      .foreign_keys = config::words_of(kMonitorKeys),
  };
  return kProgram;
}

}  // namespace walpulse::connector
