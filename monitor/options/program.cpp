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
/metrics and /health are for machines. Who may read these --readers says, and who may write
--writer: on this machine everybody, else nobody unless it is said; who may push may not read
because of it. /liveness and /readiness are open to all, /metrics where --metrics-address says.
--rules names a rules file; SIGHUP reads it again at once. SIGTERM completes what was taken, exports
once more and ends.)";

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
that the rules file is in order; who may read; whom pushes are taken from, that Google's keys can
be fetched, and that the subscription pushes as the settings want it; as whom Google is asked, and
with which scopes; that messages may be pulled and set aside, and that no setting of a subscription
loses them;
that points may be written. Changes nothing. What it names comes with its remedy.)";

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

constexpr const char* kRulesPurpose = R"(
Reads a rules file, which says who owns a pipeline, when it must be done and who is to be told.
check names every mistake with its line and an example, and holds each [[expect]] table against the
rules; with the flag --ledger it also says how many pipelines each table matches, and which match
none. explain prints what the rules come to for one pipeline: every key, its value, who is told,
what is called after a run, and the line that each comes from. suggest prints a first file, made of
what the ledger has seen, all of it commented out. explain, and check without --ledger, need neither
a ledger nor a network. The ledger's monitor may serve meanwhile. The grammar is in
monitor/rules/README.md.)";

constexpr const char* kRulesExamples =
    R"(  # first steps: a file of one table
  printf '%s\n' '[[pipeline]]' 'match = "fin_{system}_*"' \
    'owner = "{system}@example.com"' 'severity = "page"' > rules.toml
  walpulse-monitor rules check rules.toml
  walpulse-monitor rules explain rules.toml --pipeline fin_sap_gl
  walpulse-monitor rules explain /etc/walpulse/rules \
    --pipeline fin_sap_gl --trigger nightly --label partner=acme
  walpulse-monitor rules suggest --output suggested.toml \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse
  walpulse-monitor rules check suggested.toml \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse
)";

constexpr const char* kProblemsPurpose = R"(
Lists what needs a person, read off the ledger: which pipeline, since when, and why; those that
somebody is to be woken for first, then the newest. What hangs under a cause (Mage's scheduler starts
nothing) stands below it. Slots whose run failed, and for which none completed since, come last;
--json leaves them out. The leading monitor looks every five seconds, and when a run fails, and keeps what it finds; a
ledger in a file can be read while its monitor runs.)";

constexpr const char* kProblemsExamples =
    R"(  walpulse-monitor problems \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse
  walpulse-monitor problems --all --json \
    --ledger sqlite:/var/lib/walpulse/ledger.db
)";

constexpr const char* kPagePurpose = R"(
Shows a ledger that a monitor elsewhere keeps: the page and the API, no intake, no lease, no export.
It reads, and writes mutes, by a database role that may do no more: --print-sql prints one. A ledger
in a file is read beside its monitor. serve has the same page; this one is for where Pub/Sub pushes
to the monitor, or where people may reach less than it. Who may read --readers says, who may write
--writer.)";

constexpr const char* kPageExamples =
    R"(  walpulse-monitor page \
    --ledger postgresql://walpulse_page@10.0.0.6/walpulse \
    --readers iap --iap-audience \
    /projects/123456789012/locations/europe-west1/services/walpulse-page
  walpulse-monitor page --print-sql \
    --ledger postgresql://walpulse_page@10.0.0.6/walpulse
)";

constexpr const char* kMutePurpose = R"(
Says that a problem is known: it stays open and is shown as muted, and nobody is told of it. By a
pattern of pipelines, with labels where these tell its failures apart, or by the problem's number;
for a time, or until it is over; with a reason. What a source has as a whole is muted by number
alone. When a mute runs out while its problem is open, the log says so. Whoever may write to the
ledger may mute here: the name kept is that of the user of this machine.)";

constexpr const char* kMuteExamples =
    R"(  walpulse-monitor mute pipeline 'daily_*' --for 2h --reason 'vendor is down' \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse
  walpulse-monitor mute problem 12 --until recovered --reason 'ticket 4711' \
    --ledger sqlite:/var/lib/walpulse/ledger.db
  walpulse-monitor mute list --ledger sqlite:/var/lib/walpulse/ledger.db
  walpulse-monitor mute lift 3 --ledger sqlite:/var/lib/walpulse/ledger.db
)";

