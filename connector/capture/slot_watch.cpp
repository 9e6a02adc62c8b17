#include "connector/capture/slot_watch.h"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "connector/catalog/catalog.h"

namespace walpulse::connector {
namespace {

Result<SlotSnapshot> ask(std::unique_ptr<Catalog>& catalog, const std::string& dsn,
                         const std::string& slot) {
  if (!catalog) {
    auto opened = Catalog::open(dsn, kQuestionTimeout);
    if (!opened) return tl::unexpected<Error>(opened.error());
    catalog = std::move(*opened);
  }
  const auto state = catalog->slot(slot);
  if (!state) return tl::unexpected<Error>(state.error());
  SlotSnapshot snapshot;
  if (!*state) return snapshot;
  snapshot.retained_bytes =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, (*state)->retained_bytes.value_or(0)));
  snapshot.safe_bytes = (*state)->safe_wal_bytes.value_or(-1);
  if ((*state)->restart_lsn) {
    snapshot.server_end = Lsn{(*state)->restart_lsn->value + snapshot.retained_bytes};
  }
  return snapshot;
}

void watch(std::stop_token stop, const std::string& dsn, const std::string& slot,
           std::chrono::milliseconds interval, StatusBoard& board) {
  ::pthread_setname_np(::pthread_self(), "slot-watch");
  std::unique_ptr<Catalog> catalog;
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    if (const auto snapshot = ask(catalog, dsn, slot)) {
      board.update([&](ConnectorStatus& status) { status.slot = *snapshot; });
    } else {
      spdlog::debug("slot state unknown reason={}", snapshot.error().message);
      catalog.reset();
    }
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, interval, [] { return false; });
  }
}

}  // namespace

SlotWatch::SlotWatch(std::string dsn, std::string slot, std::chrono::milliseconds interval,
                     StatusBoard& board)
    : thread_([dsn = std::move(dsn), slot = std::move(slot), interval,
               &board](std::stop_token stop) { watch(stop, dsn, slot, interval, board); }) {}

}  // namespace walpulse::connector
