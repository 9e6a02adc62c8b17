#include "monitor/service/ledger_opening.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "decoder/base/error_context.h"
#include "decoder/base/host_name.h"
#include "decoder/base/logging.h"
#include "monitor/storage/ledger_factory.h"

namespace walpulse::monitor {
namespace {

/// What the others, and whoever asks them, call this process.
std::string instance_name() {
  const std::string host = host_name();
  return (host.empty() ? "" : host + '/') + std::to_string(::getpid());
}

}  // namespace

Result<std::unique_ptr<Ledger>> open_ledger(const ServeOptions& options) {
  LedgerOptions ledger_options;
  ledger_options.settle = options.settle;
  ledger_options.forget_after = options.forget_after;
  ledger_options.export_gap_min = std::chrono::seconds(10);
  ledger_options.instance = instance_name();
  if (is_postgres_ledger(options.ledger))
    return open_postgres_ledger(options.ledger, options.ledger_schema, ledger_options);
  if (const auto file = ledger_file(ledger_name(options)))
    return open_sqlite_ledger(*file, ledger_options);
  SPDLOG_WARN("the memory ledger forgets everything when this program ends");
  return make_memory_ledger(ledger_options);
}

Result<std::unique_ptr<Ledger>> open_existing_ledger(const ServeOptions& options) {
  const auto file = ledger_file(ledger_name(options));
  if (file && !std::filesystem::exists(*file))
    return fail(ErrorKind::unavailable, "there is no ledger " + file->string());
  auto ledger = open_ledger(options);
  if (!ledger)
    return fail(
        of_kind(ErrorKind::unavailable, in_context("cannot open the ledger", ledger.error())));
  return ledger;
}

}  // namespace walpulse::monitor
