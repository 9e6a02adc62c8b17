#include "monitor/command/remedy_command.h"

#include "monitor/options/access_options.h"
#include "monitor/options/push_options.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::monitor {
namespace {

using Option = std::pair<std::string, std::string>;

/// A login by token reads it from a file of this process's own.
std::string shown_ledger(const ServeOptions& options) {
  if (!is_postgres_ledger(options.ledger)) return options.ledger;
  std::vector<database::DsnValue> changes;
  if (options.cloud_sql_iam) changes.push_back({"passfile", ""});
  return database::shown_dsn(options.ledger, changes);
}

std::string changed(const std::string& value, const std::string& usual) {
  return value == usual ? "" : value;
}

std::vector<Option> in_force(const ServeOptions& options) {
  static const ServeOptions kUsual;
  std::vector<Option> given{
      {"ledger", shown_ledger(options)},
      {"ledger-schema", changed(options.ledger_schema, kUsual.ledger_schema)},
      {"subscription", options.subscription},
      {"push-subscription", options.push_subscription},
      {"dead-letter", options.dead_letter},
      {"project", options.project},
      {"metric-prefix", changed(options.metric_prefix, kUsual.metric_prefix)},
      {"monitoring-endpoint", changed(options.monitoring_endpoint, kUsual.monitoring_endpoint)},
      {"push-audience", options.push_audience},
      {"push-service-account", options.push_service_account},
      {"rules", options.rules_path},
      {"push-keys-url", changed(options.push_keys_url, kUsual.push_keys_url)},
      {"iap-audience", options.access.iap_audience},
      {"iap-keys-url", changed(options.access.iap_keys_url, kUsual.access.iap_keys_url)},
      {"reader-audience", options.access.reader_audience},
      {"reader-token-file", options.access.reader_token_file},
      {"metrics-address", options.access.metrics_address},
  };
  const AccessOptions& access = options.access;
  for (const std::string& reader : access.reader) given.emplace_back("reader", reader);
  if (access.readers && !access.readers_by_default) {  // else they and the writers are the defaults
    given.emplace_back("readers", name_of(*access.readers));
    for (const std::string& writer : access.writer) given.emplace_back("writer", writer);
  }
  if (options.settle != kUsual.settle) {
    given.emplace_back("settle", std::to_string(options.settle.count()) + "ms");
  }
  if (options.push_auth.value_or(PushAuth::none) != PushAuth::none) {
    given.emplace_back("push-auth", name_of(*options.push_auth));
  }
  for (const std::string& exporter : options.exports) {
    if (options.exports != kUsual.exports) given.emplace_back("export", exporter);
  }
  return given;
}

}  // namespace

std::string doctor_command(const ServeOptions& options, const std::vector<Option>& changes) {
  std::vector<Option> all = in_force(options);
  for (const auto& [name, value] : changes)
    std::erase_if(all, [&name = name](const Option& one) { return one.first == name; });
  all.insert(all.end(), changes.begin(), changes.end());
  doctor::ShellCommand command("walpulse-monitor doctor");
  for (const auto& [name, value] : all) command.option(name, value);
  return command.text() + (options.cloud_sql_iam ? " --cloud-sql-iam" : "");
}

std::string with_ledger(const ServeOptions& options, const std::string& ledger) {
  return doctor_command(options, {{"ledger", ledger}});
}

std::string with_schema(const ServeOptions& options, const std::string& schema) {
  return doctor_command(options, {{"ledger-schema", schema}});
}

std::string with_ledger_at(const ServeOptions& options, const std::string& host,
                           const std::string& port) {
  std::vector<database::DsnValue> changes{{"host", host}};
  if (!port.empty()) changes.insert(changes.end(), {{"hostaddr", ""}, {"port", port}});
  return with_ledger(options, database::shown_dsn(shown_ledger(options), changes));
}

}  // namespace walpulse::monitor
