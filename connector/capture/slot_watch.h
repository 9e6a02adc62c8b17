#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "connector/capture/status_board.h"

namespace walpulse::connector {

/// Asks the catalog every so often, over an ordinary connection of its own, what the slot retains,
/// and leaves it on the board: the receiving thread never waits for a query. Failures are retried
/// at the next turn. Runs for as long as the object lives.
class SlotWatch {
 public:
  SlotWatch(std::string dsn, std::string slot, std::chrono::milliseconds interval,
            StatusBoard& board);

 private:
  std::jthread thread_;
};

}  // namespace walpulse::connector
