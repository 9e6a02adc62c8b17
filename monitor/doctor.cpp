#include "monitor/doctor.h"

#include <cstdio>
#include <utility>

#include "monitor/doctor_checks.h"
#include "monitor/doctor_push.h"
#include "publisher/gcp/http_client.h"

namespace walpulse::monitor {
namespace {

std::vector<Check> checks_of(const ServeOptions& options) {
  if (is_postgres_ledger(options.ledger))
    return check_postgres(inspect_postgres({options.ledger, options.ledger_schema}),
                          options.ledger_schema);
  if (const auto file = ledger_file(ledger_name(options))) return check_file(*file);
  return check_memory();
}

}  // namespace

int doctor(const ServeOptions& options, const Environment& environment) {
  std::vector<Check> checks = checks_of(options);
  gcp::HttpOptions http_options;
  http_options.response_bytes_max = 64 << 10;  // Key sets and tokens have a few kilobytes.
  const auto http = gcp::make_http_client(http_options);
  for (Check& check : check_identity(*http, options, environment)) {
    checks.push_back(std::move(check));
  }
  std::fputs(doctor_text(checks).c_str(), stdout);
  return anything_failed(checks) ? 1 : 0;
}

}  // namespace walpulse::monitor
