#include "monitor/service/ledger_opening.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "decoder/base/error_context.h"
#include "decoder/base/host_name.h"
#include "decoder/base/logging.h"
#include "monitor/storage/ledger_factory.h"

namespace walpulse::monitor {
namespace {

/// What may not be looked at counts as there: opening it says why it cannot be had.
bool may_exist(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error) || error;
}

LedgerOptions ledger_options_of(const ServeOptions& options) {
  LedgerOptions ledger_options;
  ledger_options.settle = options.settle;
  ledger_options.forget_after = options.forget_after;
  ledger_options.keep_runs = options.keep_runs;
  ledger_options.export_gap_min = std::chrono::seconds(10);
  ledger_options.instance = instance_name();
  return ledger_options;
}

}  // namespace

std::string instance_name() {
  const std::string host = host_name();
  return (host.empty() ? "" : host + '/') + std::to_string(::getpid());
}

Result<std::unique_ptr<Ledger>> open_ledger(const ServeOptions& options) {
  const LedgerOptions ledger_options = ledger_options_of(options);
  if (is_postgres_ledger(options.ledger))
    return open_postgres_ledger(options.ledger, options.ledger_schema, ledger_options);
  if (const auto file = ledger_file(ledger_name(options)))
    return open_sqlite_ledger(*file, ledger_options);
  SPDLOG_WARN("the memory ledger forgets everything when this program ends");
  return make_memory_ledger(ledger_options);
}

Result<std::unique_ptr<Ledger>> open_existing_ledger(const ServeOptions& options) {
  const auto file = ledger_file(ledger_name(options));
  if (file && !may_exist(*file))
    return fail(ErrorKind::unavailable, "there is no ledger " + file->string());
  auto ledger = open_ledger(options);
  if (!ledger)
    return fail(
        of_kind(ErrorKind::unavailable, in_context("cannot open the ledger", ledger.error())));
  return ledger;
}

Result<std::unique_ptr<LedgerReader>> read_ledger(const ServeOptions& options) {
  const auto file = ledger_file(ledger_name(options));
  if (!file) return show_ledger(options);
  if (!may_exist(*file))
    return fail(ErrorKind::unavailable, "there is no ledger " + file->string());
  return read_sqlite_ledger(*file, ledger_options_of(options));
}

Result<std::unique_ptr<PageLedger>> show_ledger(const ServeOptions& options) {
  if (const auto file = ledger_file(ledger_name(options))) {
    if (!may_exist(*file))
      return fail(ErrorKind::unavailable, "there is no ledger " + file->string());
    return show_sqlite_ledger(*file, ledger_options_of(options));
  }
  if (is_postgres_ledger(options.ledger))
    return read_postgres_ledger(options.ledger, options.ledger_schema, ledger_options_of(options));
  return fail(ErrorKind::unavailable, "a ledger in memory is read by nobody but its own process",
              "name the ledger of a running monitor: --ledger sqlite:FILE or postgresql://...");
}

}  // namespace walpulse::monitor
