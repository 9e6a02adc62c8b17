#include "monitor/options/settings.h"

#include <limits>

#include "publisher/config/members.h"
#include "publisher/database/dsn.h"

namespace walpulse::monitor {
namespace {

using config::choice;
using config::duration;
using config::filled_text;
using config::Kind;
using config::list;
using config::number;
using config::one_of;
using config::Problem;
using config::Texts;
using config::toggle;

constexpr unsigned kServe = config::bit_of(Command::serve);
constexpr unsigned kDoctor = config::bit_of(Command::doctor);
constexpr unsigned kRedrive = config::bit_of(Command::redrive);
constexpr unsigned kSources = config::bit_of(Command::sources);
constexpr unsigned kDescriptors = config::bit_of(Command::descriptors);
constexpr unsigned kRules = config::bit_of(Command::rules);
constexpr unsigned kProblems = config::bit_of(Command::problems);
constexpr unsigned kPage = config::bit_of(Command::page);
constexpr unsigned kMute = config::bit_of(Command::mute);
constexpr unsigned kDeliveries = config::bit_of(Command::deliveries);
constexpr unsigned kNotify = config::bit_of(Command::notify);
constexpr unsigned kReadable = kServe | kPage;
constexpr unsigned kReadersSaid = kReadable | kDoctor;
constexpr unsigned kLedger =
    kServe | kDoctor | kRedrive | kSources | kRules | kProblems | kPage | kMute | kDeliveries;
constexpr unsigned kMetrics = kServe | kDoctor | kDescriptors;

constexpr std::string_view kExporters[] = {"stdout", "prometheus", "cloud-monitoring"};
constexpr std::string_view kPushAuths[] = {"verify", "platform", "none", "refuse"};  // as PushAuth
constexpr std::string_view kReaders[] = {"loopback", "iap",   "platform",
                                         "google",   "token", "none"};  // as Readers
constexpr std::string_view kStatesOfDeliveries[] = {"waiting", "sent", "given_up", "too_old",
                                                    "dropped"};       // as Delivery::State
constexpr std::string_view kLogFormats[] = {"auto", "json", "text"};  // as LogOptions::Format
constexpr std::string_view kLogLevels[] = {"debug", "info", "warn", "error"};

constexpr std::uint64_t kEpochMax = std::numeric_limits<std::uint64_t>::max();

/// --label NAME=VALUE, of each name one.
Problem explained_labels(const Texts& texts, ServeOptions& into) {
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return "'" + text + "' is not NAME=VALUE";
    const std::string name = text.substr(0, equals);
    if (!into.rules.labels.emplace(name, text.substr(equals + 1)).second) {
      return "names " + name + " twice";
    }
  }
  return std::nullopt;
}

/// --rules-reload 30s|off.
Problem reload_pause(const Texts& texts, ServeOptions& into) {
  if (texts.front() != "off") {
    return config::duration<&ServeOptions::rules_reload>(texts, into);
  }
  into.rules_reload.reset();
  return std::nullopt;
}

bool is_secret(const std::string& ledger) {
  return is_postgres_ledger(ledger) && database::holds_password(ledger);
}

constexpr config::Setting<ServeOptions> kSettings[] = {
    {{"ledger",
      "memory|sqlite:FILE|DSN",
      "sqlite:/var/lib/walpulse/ledger.db",
      "where the ledger is kept [sqlite:/var/lib/walpulse/ledger.db where that folder can be "
      "written to, else sqlite:walpulse-ledger.db]. A connection string of PostgreSQL "
      "(postgresql://walpulse_monitor@10.0.0.6/walpulse) lets any number of "
      "monitors share it; its password comes from WALPULSE_LEDGER, PGPASSWORD, PGPASSFILE or the "
      "configuration file. memory forgets when the program ends",
      kLedger,
      Kind::value,
      {},
      is_secret},
     filled_text<&ServeOptions::ledger>},
    {{"ledger-schema", "NAME", "walpulse_ledger",
      "schema of a ledger in PostgreSQL, made where it is missing [walpulse_ledger]", kLedger},
     filled_text<&ServeOptions::ledger_schema>},
    {{"cloud-sql-iam", "", "",
      "log in to a ledger in Cloud SQL as an IAM user: an access token of the application default "
      "credentials is the password of every session, renewed before it ends",
      kLedger},
     toggle<&ServeOptions::cloud_sql_iam>},
    {{"single-instance", "", "",
      "on Cloud Run: accept a local ledger, which dies with its instance", kServe},
     toggle<&ServeOptions::single_instance>},
    {{"subscription", "NAME", "projects/my-project/subscriptions/walpulse-monitor",
      "pull from this subscription, beside taking pushes. PUBSUB_EMULATOR_HOST is honoured [none]",
      kServe | kDoctor},
     filled_text<&ServeOptions::subscription>},
    {{"dead-letter", "TOPIC", "pubsub://my-project/walpulse-rejected",
      "also publish here, at least once, each message that is no event or a conflict; it stays in "
      "the ledger for redrive [none]",
      kServe | kDoctor},
     filled_text<&ServeOptions::dead_letter>},
    {one_of(kExporters,
            {"export", "EXPORTER", "cloud-monitoring",
             "stdout: a JSON line each interval, logs then go to stderr; prometheus: /metrics, "
             "which is always served; repeatable [prometheus]",
             kServe | kDoctor, Kind::list}),
     list<&ServeOptions::exports>},
    {{"export-interval", "TIME", "60s", "how often to export, at least 10s [60s]", kServe},
     duration<&ServeOptions::export_interval>},
    {{"metric-prefix", "PREFIX", "custom.googleapis.com/walpulse",
      "of the metric types in Cloud Monitoring [custom.googleapis.com/walpulse]", kMetrics},
     filled_text<&ServeOptions::metric_prefix>},
    {{"monitoring-endpoint", "URL", "https://monitoring.googleapis.com",
      "Cloud Monitoring's address; plain http is used without credentials, for tests "
      "[https://monitoring.googleapis.com]",
      kMetrics},
     filled_text<&ServeOptions::monitoring_endpoint>},
    {{"project", "ID", "my-project",
      "project of the metrics [GOOGLE_CLOUD_PROJECT, then the metadata server]", kMetrics},
     filled_text<&ServeOptions::project>},
    {{"location", "REGION", "europe-west1",
      "location of the metrics' resource [the metadata server's region, then global]", kServe},
     filled_text<&ServeOptions::location>},
    {{"mage-url", "URL", "https://mage.example.com",
      "where Mage is: the page, the API and the log lines of failed runs then carry links [none]",
      kReadable},
     filled_text<&ServeOptions::mage_url>},
    {{"page-url", "URL", "https://walpulse.example.com",
      "where people reach the page: what is told in channels then carries links to it [none]",
      kServe | kNotify},
     filled_text<&ServeOptions::page_url>},
    {{"settle", "TIME", "3m",
      "durations, queue times and skipped runs are counted this long after their message came, and "
      "so are runs whose insert has not come: longer than any message is late, so longer than the "
      "subscription's acknowledgement deadline and greatest retry backoff together [3m]",
      kServe | kDoctor | kRedrive},
     duration<&ServeOptions::settle>},
    {{"forget-after", "TIME", "30d",
      "a quiet pipeline whose last run succeeded loses its gauges after this [30d]", kServe},
     duration<&ServeOptions::forget_after>},
    {{"keep-runs", "N", "50",
      "finished runs are kept for 30 days, and the newest N of each pipeline however old [50]",
      kServe},
     number<1'000'000, &ServeOptions::keep_runs>},
    {{"rules", "PATH", "/etc/walpulse/rules.toml",
      "a rules file, or a folder of such: who owns a pipeline, when it must be done, what is worth "
      "a page (walpulse-monitor rules --help). One with mistakes is refused [none: the defaults]",
      kReadable | kDoctor | kNotify},
     filled_text<&ServeOptions::rules_path>},
    {{"rules-reload", "TIME|off", "30s",
      "how often to look whether the rules have changed, at least 1s. They are taken when they "
      "have no mistake and stay for a second; SIGHUP takes them at once, also with off [30s]",
      kReadable},
     reload_pause},
    {{"http-address", "IP", "0.0.0.0",
      "address to listen on [0.0.0.0 where pushes are checked or refused, as on Cloud Run, and for "
      "a page whose --readers are others than this machine's; else 127.0.0.1]",
      kReadable | kDoctor},
     filled_text<&ServeOptions::http_address>},
    {{"http-port", "PORT", "8080", "its port, 0 = any free one [$PORT, else 8080]", kReadable,
      Kind::value, "PORT"},
     number<65'535, &ServeOptions::http_port>},
    {one_of(kPushAuths,
            {"push-auth", "WHOM", "verify",
             "whom pushes are taken from. verify: whoever shows Google's identity token of the "
             "service account. platform: the same on a Cloud Run service that requires "
             "authentication, where the signature is checked and removed on the way. none: "
             "anybody. refuse: nobody, for a monitor that pulls [platform on Cloud Run (refuse "
             "where it only pulls), none on loopback; elsewhere it must be said]",
             kServe | kDoctor}),
     choice<kPushAuths, &ServeOptions::push_auth>},
    {{"push-audience", "TEXT", "https://walpulse.example.com/push",
      "whom tokens must be made out to: the subscription's audience, which is its push endpoint "
      "where it has none. With platform it may be left out: Cloud Run has compared it [none]",
      kServe | kDoctor},
     filled_text<&ServeOptions::push_audience>},
    {{"push-service-account", "EMAIL", "walpulse-push@my-project.iam.gserviceaccount.com",
      "the service account as which the subscription pushes [none]", kServe | kDoctor},
     filled_text<&ServeOptions::push_service_account>},
    {{"push-subscription", "NAME", "projects/my-project/subscriptions/walpulse-monitor",
      "the subscription that pushes here: doctor compares its endpoint, account and audience with "
      "these settings. serve does not ask for it [none]",
      kServe | kDoctor},
     filled_text<&ServeOptions::push_subscription>},
    {{"push-keys-url", "URL", "https://www.googleapis.com/oauth2/v3/certs",
      "where Google's keys for identity tokens are; another one is for tests "
      "[https://www.googleapis.com/oauth2/v3/certs]",
      kReadable | kDoctor},
     filled_text<&ServeOptions::push_keys_url>},
    {one_of(kReaders,
            {"readers", "WHOM", "iap",
             "how readers of the page, the API, /metrics and /health show who they are. loopback: "
             "they are on this machine, and ask for localhost. iap: Identity-Aware Proxy let them "
             "through. platform: Cloud Run did. google: by an identity token for "
             "--reader-audience. token: by a token of --reader-token-file. none: nobody reads "
             "[loopback where --http-address is one, else none]",
             kReadersSaid}),
     choice<kReaders, &ServeOptions::access, &AccessOptions::readers>},
    {{"reader", "EMAIL|DOMAIN", "example.com",
      "who of them may read: an account, all accounts of an organization, or '*'; repeatable [all]",
      kReadersSaid, Kind::list},
     list<&ServeOptions::access, &AccessOptions::reader>},
    {{"writer", "EMAIL|DOMAIN", "ana@example.com",
      "who of them may also mute problems, likewise; '*' is every reader; repeatable [nobody; on "
      "loopback every reader]",
      kReadersSaid, Kind::list},
     list<&ServeOptions::access, &AccessOptions::writer>},
    {{"iap-audience", "TEXT",
      "/projects/123456789012/locations/europe-west1/services/walpulse-page",
      "whom Identity-Aware Proxy's assertions are made out to: of a Cloud Run service "
      "/projects/NUMBER/locations/REGION/services/NAME, of a load balancer's backend "
      "/projects/NUMBER/global/backendServices/ID [none]",
      kReadersSaid},
     filled_text<&ServeOptions::access, &AccessOptions::iap_audience>},
    {{"iap-keys-url", "URL", "https://www.gstatic.com/iap/verify/public_key-jwk",
      "where Identity-Aware Proxy's keys are; another one is for tests "
      "[https://www.gstatic.com/iap/verify/public_key-jwk]",
      kReadersSaid},
     filled_text<&ServeOptions::access, &AccessOptions::iap_keys_url>},
    {{"reader-audience", "TEXT", "https://walpulse.example.com",
      "whom the identity tokens of --readers google must be made out to [none]", kReadersSaid},
     filled_text<&ServeOptions::access, &AccessOptions::reader_audience>},
    {{"reader-token-file", "FILE", "/etc/walpulse/reader-tokens",
      "the tokens of --readers token, a line each: NAME TOKEN, of 16 characters or more [none]",
      kReadersSaid},
     filled_text<&ServeOptions::access, &AccessOptions::reader_token_file>},
    {{"mute-max", "TIME", "7d", "how long a mute may be, but until its problem is over [7d]",
      kReadable | kMute},
     duration<&ServeOptions::mute_max>},
    {{"metrics-address", "IP:PORT", "0.0.0.0:9090",
      "also serve /metrics, /health and the probes here, to whoever reaches it: for a scraper that "
      "cannot show who it is [none]",
      kServe | kDoctor},
     filled_text<&ServeOptions::access, &AccessOptions::metrics_address>},
    {{"allow-unauthenticated", "", "",
      "take pushes from anybody who reaches the port, on any address", kServe | kDoctor},
     toggle<&ServeOptions::allow_unauthenticated>},
    {{"dry-run", "", "", "say what would become of each, change nothing", kRedrive, Kind::act},
     toggle<&ServeOptions::dry_run>},
    {{"print-sql", "", "",
      "print what the role needs in PostgreSQL (doctor: the monitor's, with its database; page: "
      "one "
      "that reads the ledger and writes mutes) as a psql script for a DBA, do nothing",
      kDoctor | kPage, Kind::act},
     toggle<&ServeOptions::print_sql>},
    {{"NAME", "", "mage", "the source's name", kSources, Kind::argument},
     filled_text<&ServeOptions::accept_name>},
    {{"EPOCH", "", "1763600000", "as `list` shows it", kSources, Kind::argument},
     number<kEpochMax, &ServeOptions::accept_epoch>},
    {{"FILE", "", "rules.toml",
      "a rules file, or a folder: its files that end in .toml, in the order of their names", kRules,
      Kind::argument},
     filled_text<&ServeOptions::rules, &RulesOptions::path>},
    {{"output", "FILE", "rules.toml",
      "suggest: write to this file, which must not exist yet [stdout]", kRules, Kind::act},
     filled_text<&ServeOptions::rules, &RulesOptions::output>},
    {{"pipeline", "NAME", "fin_sap_gl", "explain: which pipeline; it must be given [none]", kRules,
      Kind::act},
     filled_text<&ServeOptions::rules, &RulesOptions::pipeline>},
    {{"source", "NAME", "mage",
      "explain: the source; tables that name one do not match where it is left out [none]. mute: "
      "of this source alone [all]",
      kRules | kMute, Kind::act},
     config::text<&ServeOptions::rules, &RulesOptions::source>},
    {{"trigger", "NAME", "nightly", "explain: the trigger's name, likewise [none]", kRules,
      Kind::act},
     config::text<&ServeOptions::rules, &RulesOptions::trigger>},
    {{"label", "NAME=VALUE", "partner=acme",
      "a label of the run, which the problem must have to be muted; repeatable [none]",
      kRules | kMute, Kind::act_list},
     explained_labels},
    {{"all", "", "", "those that are over, too: the newest hundred", kProblems | kMute, Kind::act},
     toggle<&ServeOptions::all>},
    {{"PATTERN", "", "daily_*", "names of pipelines, as `match` of the rules has them", kMute,
      Kind::argument},
     filled_text<&ServeOptions::mute, &MuteOptions::pattern>},
    {{"ID", "", "12", "the number that `problems`, `mute list` or `deliveries list` shows",
      kMute | kDeliveries, Kind::argument},
     filled_text<&ServeOptions::mute, &MuteOptions::id>},
    {{"for", "TIME", "2h", "how long [none]", kMute, Kind::act},
     filled_text<&ServeOptions::mute, &MuteOptions::lasts>},
    {{"until", "INSTANT|recovered", "2026-11-28T09:00:00Z",
      "until then, or until the problem is over [none]", kMute, Kind::act},
     filled_text<&ServeOptions::mute, &MuteOptions::until>},
    {{"reason", "TEXT", "vendor is down", "why; it must be given [none]", kMute, Kind::act},
     filled_text<&ServeOptions::mute, &MuteOptions::reason>},
    {one_of(kStatesOfDeliveries, {"state", "STATE", "given_up",
                                  "list: only those in this state [all]", kDeliveries, Kind::act}),
     filled_text<&ServeOptions::deliveries, &DeliveryOptions::state>},
    {{"channel", "NAME", "data", "list: only those of this channel [all]", kDeliveries, Kind::act},
     config::text<&ServeOptions::deliveries, &DeliveryOptions::channel>},
    {{"CHANNEL", "", "data", "its name in the rules file", kNotify, Kind::argument},
     filled_text<&ServeOptions::deliveries, &DeliveryOptions::tested>},
    {{"json", "", "", "print a JSON line for each", kProblems | kMute | kDeliveries, Kind::act},
     toggle<&ServeOptions::json>},
    {{"print", "", "", "print them, one JSON line each [the default]", kDescriptors, Kind::act},
     toggle<&ServeOptions::print>},
    {{"create", "", "", "make them in Cloud Monitoring", kDescriptors, Kind::act},
     toggle<&ServeOptions::create>},
    {one_of(
         kLogFormats,
         {"log-format", "FORMAT", "json",
          "json as Cloud Logging reads it, text for people [auto: text on a terminal]", kReadable}),
     choice<kLogFormats, &ServeOptions::log, &telemetry::LogOptions::format>},
    {one_of(kLogLevels,
            {"log-level", "LEVEL", "info", "what is logged, and what is worse [info]", kReadable}),
     config::text<&ServeOptions::log, &telemetry::LogOptions::level>},
};

}  // namespace

std::span<const config::Setting<ServeOptions>> settings() { return kSettings; }

}  // namespace walpulse::monitor