constexpr const char* kDeliveriesPurpose = R"(
Shows what was told to whom and what was called, the newest hundred: what waits, what was sent and
what was given up, with the last answer. What nobody took for a day is given up; `retry` sends it
again, with the same Idempotency-Key, and `drop` ends it unsent.)";

constexpr const char* kDeliveriesExamples =
    R"(  walpulse-monitor deliveries list --state given_up \
    --ledger postgresql://walpulse_monitor@10.0.0.6/walpulse
  walpulse-monitor deliveries list --channel data --json \
    --ledger sqlite:/var/lib/walpulse/ledger.db
  walpulse-monitor deliveries retry 12 --ledger sqlite:/var/lib/walpulse/ledger.db
)";

constexpr const char* kNotifyPurpose = R"(
Sends one message to a channel of the rules file, as serve would send it, and prints what its
receiver answered. It tells of no problem, and needs no ledger.)";

constexpr const char* kNotifyExamples =
    R"(  walpulse-monitor notify test data --rules /etc/walpulse/rules.toml
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
        {kExitUnavailable, "the ledger or the port cannot be had"},
        {kExitConfiguration, "wrong environment, configuration file or rules file"}}},
      {id(Command::doctor),
       "doctor",
       "say what is wrong with the ledger's place, rules, push, pull, credentials and rights",
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
      {id(Command::rules),
       "rules",
       "check a rules file, explain what it says of a pipeline, or suggest a first one",
       kRulesPurpose,
       kRulesExamples,
       {{kExitStopped, "the rules are in order"},
        {kExitFailed, "they have mistakes, an [[expect]] does not hold, or FILE cannot be written"},
        {kExitUnavailable, "the ledger cannot be had"}},
       {{"check", "name every mistake, hold every [[expect]]", {"FILE"}},
        {"explain", "print what holds for one pipeline, and why", {"FILE"}},
        {"suggest", "print a first file, made of what the ledger has seen"}}},
      {id(Command::problems),
       "problems",
       "list what needs a person: failing, not started, stuck",
       kProblemsPurpose,
       kProblemsExamples,
       {{kExitStopped, "listed; there may be none"},
        {kExitUnavailable, "the ledger cannot be had"}}},
      {id(Command::page),
       "page",
       "show a ledger that another monitor keeps, until SIGTERM",
       kPagePurpose,
       kPageExamples,
       {{kExitStopped, "stopped by SIGTERM or SIGINT"},
        {kExitUnavailable, "the ledger or the port cannot be had"},
        {kExitConfiguration, "wrong environment, configuration file or rules file"}}},
      {id(Command::mute),
       "mute",
       "say that a problem is known, list what is muted, or lift a mute",
       kMutePurpose,
       kMuteExamples,
       {{kExitStopped, "done"},
        {kExitFailed, "it cannot be muted so (the message says why), or there is no such mute"},
        {kExitUnavailable, "the ledger cannot be had"}},
       {{"pipeline", "mute what pipelines of these names have", {"PATTERN"}},
        {"problem", "mute one problem", {"ID"}},
        {"list", "list the mutes in force; with --all those that are over, too"},
        {"lift", "end a mute", {"ID"}}}},
      {id(Command::deliveries),
       "deliveries",
       "show what was told and called, send it again, or drop it",
       kDeliveriesPurpose,
       kDeliveriesExamples,
       {{kExitStopped, "done"},
        {kExitFailed, "there is no such delivery, or its state forbids it (the message says why)"},
        {kExitUnavailable, "the ledger cannot be had"}},
       {{"list", "list the newest hundred"},
        {"retry", "send again what was given up", {"ID"}},
        {"drop", "never send what waits or was given up", {"ID"}}}},
      {id(Command::notify),
       "notify",
       "send a message to a channel of the rules, and show its answer",
       kNotifyPurpose,
       kNotifyExamples,
       {{kExitStopped, "the channel took it"},
        {kExitFailed, "it did not (the message says why), or the rules have no such channel"},
        {kExitUnavailable, "the channel cannot be reached, or may take it later"},
        {kExitConfiguration, "the rules file is not in order"}},
       {{"test", "send one", {"CHANNEL"}}}},
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
