#include "monitor/storage/ledger_factory.h"

#include <utility>

#include "decoder/base/clock.h"
#include "monitor/ledger/ledger_core.h"
#include "monitor/storage/earlier_ledger.h"
#include "monitor/storage/memory/memory_storage.h"
#include "monitor/storage/postgres/postgres_inspection.h"
#include "monitor/storage/postgres/postgres_storage.h"
#include "monitor/storage/sqlite/sqlite_storage.h"

namespace walpulse::monitor {
namespace {

Timestamp birth_of(const LedgerOptions& options) { return options.birth.value_or(wall_clock()); }

}  // namespace

std::unique_ptr<Ledger> make_memory_ledger(const LedgerOptions& options) {
  return std::make_unique<LedgerCore>(make_memory_storage(birth_of(options)), options);
}

Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::filesystem::path& path,
                                                   const LedgerOptions& options) {
  auto storage = open_sqlite_storage(path, birth_of(options), options.lock_wait);
  if (!storage) return tl::unexpected(storage.error());
  return std::make_unique<LedgerCore>(*std::move(storage), options, sqlite_readers(path));
}

Result<std::unique_ptr<LedgerReader>> read_sqlite_ledger(const std::filesystem::path& path,
                                                         const LedgerOptions& options) {
  auto storage = open_sqlite_reading(path);
  if (!storage) return tl::unexpected(storage.error());
  return std::make_unique<LedgerCore>(*std::move(storage), options);
}

Result<std::unique_ptr<PageLedger>> show_sqlite_ledger(const std::filesystem::path& path,
                                                       const LedgerOptions& options) {
  auto storage = open_sqlite_beside(path);
  if (!storage) return tl::unexpected(storage.error());
  return std::make_unique<LedgerCore>(*std::move(storage), options, sqlite_readers(path));
}

Result<std::unique_ptr<Ledger>> open_postgres_ledger(const std::string& dsn,
                                                     const std::string& schema,
                                                     const LedgerOptions& options) {
  const PostgresTarget target{dsn, schema};
  auto storage = open_postgres_storage(target, birth_of(options));
  if (!storage) return tl::unexpected(storage.error());
  return std::make_unique<LedgerCore>(*std::move(storage), options, postgres_readers(target));
}

Result<std::unique_ptr<PageLedger>> read_postgres_ledger(const std::string& dsn,
                                                         const std::string& schema,
                                                         const LedgerOptions& options) {
  const PostgresTarget target{dsn, schema};
  const auto facts = inspect_postgres(target);
  if (!facts) return forward(facts);
  if (facts->version == 0)
    return fail(ErrorKind::unavailable, "there is no ledger in the schema " + schema +
                                            " of the database " + facts->database);
  if (facts->version < facts->known_version)
    return fail(ErrorKind::rejected, kEarlierLedger, kBringUpToDate);
  if (facts->version > facts->known_version)
    return fail(ErrorKind::rejected, "this ledger was written by a newer version of walpulse",
                "install that version");
  auto storage = postgres_readers(target).open();
  if (!storage) return forward(storage);
  return std::make_unique<LedgerCore>(*std::move(storage), options, postgres_readers(target));
}

}  // namespace walpulse::monitor
