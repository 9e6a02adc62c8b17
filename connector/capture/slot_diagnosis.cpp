#include "connector/capture/slot_diagnosis.h"

#include <thread>

#include "connector/catalog/catalog.h"

namespace walpulse::connector {

Failure judge_with_slot(const SourceOptions& source, const Error& error) {
  std::optional<std::optional<SlotState>> slot;
  if (auto catalog = Catalog::open(source.dsn, kQuestionTimeout)) {
    const auto server = (*catalog)->server();
    auto state = (*catalog)->slot(source.slot);
    if (server && state && !says_nothing(server->in_recovery, *state)) slot = std::move(*state);
  }
  return judge(error, slot);
}

bool await_confirmed(const SourceOptions& source, Lsn position, std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  const auto catalog = Catalog::open(source.dsn, kQuestionTimeout);
  while (catalog && std::chrono::steady_clock::now() < deadline) {
    const auto slot = (*catalog)->slot(source.slot);
    if (!slot || !*slot) return false;
    if ((*slot)->confirmed_flush_lsn.value_or(Lsn{}) >= position) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return false;
}

}  // namespace walpulse::connector
