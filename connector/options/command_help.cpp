#include "connector/options/command_help.h"

#include <algorithm>
#include <sstream>

#include "connector/options/settings.h"

namespace walpulse::connector {
namespace {

constexpr CommandHelp kCommands[] = {
    {Command::setup, "setup", "make publication, slot and identity, once",
     "Makes what capture needs, once: the publication for the table and its comment (as the "
     "table's owner, --admin-dsn), the replication slot and the anchor slot, which stays a "
     "--replay-window behind it (as the capture role, --dsn). Safe to repeat: what is there stays "
     "as it is; an anchor that the server invalidated is made anew.",
     "  walpulse-connector setup --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \\\n"
     "    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'\n",
     "0 everything is there, 1 refused or failed, 3 a gap (the publication has walpulse's comment, "
     "but the slot is gone or lost), 64 usage, 69 server unreachable, 78 configuration."},
    {Command::run, "run", "capture and publish until SIGTERM",
     "Captures the table's changes from the slot and publishes them, for as long as it runs. "
     "SIGTERM delivers what is in flight and ends it. --to stdout reads a temporary copy of the "
     "slot and confirms nothing, unless --confirm.",
     "  walpulse-connector run --dsn 'host=10.0.0.5 dbname=mage user=walpulse' --to stdout\n"
     "  walpulse-connector run --to pubsub://my-project/mage-runs --label "
     "partner=variables.partner\n",
     "0 stopped by SIGTERM or SIGINT and all delivered, 1 failed (the log names the remedy), 3 a "
     "gap, 64 usage, 78 configuration."},
    {Command::replay, "replay", "publish a range of the history anew",
     "Publishes what was committed from --from to --until (both included) once more, with the "
     "event "
     "ids and bytes of the first time and the attribute replay=true, while capture and other "
     "replays go on. It reads a temporary copy of the anchor slot, which `setup` makes and `run` "
     "keeps a --replay-window behind: `status` shows how far back it reaches. Nothing is "
     "confirmed. "
     "Interrupted, it says how to go on from there.",
     "  walpulse-connector replay --from 2026-11-20T21:00:00Z --to pubsub://my-project/mage-runs\n"
     "  walpulse-connector replay --from 16/B374D848 --until 16/B4000000 --to stdout\n"
     "  walpulse-connector replay --from mage/public.pipeline_run/1763600000/24023200/0 --to "
     "stdout "
     "\\\n    --follow\n",
     "0 all of the range is delivered (with --follow: interrupted), 1 refused or failed (the "
     "message "
     "names the remedy), 3 a gap, 64 usage, 69 server unreachable, 78 configuration, 130 "
     "interrupted before the end of the range (the log says how to go on)."},
    {Command::status, "status", "show the slot, its lag and what is in flight",
     "Shows the slot: its state, the confirmed position and how far it is behind, the WAL that it "
     "retains and how much is left, who reads it and what is in flight; and from where on history "
     "can be replayed, since when, and the WAL that this costs.",
     "  walpulse-connector status --dsn 'host=10.0.0.5 dbname=mage user=walpulse' --json\n",
     "0 the slot is there and can be read, 1 setup has not run or a query failed, 3 a gap (slot "
     "missing or lost), 64 usage, 69 server unreachable, 78 configuration."},
    {Command::doctor, "doctor", "check every precondition and name each remedy",
     "Checks every precondition and names, for each failure, the command that mends it and whether "
     "it needs a restart. Changes nothing. With --to it also asks the sink.",
     "  walpulse-connector doctor --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \\\n"
     "    --to pubsub://my-project/mage-runs\n",
     "0 nothing failed (warnings are allowed), 1 a check failed, 64 usage, 78 configuration."},
    {Command::snapshot, "snapshot", "publish the rows that are there, as of now",
     "Publishes the rows that the table holds, as events with op r: for a consumer that begins "
     "with "
     "nothing, or after a gap. They are read under one snapshot, of a temporary slot, and carry "
     "its "
     "position: whatever order they and the stream's events come in, they merge. Capture goes on "
     "meanwhile. Once all is delivered an end message says what was read, and the monitor takes "
     "the runs that were not found as ended; with --where there is none. No WAL is held for it; "
     "as with any long transaction, VACUUM and a migration of the table wait for its end. Killed, "
     "it is run again, or continued with --from-id from the id that it logs.",
     "  walpulse-connector snapshot --to pubsub://my-project/mage-runs\n"
     "  walpulse-connector snapshot --to stdout --where \"status = 'RUNNING'\"\n"
     "  walpulse-connector snapshot --to pubsub://my-project/mage-runs --from-id 250001 --rate "
     "2000\n",
     "0 everything is delivered, 1 refused, failed or stopped half-way (the log names the id to "
     "continue from), 3 a gap, 64 usage, 69 server unreachable, 78 configuration."},
    {Command::recover, "recover", "begin anew after a gap, in a new epoch",
     "The one way on after a gap: the slot is lost or gone, the publication or the table was "
     "dropped or changed, the database was restored from a backup or a disk snapshot (also where "
     "the slot came back with it and nothing looks wrong), pg_upgrade. Says what it found and what "
     "is lost, asks, then makes publication, slot and anchor anew, raises the epoch, so that no "
     "event of the old history is taken for one of the new, and publishes every row of the table "
     "once to --to. Stop every connector first; afterwards `run` goes on. Killed at any point, it "
     "is run again.",
     "  walpulse-connector recover --to pubsub://my-project/mage-runs \\\n"
     "    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'\n"
     "  walpulse-connector recover --print-sql > recover.sql\n",
     "0 recovered, 1 refused or failed (run it again), 3 a gap came about meanwhile, 64 usage, 69 "
     "server unreachable, 78 configuration."},
    {Command::teardown, "teardown", "drop slots and publication",
     "Drops the slot, its anchor and the publication, and with them every change not yet "
     "published. Asks "
     "first, unless --yes. Touches only a publication that carries walpulse's comment.",
     "  walpulse-connector teardown --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \\\n"
     "    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage' --yes\n",
     "0 nothing is left, 1 refused or failed, 64 usage, 69 server unreachable, 78 configuration."},
};

constexpr std::size_t kWidth = 98;
constexpr std::size_t kColumn = 27;  // where the descriptions begin

/// Words in lines of at most kWidth; every line but the first is indented.
std::string wrap(std::string_view text, std::size_t indent, std::size_t first) {
  std::istringstream words{std::string(text)};
  std::string result;
  std::size_t column = first;
  for (std::string word; words >> word;) {
    if (!result.empty() && column + 1 + word.size() > kWidth) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!result.empty()) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result + "\n";
}

std::string entry(const std::string& left, std::string_view text) {
  const std::size_t pad = left.size() + 2 < kColumn ? kColumn - left.size() - 2 : 2;
  return "  " + left + std::string(pad, ' ') +
         wrap(text, kColumn, std::max(kColumn, left.size() + 4));
}

}  // namespace

std::span<const CommandHelp> command_helps() { return kCommands; }

std::string program_help() {
  std::string text = wrap(
      "Captures every change of Mage's pipeline_run table from PostgreSQL's write-ahead log and "
      "publishes it.",
      0, 0);
  text += "\nUsage: walpulse-connector COMMAND [OPTIONS]\n\nCommands:\n";
  for (const auto& command : kCommands) text += entry(std::string(command.name), command.brief);
  text += "\nOptions:\n" + entry("-h, --help", "this text; after a command, that command's") +
          entry("--version", "the version");
  text +=
      "\nFirst steps:\n"
      "  export WALPULSE_DSN='host=10.0.0.5 dbname=mage user=walpulse'  # password: PGPASSWORD\n"
      "  walpulse-connector doctor\n"
      "  walpulse-connector setup --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'\n"
      "  walpulse-connector run --to stdout\n"
      "  walpulse-connector run --to pubsub://my-project/mage-runs\n\n";
  text += wrap(
      "Every setting can also stand in the environment (--admin-dsn: WALPULSE_ADMIN_DSN) or "
      "in the configuration file (admin-dsn = \"...\", --config); a flag wins over the "
      "environment, that over the file.",
      0, 0);
  return text + wrap(
                    "Exit codes: 0 done, 1 refused or failed (the message names the remedy), 3 a "
                    "gap: the slot no longer joins onto what was delivered, 64 wrong usage, 69 the "
                    "server cannot be reached, 78 wrong environment or configuration file.",
                    0, 0);
}

std::string command_help(const CommandHelp& command) {
  std::string text = wrap(command.purpose, 0, 0);
  text += "\nUsage: walpulse-connector " + std::string(command.name) + " [OPTIONS]\n\nOptions:\n";
  text += entry("--config FILE",
                "TOML file of settings [" + std::string(kConfigFile) + " if it exists]");
  for (const auto& setting : settings()) {
    if (!setting.belongs_to(command.command)) continue;
    const std::string value(setting.value_name);
    text +=
        entry("--" + std::string(setting.key) + (value.empty() ? "" : " " + value), setting.help);
  }
  text += entry("-h, --help", "this text");
  text += "\nExample:\n" + std::string(command.example) + "\n";
  return text + wrap("Exit codes: " + std::string(command.exit_codes), 0, 0);
}

}  // namespace walpulse::connector
