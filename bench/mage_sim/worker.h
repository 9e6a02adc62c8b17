#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "bench/mage_sim/database.h"
#include "bench/mage_sim/world.h"

namespace walpulse::mage_sim {

struct Pace {
  double changes_per_second = 0;  ///< Of pipeline_run; 0: as fast as they go.
  std::optional<std::chrono::duration<double>> duration;  ///< Of the live part.
};

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t changes = 0;  ///< Of pipeline_run.
  std::uint64_t transactions = 0;
  std::uint64_t past_runs = 0;         ///< Of those runs, of the history.
  bool past_commit_times_told = true;  ///< The history's commits bear its instants.
};

/// Executes `world`'s transactions on `database`: its history as fast as it goes, the live part at
/// `pace`, until the world is at its end, or `stopped` says so between two transactions.
Result<Tally> work_off(World& world, Database& database, const Pace& pace,
                       const std::function<bool()>& stopped);

}  // namespace walpulse::mage_sim
