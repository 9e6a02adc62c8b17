#include "monitor/doctor.h"

#include <cstdio>

#include "monitor/doctor_checks.h"

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

int doctor(const ServeOptions& options) {
  const std::vector<Check> checks = checks_of(options);
  std::fputs(doctor_text(checks).c_str(), stdout);
  return anything_failed(checks) ? 1 : 0;
}

}  // namespace walpulse::monitor
