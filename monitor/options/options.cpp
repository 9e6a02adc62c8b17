#include "monitor/options/options.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "decoder/base/pattern.h"
#include "monitor/options/access_options.h"
#include "monitor/options/push_options.h"
#include "monitor/options/settings.h"
#include "publisher/database/dsn.h"

namespace walpulse::monitor {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

}  // namespace

bool ServeOptions::exports_to(const std::string& exporter) const {
  return std::find(exports.begin(), exports.end(), exporter) != exports.end();
}

tl::expected<ServeOptions, config::Exit> parse_command_line(
    const std::vector<std::string>& arguments, const config::Sources& sources) {
  auto given = config::gather(program(), arguments, sources);
  if (!given) return tl::unexpected(given.error());
  ServeOptions defaults;
  defaults.command = static_cast<Command>(given->command());
  defaults.verb = given->verb();
  defaults.log.service = "walpulse-monitor";
  // The environment and the file name the running monitor's ledger, which may not be to be had:
  // whether rules are in order does not depend on it.
  const auto* ledger = given->find(*config::find_setting(program(), "ledger"));
  defaults.rules.against_ledger = defaults.command == Command::rules && ledger != nullptr &&
                                  ledger->from == config::Given::From::flag;
  auto options = config::understand(*std::move(given), settings(), std::move(defaults),
                                    [&sources](ServeOptions& whole) {
                                      settle_push(whole, sources.environment);
                                      settle_access(whole);
                                      return validate(whole, sources.environment);
                                    });
  if (!options) return options;
  // Of an environment that the connector shares it may be.
  if (!is_postgres_ledger(options->ledger)) options->cloud_sql_iam = false;
  options->log.project = options->project;
  options->log.to_stderr = options->exports_to("stdout") || (options->command != Command::serve &&
                                                             options->command != Command::page);
  return options;
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
  static const Pattern keyword("[[:space:]]*[a-z_]+[[:space:]]*=.*");
  return database::is_uri(ledger) || (!ledger.starts_with(kSqlite) && keyword.matches(ledger));
}

std::string ledger_name(const ServeOptions& options) {
  if (is_postgres_ledger(options.ledger))
    return "postgresql (schema " + options.ledger_schema + ")";
  return options.ledger.empty() ? default_ledger() : options.ledger;
}

std::optional<std::string> topic_of(const std::string& url) {
  static const Pattern topic(
      "pubsub://([a-z0-9.-]+:)?([a-z][a-z0-9-]{4,28}[a-z0-9])/([A-Za-z][A-Za-z0-9_.~+%-]{2,254})");
  const auto parts = topic.parts(url);
  if (parts.empty()) return std::nullopt;
  return "projects/" + parts[1] + parts[2] + "/topics/" + parts[3];
}

}  // namespace walpulse::monitor
