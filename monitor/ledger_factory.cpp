#include "monitor/ledger_factory.h"

#include <utility>

#include "monitor/ledger_core.h"
#include "monitor/memory_storage.h"

namespace walpulse::monitor {
namespace {

Timestamp birth_of(const LedgerOptions& options) {
  return options.birth.value_or(
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()));
}

}  // namespace

std::unique_ptr<Ledger> make_memory_ledger(const LedgerOptions& options) {
  return std::make_unique<LedgerCore>(make_memory_storage(birth_of(options)), options);
}

}  // namespace walpulse::monitor
