#include "bench/mage_sim/worker.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
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

void print_history(std::uint64_t runs, Clock::duration took) {
  std::cout << "mage_sim: the history is written: " << runs << " runs, " << std::fixed
            << std::setprecision(1) << std::chrono::duration<double>(took).count() << " s"
            << std::endl;
}

}  // namespace

Result<Tally> work_off(World& world, Database& database, const Pace& pace,
                       const std::function<bool()>& stopped) {
  Tally tally;
  bool live = false;
  auto start = Clock::now();
  auto paced_since = start;
  double paced_changes = 0;
  const std::function<bool()> over = [&] {
    return stopped() || (live && pace.duration && Clock::now() - start >= *pace.duration);
  };
  while (!over()) {
    if (!live && world.live()) {
      live = true;
      const auto told = database.end_past();
      if (!told) return tl::unexpected(told.error());
      tally.past_commit_times_told = *told;
      if (world.history_count() > 0) print_history(world.history_count(), Clock::now() - start);
      start = paced_since = Clock::now();
      continue;
    }
    auto transaction = world.next();
    if (!transaction) break;
    if (transaction->due_ms) {
      wait_until(start + std::chrono::milliseconds(*transaction->due_ms), over);
      if (over()) break;
    }
    const auto changes = database.commit(*transaction);
    if (!changes) return tl::unexpected(changes.error());
    tally.changes += *changes;
    ++tally.transactions;
    if (transaction->still_ms > 0) {
      const std::chrono::milliseconds still(transaction->still_ms);
      wait_until(Clock::now() + still, over);
      paced_since += still;
    }
    if (!live || pace.changes_per_second <= 0 || transaction->unpaced || transaction->due_ms)
      continue;
    paced_changes += static_cast<double>(*changes);
    const std::chrono::duration<double> due(paced_changes / pace.changes_per_second);
    wait_until(paced_since + std::chrono::duration_cast<Clock::duration>(due), over);
  }
  tally.runs = world.created_count();
  tally.past_runs = world.history_count();
  return tally;
}

}  // namespace walpulse::mage_sim
