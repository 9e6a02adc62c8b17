#include <regex>
#include <string_view>

#include "monitor/options/access_options.h"
#include "monitor/options/options.h"
#include "monitor/options/push_options.h"
#include "publisher/config/nearest.h"
#include "publisher/database/dsn.h"

namespace walpulse::monitor {
namespace {

using config::OptionProblem;

bool is_url(const std::string& text) {
  return std::regex_match(text, std::regex(R"(https?://[^\s/?#]+(/[^\s?#]*)?)"));
}

/// Of a slip in the ledger's first word; nothing of what was given is in it.
std::string meant_ledger(std::string_view ledger) {
  static constexpr std::string_view kWords[] = {"memory", "sqlite", "postgresql"};
  const auto meant = config::nearest(ledger.substr(0, ledger.find(':')), kWords);
  if (meant.empty()) return "";
  return meant == kWords[0]
             ? "did you mean memory?"
             : "did you mean " + std::string(meant) + (meant == kWords[1] ? ":FILE?" : "://...?");
}

/// None of the messages repeats what was given: it may hold a password.
void check_ledger(const ServeOptions& options, const Environment& environment,
                  std::vector<OptionProblem>& problems) {
  const std::string& ledger = options.ledger;
  if (options.ledger_schema.empty() || options.ledger_schema.size() > 63 ||
      options.ledger_schema.starts_with("pg_")) {
    problems.push_back({"ledger-schema", "is not a name for a schema"});
  }
  if (is_postgres_ledger(ledger)) {
    if (!database::is_connection_string(ledger)) {
      problems.push_back({"ledger", "is not a connection string of PostgreSQL",
                          "for example postgresql://walpulse_monitor@10.0.0.6/walpulse"});
    }
    return;
  }
  const auto file = ledger_file(ledger);
  if (!ledger.empty() && ledger != "memory" && (!file || file->empty())) {
    const std::string meant = meant_ledger(ledger);
    problems.push_back({"ledger",
                        "is neither memory nor sqlite:FILE nor a connection string of PostgreSQL",
                        meant.empty() ? "for example sqlite:/var/lib/walpulse/ledger.db or "
                                        "postgresql://walpulse_monitor@10.0.0.6/walpulse"
                                      : meant});
  }
  const bool cloud_run =
      is_set(environment, "K_SERVICE") || is_set(environment, "CLOUD_RUN_WORKER_POOL");
  if (cloud_run && !options.single_instance && options.command != Command::rules) {
    problems.push_back({"ledger",
                        "on Cloud Run a local ledger is lost with its instance and wrong with two",
                        "keep it in PostgreSQL (postgresql://walpulse_monitor@10.0.0.6/walpulse), "
                        "or say --single-instance "
                        "to accept that"});
  }
}

void check_exports(const ServeOptions& options, std::vector<OptionProblem>& problems) {
  if (options.exports.empty()) problems.push_back({"export", "names no exporter"});
  if (options.export_interval < std::chrono::seconds(10)) {
    problems.push_back({"export-interval",
                        "must be at least 10s: Cloud Monitoring takes a point every 10 s at most"});
  }
  static const std::regex prefix(
      R"((custom|workload|external)\.googleapis\.com(/[A-Za-z0-9_.]+)+)");
  if (!std::regex_match(options.metric_prefix, prefix)) {
    problems.push_back({"metric-prefix",
                        "'" + options.metric_prefix + "' is not a prefix for metrics of your own"});
  }
  if (!is_url(options.monitoring_endpoint)) {
    problems.push_back(
        {"monitoring-endpoint", "'" + options.monitoring_endpoint + "' is not a URL"});
  }
}

void check_rules(const ServeOptions& options, std::vector<OptionProblem>& problems) {
  if (options.command != Command::rules) return;
  const RulesOptions& rules = options.rules;
  if (options.verb != "suggest" && !rules.output.empty())
    problems.push_back({"output", "means nothing to " + options.verb, "ask rules suggest"});
  if (options.verb == "explain") {
    if (rules.pipeline.empty()) problems.push_back({"pipeline", "must be given to explain"});
    if (rules.against_ledger)
      problems.push_back({"ledger", "means nothing to explain", "ask rules check"});
    return;
  }
  for (const auto& [key, given] : {std::pair("pipeline", !rules.pipeline.empty()),
                                   {"source", rules.source.has_value()},
                                   {"trigger", rules.trigger.has_value()},
                                   {"label", !rules.labels.empty()}}) {
    if (given) problems.push_back({key, "means nothing to " + options.verb, "ask rules explain"});
  }
}

}  // namespace

std::vector<OptionProblem> validate(const ServeOptions& options, const Environment& environment) {
  std::vector<OptionProblem> problems;
  check_ledger(options, environment, problems);
  check_exports(options, problems);
  check_rules(options, problems);
  if (options.cloud_sql_iam && !is_postgres_ledger(options.ledger)) {
    problems.push_back(
        {"cloud-sql-iam", "means nothing but to a ledger in PostgreSQL",
         "for example --ledger 'host=127.0.0.1 dbname=walpulse user=monitor@my-project.iam'",
         true});
  }
  if (options.command == Command::serve) {
    for (OptionProblem& problem : check_push(options, environment)) {
      problems.push_back(std::move(problem));
    }
  }
  if (options.command == Command::serve || options.command == Command::page) {
    for (OptionProblem& problem : check_access(options, environment)) {
      problems.push_back(std::move(problem));
    }
  }
  static const std::regex subscription(
      R"(projects/[a-z0-9.:-]+/subscriptions/[A-Za-z][A-Za-z0-9_.~+%-]{2,254})");
  for (const auto& [key, given] : {std::pair("subscription", &options.subscription),
                                   {"push-subscription", &options.push_subscription}}) {
    if (given->empty() || std::regex_match(*given, subscription)) continue;
    problems.push_back({key, "'" + *given + "' is not a subscription"});
  }
  if (!options.dead_letter.empty() && !topic_of(options.dead_letter)) {
    problems.push_back({"dead-letter", "'" + options.dead_letter + "' is not a topic"});
  }
  if (!options.mage_url.empty() && !is_url(options.mage_url)) {
    problems.push_back({"mage-url", "'" + options.mage_url + "' is not a URL"});
  }
  if (!options.page_url.empty() && !is_url(options.page_url)) {
    problems.push_back({"page-url", "'" + options.page_url + "' is not a URL"});
  }
  if (options.forget_after < std::chrono::hours(1)) {
    problems.push_back({"forget-after", "must be at least 1h"});
  }
  if (options.rules_reload && *options.rules_reload < std::chrono::seconds(1)) {
    problems.push_back({"rules-reload", "must be at least 1s, or off"});
  }
  if (options.mute_max < std::chrono::minutes(1)) {
    problems.push_back({"mute-max", "must be at least 1m"});
  }
  if (options.command == Command::page && options.ledger == "memory") {
    problems.push_back({"ledger", "in memory is read by nobody but its own process",
                        "name the ledger of a running monitor: sqlite:FILE or postgresql://..."});
  }
  if (options.print && options.create) problems.push_back({"create", "excludes --print"});
  return problems;
}

}  // namespace walpulse::monitor
