#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>
#include <string_view>

#include "monitor/options/options.h"
#include "monitor/options/push_options.h"
#include "publisher/database/dsn.h"

namespace walpulse::monitor {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

bool is_set(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value != nullptr && *value != '\0';
}

bool is_url(const std::string& text) {
  return std::regex_match(text, std::regex(R"(https?://[^\s/?#]+(/[^\s?#]*)?)"));
}

/// None of the messages repeats what was given: it may hold a password.
void check_ledger(const ServeOptions& options, const Environment& environment,
                  std::vector<std::string>& problems) {
  const std::string& ledger = options.ledger;
  if (options.ledger_schema.empty() || options.ledger_schema.size() > 63 ||
      options.ledger_schema.starts_with("pg_"))
    problems.push_back("--ledger-schema: is no name for a schema, for example walpulse_ledger");
  if (is_postgres_ledger(ledger)) {
    if (!database::is_connection_string(ledger))
      problems.push_back(
          "--ledger: is no connection string of PostgreSQL, "
          "for example postgresql://walpulse@10.0.0.5/mage");
    return;
  }
  const bool sqlite = ledger.starts_with(kSqlite) && ledger.size() > kSqlite.size();
  if (!ledger.empty() && ledger != "memory" && !sqlite) {
    problems.push_back(
        "--ledger: is neither memory nor sqlite:FILE nor a connection string of PostgreSQL, "
        "for example sqlite:/var/lib/walpulse/ledger.db or postgresql://walpulse@10.0.0.5/mage");
  }
  const bool cloud_run =
      is_set(environment, "K_SERVICE") || is_set(environment, "CLOUD_RUN_WORKER_POOL");
  if (cloud_run && !options.single_instance) {
    problems.push_back(
        "--ledger: on Cloud Run a local ledger is lost with its instance and wrong "
        "with two; keep it in PostgreSQL (postgresql://walpulse@10.0.0.5/mage), or say "
        "--single-instance to accept that");
  }
}

void check_exports(const ServeOptions& options, std::vector<std::string>& problems) {
  static constexpr std::array kExporters = {"stdout", "prometheus", "cloud-monitoring"};
  for (const std::string& exporter : options.exports) {
    if (std::find(kExporters.begin(), kExporters.end(), exporter) == kExporters.end()) {
      problems.push_back("--export: '" + exporter +
                         "' is none of stdout, prometheus, cloud-monitoring");
    }
  }
  if (options.export_interval < std::chrono::seconds(10)) {
    problems.push_back(
        "--export-interval: Cloud Monitoring takes a point every 10 s at most, "
        "for example 60s");
  }
  static const std::regex prefix(
      R"((custom|workload|external)\.googleapis\.com(/[A-Za-z0-9_.]+)+)");
  if (!std::regex_match(options.metric_prefix, prefix)) {
    problems.push_back("--metric-prefix: '" + options.metric_prefix +
                       "' is no prefix for metrics of your own, "
                       "for example custom.googleapis.com/walpulse");
  }
  if (!is_url(options.monitoring_endpoint)) {
    problems.push_back("--monitoring-endpoint: '" + options.monitoring_endpoint +
                       "' is no URL, for example https://monitoring.googleapis.com");
  }
}

}  // namespace

bool ServeOptions::exports_to(const std::string& exporter) const {
  return std::find(exports.begin(), exports.end(), exporter) != exports.end();
}

std::vector<std::string> validate(const ServeOptions& options, const Environment& environment) {
  std::vector<std::string> problems;
  check_ledger(options, environment, problems);
  check_exports(options, problems);
  if (options.cloud_sql_iam && !is_postgres_ledger(options.ledger)) {
    problems.push_back(
        "--cloud-sql-iam: means nothing but to a ledger in PostgreSQL, for example --ledger "
        "'host=127.0.0.1 dbname=walpulse user=monitor@my-project.iam'");
  }
  if (options.command == Command::serve) {
    for (std::string& problem : check_push(options, environment)) {
      problems.push_back(std::move(problem));
    }
  }
  static const std::regex subscription(
      R"(projects/[a-z0-9.:-]+/subscriptions/[A-Za-z][A-Za-z0-9_.~+%-]{2,254})");
  for (const auto& [key, given] : {std::pair("--subscription", &options.subscription),
                                   {"--push-subscription", &options.push_subscription}}) {
    if (given->empty() || std::regex_match(*given, subscription)) continue;
    problems.push_back(std::string(key) + ": '" + *given +
                       "' is no subscription, "
                       "for example projects/my-project/subscriptions/walpulse-monitor");
  }
  if (!options.dead_letter.empty() && !topic_of(options.dead_letter)) {
    problems.push_back("--dead-letter: '" + options.dead_letter +
                       "' is no topic, for example pubsub://my-project/walpulse-rejected");
  }
  if (!options.mage_url.empty() && !is_url(options.mage_url)) {
    problems.push_back("--mage-url: '" + options.mage_url +
                       "' is no URL, for example https://mage.example.com");
  }
  if (options.forget_after < std::chrono::hours(1)) {
    problems.push_back("--forget-after: at least an hour, for example 30d");
  }
  static constexpr std::array kLevels = {"debug", "info", "warn", "error"};
  if (std::find(kLevels.begin(), kLevels.end(), options.log.level) == kLevels.end()) {
    problems.push_back("--log-level: '" + options.log.level +
                       "' is none of debug, info, warn, error");
  }
  return problems;
}

std::string default_ledger() {
  static constexpr const char* kFolder = "/var/lib/walpulse";
  const bool writable = ::access(kFolder, W_OK | X_OK) == 0;
  return writable ? std::string(kSqlite) + kFolder + "/ledger.db" : "sqlite:walpulse-ledger.db";
}

std::optional<std::filesystem::path> ledger_file(const std::string& ledger) {
  if (!ledger.starts_with(kSqlite)) return std::nullopt;
  return ledger.substr(kSqlite.size());
}

bool is_postgres_ledger(const std::string& ledger) {
  static const std::regex keyword(R"(\s*[a-z_]+\s*=[^]*)");
  return database::is_uri(ledger) ||
         (!ledger.starts_with(kSqlite) && std::regex_match(ledger, keyword));
}

std::string ledger_name(const ServeOptions& options) {
  if (is_postgres_ledger(options.ledger))
    return "postgresql (schema " + options.ledger_schema + ")";
  return options.ledger.empty() ? default_ledger() : options.ledger;
}

std::optional<std::string> topic_of(const std::string& url) {
  static const std::regex topic(
      R"(pubsub://([a-z0-9.-]+:)?([a-z][a-z0-9-]{4,28}[a-z0-9])/([A-Za-z][A-Za-z0-9_.~+%-]{2,254}))");
  std::smatch parts;
  if (!std::regex_match(url, parts, topic)) return std::nullopt;
  return "projects/" + parts[1].str() + parts[2].str() + "/topics/" + parts[3].str();
}

std::optional<std::chrono::seconds> parse_duration(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || number < 0 || number > 1'000'000'000) return std::nullopt;
  const std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
  if (unit.empty() || unit == "s") return std::chrono::seconds(number);
  if (unit == "m") return std::chrono::minutes(number);
  if (unit == "h") return std::chrono::hours(number);
  if (unit == "d") return std::chrono::hours(24 * number);
  return std::nullopt;
}

}  // namespace walpulse::monitor
