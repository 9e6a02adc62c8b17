#include "monitor/options/settings.h"

#include <limits>

#include "publisher/config/members.h"
#include "publisher/database/dsn.h"

namespace walpulse::monitor {
namespace {

using config::choice;
using config::duration_or_seconds;
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
constexpr unsigned kLedger = kServe | kDoctor | kRedrive | kSources;
constexpr unsigned kMetrics = kServe | kDoctor | kDescriptors;

constexpr std::string_view kExporters[] = {"stdout", "prometheus", "cloud-monitoring"};
constexpr std::string_view kPushAuths[] = {"verify", "platform", "none", "refuse"};  // as PushAuth
constexpr std::string_view kLogFormats[] = {"auto", "json", "text"};  // as LogOptions::Format
constexpr std::string_view kLogLevels[] = {"debug", "info", "warn", "error"};

constexpr std::uint64_t kEpochMax = std::numeric_limits<std::uint64_t>::max();

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
     duration_or_seconds<&ServeOptions::export_interval>},
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
      "where Mage is: the log lines of failed runs then carry a link [none]", kServe | kRedrive},
     filled_text<&ServeOptions::mage_url>},
    {{"settle", "TIME", "3m",
      "durations, queue times and skipped runs are counted this long after their message came, and "
      "so are runs whose insert has not come: longer than any message is late, so longer than the "
      "subscription's acknowledgement deadline and greatest retry backoff together [3m]",
      kServe | kDoctor | kRedrive},
     duration_or_seconds<&ServeOptions::settle>},
    {{"forget-after", "TIME", "30d",
      "a quiet pipeline whose last run succeeded loses its gauges after this [30d]", kServe},
     duration_or_seconds<&ServeOptions::forget_after>},
    {{"http-address", "IP", "0.0.0.0",
      "address to listen on [0.0.0.0 where pushes are checked or refused, as on Cloud Run, else "
      "127.0.0.1]",
      kServe | kDoctor},
     filled_text<&ServeOptions::http_address>},
    {{"http-port", "PORT", "8080", "its port, 0 = any free one [$PORT, else 8080]", kServe,
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
      kServe | kDoctor},
     filled_text<&ServeOptions::push_keys_url>},
    {{"allow-unauthenticated", "", "",
      "take pushes from anybody who reaches the port, on any address", kServe | kDoctor},
     toggle<&ServeOptions::allow_unauthenticated>},
    {{"dry-run", "", "", "say what would become of each, change nothing", kRedrive, Kind::act},
     toggle<&ServeOptions::dry_run>},
    {{"print-sql", "", "",
      "print what a ledger in PostgreSQL needs (role, database, rights) as a psql script for a "
      "DBA, "
      "do nothing",
      kDoctor, Kind::act},
     toggle<&ServeOptions::print_sql>},
    {{"NAME", "", "mage", "the source's name", kSources, Kind::argument},
     filled_text<&ServeOptions::accept_name>},
    {{"EPOCH", "", "1763600000", "as `list` shows it", kSources, Kind::argument},
     number<kEpochMax, &ServeOptions::accept_epoch>},
    {{"print", "", "", "print them, one JSON line each [the default]", kDescriptors, Kind::act},
     toggle<&ServeOptions::print>},
    {{"create", "", "", "make them in Cloud Monitoring", kDescriptors, Kind::act},
     toggle<&ServeOptions::create>},
    {one_of(kLogFormats,
            {"log-format", "FORMAT", "json",
             "json as Cloud Logging reads it, text for people [auto: text on a terminal]", kServe}),
     choice<kLogFormats, &ServeOptions::log, &telemetry::LogOptions::format>},
    {one_of(kLogLevels,
            {"log-level", "LEVEL", "info", "what is logged, and what is worse [info]", kServe}),
     config::text<&ServeOptions::log, &telemetry::LogOptions::level>},
};

}  // namespace

std::span<const config::Setting<ServeOptions>> settings() { return kSettings; }

}  // namespace walpulse::monitor
