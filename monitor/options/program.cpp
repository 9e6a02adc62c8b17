#include "monitor/options/settings.h"

namespace walpulse::monitor {
namespace {

constexpr const char* kPurpose =
    "Turns the change events of Mage's pipeline runs into metrics that are never lost and never "
    "counted twice.";

constexpr const char* kFirstSteps =
    R"(  # each in a terminal of its own, after walpulse-connector setup
  walpulse-monitor serve --ledger memory
  walpulse-connector run --to http://localhost:8080 \
    --dsn 'host=10.0.0.5 dbname=mage user=walpulse'
  curl localhost:8080/metrics
)";

/// The connector's settings: both programs may share one environment, and nothing else.
constexpr std::string_view kConnectorKeys =
    "dsn admin-dsn slot publication schema table name replay-window replay-window-bytes "
    "slot-timeout "
    "rate via to push-audience column label ordering-keys lanes pending-bytes heartbeat "
    "drain-deadline park-after publication-check confirm chunk-rows";

constexpr const char* kServePurpose = R"(
Takes messages, by push and by pull, keeps the ledger and exports its metrics.
POST / and /push take Pub/Sub pushes, from whom --push-auth says. GET / is a page for people;
/metrics, /liveness, /readiness and /health are for machines. --push-auth does not close these: who
may read them is Cloud Run's IAM to say, or the network's (--http-address 127.0.0.1 and a proxy).
SIGTERM completes what was taken, exports once more and ends.)";

constexpr const char* kServeExamples = R"(  walpulse-monitor serve
  walpulse-monitor serve \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse
  walpulse-monitor serve --export cloud-monitoring \
    --subscription projects/my-project/subscriptions/walpulse-monitor \
    --mage-url https://mage.example.com
  walpulse-monitor serve \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse \
    --push-auth verify --push-audience https://walpulse.example.com/push \
    --push-service-account walpulse-push@my-project.iam.gserviceaccount.com
)";

constexpr const char* kDoctorPurpose = R"(
Checks that the ledger can be reached, read and written, and that a capture does not capture it;
whom pushes are taken from, that Google's keys can be fetched, and that the subscription pushes as
the settings want it; as whom Google is asked, and with which scopes; that messages may be pulled
and set aside, and that no setting of a subscription loses them; that points may be written. Changes
nothing. What it names comes with its remedy.)";

constexpr const char* kDoctorExamples =
    R"(  walpulse-monitor doctor \
    --ledger 'host=10.0.0.6 dbname=walpulse user=walpulse_monitor'
  walpulse-monitor doctor --config /etc/walpulse/monitor.toml \
    --export cloud-monitoring \
    --push-subscription projects/my-project/subscriptions/walpulse-monitor
)";

constexpr const char* kRedrivePurpose = R"(
Applies rejected messages again. A message that is not an event of a known version, or a conflict,
is kept in the ledger with its reason. One that fits now (after an update) is counted and taken out
in the same transaction; the others stay. Prints a JSON line a message. A ledger in PostgreSQL may
serve meanwhile; one in a file must not be open: stop its monitor first.)";

constexpr const char* kRedriveExamples =
    R"(  walpulse-monitor redrive --dry-run \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse
  walpulse-monitor redrive --ledger sqlite:/var/lib/walpulse/ledger.db
)";

constexpr const char* kSourcesPurpose = R"(
One name has one history. A second one under the same name (another system, or another publication
of the table, that does not say that it follows the first) is refused: its events are kept among the
rejected, and the log says name_taken. Where that was no mistake, accept takes it in; redrive then
counts what was rejected. accept takes a conflict back too: only where you know that the log never
went back; after a restore run walpulse-connector recover. Prints a JSON line for each epoch that
the ledger knows.)";

constexpr const char* kSourcesExamples =
    R"(  walpulse-monitor sources list \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse
  walpulse-monitor sources accept mage 1763600000 \
    --ledger sqlite:/var/lib/walpulse/ledger.db
)";

constexpr const char* kDescriptorsPurpose = R"(
Prints a JSON line a metric, as serve --export cloud-monitoring sends it to metricDescriptors.create
before its first points. --create sends them now, so that alert policies can name metrics of which
no point was written yet; it may be repeated, and takes no label away. It needs
roles/monitoring.metricWriter.)";

constexpr const char* kDescriptorsExamples = R"(  walpulse-monitor descriptors --print
  walpulse-monitor descriptors --create --project my-project
)";

unsigned id(Command command) { return static_cast<unsigned>(command); }

std::vector<config::CommandText> commands() {
  return {
      {id(Command::serve),
       "serve",
       "take messages, keep the ledger and export its metrics until SIGTERM",
       kServePurpose,
       kServeExamples,
       {{kExitStopped, "stopped by SIGTERM or SIGINT"},
        {kExitUnavailable, "the ledger or the port cannot be had"}}},
      {id(Command::doctor),
       "doctor",
       "say what is wrong with the ledger's place, push, pull, credentials and rights",
       kDoctorPurpose,
       kDoctorExamples,
       {{kExitStopped, "nothing is in the way"}, {kExitFailed, "something is"}}},
      {id(Command::redrive),
       "redrive",
       "apply rejected messages again",
       kRedrivePurpose,
       kRedriveExamples,
       {{kExitStopped, "done"}, {kExitUnavailable, "the ledger cannot be had"}}},
      {id(Command::sources),
       "sources",
       "list the histories that the ledger knows, or take one in that was refused",
       kSourcesPurpose,
       kSourcesExamples,
       {{kExitStopped, "done"},
        {kExitFailed, "there is no such epoch to accept"},
        {kExitUnavailable, "the ledger cannot be had"}},
       {{"list", "list them"}, {"accept", "take an epoch in", {"NAME", "EPOCH"}}}},
      {id(Command::descriptors),
       "descriptors",
       "print or make what Cloud Monitoring is told of the metrics",
       kDescriptorsPurpose,
       kDescriptorsExamples,
       {{kExitStopped, "done"},
        {kExitFailed,
         "one was refused or Cloud Monitoring cannot be reached (the message says which and "
         "why)"}}},
  };
}

}  // namespace

const config::Program& program() {
  static const config::Program kProgram{
      .name = "walpulse-monitor",
      .purpose = kPurpose,
      .first_steps = kFirstSteps,
      .example = "walpulse-monitor serve --ledger memory",
      .config_file = "/etc/walpulse/monitor.toml",
      .config_line = "http-port = 8080",
      .strict = true,
      .commands = commands(),
      .settings = config::texts_of(settings()),
      .foreign_keys = config::words_of(kConnectorKeys),
  };
  return kProgram;
}

}  // namespace walpulse::monitor
