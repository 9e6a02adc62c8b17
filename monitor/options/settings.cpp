#include "monitor/options/settings.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace walpulse::monitor {
namespace {

using Texts = std::vector<std::string>;
using Problem = std::optional<std::string>;

template <std::string ServeOptions::*member>
Problem text(const Texts& texts, ServeOptions& into) {
  if (texts.back().empty()) return "is empty";
  into.*member = texts.back();
  return std::nullopt;
}

template <std::chrono::seconds ServeOptions::*member>
Problem duration(const Texts& texts, ServeOptions& into) {
  const auto value = parse_duration(texts.back());
  if (!value) return "'" + texts.back() + "' is no duration (s, m, h or d)";
  into.*member = *value;
  return std::nullopt;
}

template <bool ServeOptions::*member>
Problem yes_or_no(const Texts& texts, ServeOptions& into) {
  if (texts.back() != "true" && texts.back() != "false") return "is true or false";
  into.*member = texts.back() == "true";
  return std::nullopt;
}

Problem push_auth(const Texts& texts, ServeOptions& into) {
  static constexpr std::pair<std::string_view, PushAuth> kModes[] = {
      {"verify", PushAuth::verify},
      {"platform", PushAuth::platform},
      {"none", PushAuth::none},
      {"refuse", PushAuth::refuse}};
  for (const auto& [name, mode] : kModes) {
    if (texts.back() != name) continue;
    into.push_auth = mode;
    return std::nullopt;
  }
  return "'" + texts.back() + "' is none of verify, platform, none, refuse";
}

Problem exporters(const Texts& texts, ServeOptions& into) {
  into.exports = texts;
  return std::nullopt;
}

Problem port(const Texts& texts, ServeOptions& into) {
  const std::string& given = texts.back();
  std::uint16_t value = 0;
  const auto read = std::from_chars(given.data(), given.data() + given.size(), value);
  if (read.ec != std::errc() || read.ptr != given.data() + given.size()) {
    return "'" + given + "' is no port (0 to 65535)";
  }
  into.http_port = value;
  return std::nullopt;
}

Problem log_format(const Texts& texts, ServeOptions& into) {
  using Format = telemetry::LogOptions::Format;
  const std::string& given = texts.back();
  if (given != "auto" && given != "json" && given != "text") {
    return "'" + given + "' is none of auto, json, text";
  }
  into.log.format = given == "json"   ? Format::json
                    : given == "text" ? Format::text
                                      : Format::automatic;
  return std::nullopt;
}

Problem log_level(const Texts& texts, ServeOptions& into) {
  into.log.level = texts.back();
  return std::nullopt;
}

const Setting kSettings[] = {
    {"ledger", "memory|sqlite:FILE|DSN", "sqlite:/var/lib/walpulse/ledger.db",
     "Where the ledger is kept [sqlite:/var/lib/walpulse/ledger.db where that folder can be "
     "written to, else sqlite:walpulse-ledger.db]. A connection string of PostgreSQL "
     "(postgresql://walpulse@10.0.0.5/mage, or host=10.0.0.5 dbname=mage) lets any number of "
     "monitors share it; its password comes from WALPULSE_LEDGER, PGPASSWORD, PGPASSFILE or the "
     "configuration file. memory forgets when the program ends.",
     false, text<&ServeOptions::ledger>, true},
    {"ledger-schema", "NAME", "walpulse_ledger",
     "Schema of a ledger in PostgreSQL, made where it is missing [walpulse_ledger].", false,
     text<&ServeOptions::ledger_schema>, true},
    {"cloud-sql-iam", "", "",
     "Log in to a ledger in Cloud SQL as an IAM user: an access token of the application default "
     "credentials is the password of every session, renewed before it ends.",
     false, yes_or_no<&ServeOptions::cloud_sql_iam>, true},
    {"single-instance", "", "",
     "On Cloud Run: accept a local ledger, which dies with its instance.", false,
     yes_or_no<&ServeOptions::single_instance>},
    {"subscription", "NAME", "projects/my-project/subscriptions/walpulse-monitor",
     "Pull from this subscription, beside taking pushes. PUBSUB_EMULATOR_HOST is honoured.", false,
     text<&ServeOptions::subscription>, true},
    {"dead-letter", "TOPIC", "pubsub://my-project/walpulse-rejected",
     "Also publish here, at least once, each message that is no event or a conflict; it stays in "
     "the ledger for redrive.",
     false, text<&ServeOptions::dead_letter>, true},
    {"export", "EXPORTER", "cloud-monitoring",
     "stdout (a JSON line each interval; logs then go to stderr), prometheus (/metrics, always "
     "served) or cloud-monitoring; may be repeated [prometheus].",
     true, exporters, true},
    {"export-interval", "TIME", "60s", "How often to export, at least 10s [60s].", false,
     duration<&ServeOptions::export_interval>},
    {"metric-prefix", "PREFIX", "custom.googleapis.com/walpulse",
     "Of the metric types in Cloud Monitoring [custom.googleapis.com/walpulse].", false,
     text<&ServeOptions::metric_prefix>, true},
    {"monitoring-endpoint", "URL", "https://monitoring.googleapis.com",
     "Cloud Monitoring's address; plain http is used without credentials, for tests.", false,
     text<&ServeOptions::monitoring_endpoint>, true},
    {"project", "ID", "my-project",
     "Project of the metrics [GOOGLE_CLOUD_PROJECT, then the metadata server].", false,
     text<&ServeOptions::project>, true},
    {"location", "REGION", "europe-west1",
     "Location of the metrics' resource [the metadata server's region, then global].", false,
     text<&ServeOptions::location>},
    {"mage-url", "URL", "https://mage.example.com",
     "Where Mage is: the log lines of failed runs then carry a link.", false,
     text<&ServeOptions::mage_url>},
    {"settle", "TIME", "3m",
     "Durations, queue times and skipped runs are counted this long after their message came, and "
     "so are runs whose insert has not come: longer than any message is late, so longer than the "
     "subscription's acknowledgement deadline and greatest retry backoff together [3m].",
     false, duration<&ServeOptions::settle>, true},
    {"forget-after", "TIME", "30d",
     "A quiet pipeline whose last run succeeded loses its gauges after this [30d].", false,
     duration<&ServeOptions::forget_after>},
    {"http-address", "IP", "0.0.0.0",
     "Address to listen on [0.0.0.0 where pushes are checked or refused, as on Cloud Run, else "
     "127.0.0.1].",
     false, text<&ServeOptions::http_address>, true},
    {"http-port", "PORT", "8080", "Port to listen on; 0 takes any free one [PORT, then 8080].",
     false, port},
    {"push-auth", "verify|platform|none|refuse", "verify",
     "Whom pushes are taken from. verify: whoever shows Google's identity token of the service "
     "account. platform: the same on a Cloud Run service that requires authentication, where the "
     "signature is checked and removed on the way. none: anybody. refuse: nobody, for a monitor "
     "that pulls [platform on Cloud Run (refuse where it only pulls), none on loopback; elsewhere "
     "it must be said].",
     false, push_auth, true},
    {"push-audience", "TEXT", "https://walpulse.example.com/push",
     "Whom tokens must be made out to: the subscription's audience, which is its push endpoint "
     "where it has none. With platform it may be left out: Cloud Run has compared it.",
     false, text<&ServeOptions::push_audience>, true},
    {"push-service-account", "EMAIL", "walpulse-push@my-project.iam.gserviceaccount.com",
     "The service account as which the subscription pushes.", false,
     text<&ServeOptions::push_service_account>, true},
    {"push-subscription", "NAME", "projects/my-project/subscriptions/walpulse-monitor",
     "The subscription that pushes here: doctor compares its endpoint, account and audience with "
     "these settings. serve does not ask for it.",
     false, text<&ServeOptions::push_subscription>, true},
    {"push-keys-url", "URL", "https://www.googleapis.com/oauth2/v3/certs",
     "Where Google's keys for identity tokens are; another one is for tests "
     "[https://www.googleapis.com/oauth2/v3/certs].",
     false, text<&ServeOptions::push_keys_url>, true},
    {"allow-unauthenticated", "", "",
     "Take pushes from anybody who reaches the port, on any address.", false,
     yes_or_no<&ServeOptions::allow_unauthenticated>, true},
    {"log-format", "auto|json|text", "json",
     "json as Cloud Logging reads it, or lines for people [auto: text on a terminal].", false,
     log_format},
    {"log-level", "LEVEL", "info", "debug, info, warn or error [info].", false, log_level},
};

}  // namespace

std::span<const Setting> settings() { return kSettings; }

const Setting* find_setting(std::string_view key) {
  const auto found = std::find_if(std::begin(kSettings), std::end(kSettings),
                                  [&](const Setting& setting) { return setting.key == key; });
  return found == std::end(kSettings) ? nullptr : found;
}

std::string environment_name(std::string_view key) {
  std::string name = "WALPULSE_";
  for (const char c : key) {
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string example_of(const Setting& setting) {
  std::string example = "for example --" + std::string(setting.key);
  if (!setting.example.empty()) example += " " + std::string(setting.example);
  return example;
}

}  // namespace walpulse::monitor
