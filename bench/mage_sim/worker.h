#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "bench/mage_sim/database.h"
#include "bench/mage_sim/world.h"

namespace walpulse::mage_sim {

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t changes = 0;
  std::uint64_t transactions = 0;
};

/// Executes `world`'s transactions on `database`, at most `changes_per_second` (0: as fast as they
/// go), until the world is at its end or `stopped` says so between two transactions.
Result<Tally> work_off(World& world, Database& database, double changes_per_second,
                       const std::function<bool()>& stopped);

}  // namespace walpulse::mage_sim
