#include "connector/command_help.h"

namespace walpulse::connector {

const std::string_view kFooter =
    R"(First steps:
  walpulse-connector doctor   --dsn 'host=10.0.0.5 dbname=mage user=walpulse'
  walpulse-connector setup    --dsn ... --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'
  walpulse-connector run      --dsn ... --to stdout
  walpulse-connector run      --dsn ... --to pubsub://my-project/mage-runs
Every setting can also stand in the environment (--admin-dsn: WALPULSE_ADMIN_DSN) or in the
configuration file (admin-dsn = "..."); a flag wins over the environment, that over the file.
Exit codes: 0 done, 1 refused or failed (the message names the remedy), 3 a gap: the slot no
longer joins onto what was delivered, 64 wrong usage, 69 the server cannot be reached,
78 wrong environment or configuration file.)";

namespace {

constexpr CommandHelp kCommands[] = {
    {Command::setup, "setup",
     "Makes what capture needs, once: the publication for the table and its comment (as the "
     "table's owner, --admin-dsn) and the replication slot (as the capture role, --dsn). Safe to "
     "repeat: what is there stays as it is.",
     R"(Example:
  walpulse-connector setup --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \
    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage'
Exit codes: 0 everything is there, 1 refused or failed, 3 a gap (the publication has walpulse's
comment, but the slot is gone or lost), 64 usage, 69 server unreachable, 78 configuration.)"},
    {Command::run, "run",
     "Captures the table's changes from the slot and publishes them, for as long as it runs. "
     "SIGTERM delivers what is in flight and ends it. --to stdout reads a temporary copy of the "
     "slot and confirms nothing, unless --confirm.",
     R"(Examples:
  walpulse-connector run --dsn 'host=10.0.0.5 dbname=mage user=walpulse' --to stdout
  walpulse-connector run --to pubsub://my-project/mage-runs --label partner=variables.partner
Exit codes: 0 stopped by SIGTERM or SIGINT and all delivered, 1 failed (the log names the
remedy), 3 a gap, 64 usage, 78 configuration.)"},
    {Command::status, "status",
     "Shows the slot: its state, the confirmed position and how far it is behind, the WAL that it "
     "retains and how much is left, who reads it and what is in flight.",
     R"(Example:
  walpulse-connector status --dsn 'host=10.0.0.5 dbname=mage user=walpulse' --json
Exit codes: 0 the slot is there and can be read, 1 setup has not run or a query failed,
3 a gap (slot missing or lost), 64 usage, 69 server unreachable, 78 configuration.)"},
    {Command::doctor, "doctor",
     "Checks every precondition and names, for each failure, the command that mends it and whether "
     "it needs a restart. Changes nothing. With --to it also asks the sink.",
     R"(Example:
  walpulse-connector doctor --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \
    --to pubsub://my-project/mage-runs
Exit codes: 0 nothing failed (warnings are allowed), 1 a check failed, 64 usage,
78 configuration.)"},
    {Command::teardown, "teardown",
     "Drops the slot and the publication, and with them every change not yet published. Asks "
     "first, unless --yes. Touches only a publication that carries walpulse's comment.",
     R"(Example:
  walpulse-connector teardown --dsn 'host=10.0.0.5 dbname=mage user=walpulse' \
    --admin-dsn 'host=10.0.0.5 dbname=mage user=mage' --yes
Exit codes: 0 nothing is left, 1 refused or failed, 64 usage, 69 server unreachable,
78 configuration.)"},
};

}  // namespace

std::span<const CommandHelp> command_helps() { return kCommands; }

}  // namespace walpulse::connector
