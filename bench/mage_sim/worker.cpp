#include "bench/mage_sim/worker.h"

#include <algorithm>
#include <thread>

namespace walpulse::mage_sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kNapMax{50};  // How long a stop may go unnoticed.

void wait_until(Clock::time_point due, const std::function<bool()>& stopped) {
  while (!stopped()) {
    const auto now = Clock::now();
    if (now >= due) return;
    std::this_thread::sleep_for(std::min<Clock::duration>(due - now, kNapMax));
  }
}

}  // namespace

Result<Tally> work_off(World& world, Database& database, double changes_per_second,
                       const std::function<bool()>& stopped) {
  Tally tally;
  const auto start = Clock::now();
  while (!stopped()) {
    auto transaction = world.next();
    if (!transaction) break;
    const auto changes = database.commit(*transaction);
    if (!changes) return tl::unexpected(changes.error());
    tally.changes += *changes;
    ++tally.transactions;
    if (changes_per_second > 0) {
      const std::chrono::duration<double> due(static_cast<double>(tally.changes) /
                                              changes_per_second);
      wait_until(start + std::chrono::duration_cast<Clock::duration>(due), stopped);
    }
  }
  tally.runs = world.created_count();
  return tally;
}

}  // namespace walpulse::mage_sim
