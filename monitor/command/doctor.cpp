#include "monitor/command/doctor.h"

#include <cstdio>
#include <utility>

#include "monitor/command/doctor_checks.h"
#include "monitor/command/doctor_google.h"
#include "monitor/command/doctor_problems.h"
#include "monitor/command/doctor_push.h"
#include "monitor/command/doctor_readers.h"
#include "monitor/command/doctor_rules.h"
#include "monitor/command/ledger_script.h"
#include "publisher/doctor/report.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {
namespace {

std::vector<Check> checks_of_postgres(const ServeOptions& options) {
  const PostgresTarget target{options.ledger, options.ledger_schema};
  // First: its own statements would stumble over another client's.
  if (const auto server = behind_shared_sessions(target)) return {check_sessions(*server, options)};
  const auto facts = inspect_postgres(target);
  if (facts) return check_postgres(facts, options);
  return check_postgres(facts, options, database::answer_of(options.ledger));
}

std::vector<Check> checks_of(const ServeOptions& options) {
  if (is_postgres_ledger(options.ledger)) return checks_of_postgres(options);
  if (const auto file = ledger_file(ledger_name(options))) return check_file(*file);
  return check_memory(options);
}

}  // namespace

int doctor(const ServeOptions& options, const Environment& environment,
           const std::optional<Result<std::string>>& login) {
  if (options.print_sql) {
    std::fputs(ledger_script(options).c_str(), stdout);
    return 0;
  }
  std::vector<Check> checks;
  const auto append = [&checks](std::vector<Check> more) {
    for (Check& check : more) checks.push_back(std::move(check));
  };
  if (login) checks.push_back(check_login(*login));
  // Without the token the database could only say that there is none.
  if (!login || login->has_value()) append(checks_of(options));
  append(check_rules_file(options.rules_path));
  append(check_mixed_ends(options));
  http::ClientOptions http_options;
  http_options.response_bytes_max = 1 << 20;  // The list of our metrics is the longest answer.
  const auto http = http::make_client(http_options);
  append(check_push_door(*http, options, environment));
  append(check_readers(options, environment));
  append(check_google(*http, options, environment));
  std::fputs(doctor::text(checks).c_str(), stdout);
  return doctor::exit_code(checks);
}

}  // namespace walpulse::monitor
