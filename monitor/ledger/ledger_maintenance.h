#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// What a call of advance() did.
struct Advanced {
  bool all = true;  ///< Nothing more is due.
};

struct Pruned {
  std::size_t run_count = 0;
  bool all_seen = false;  ///< The scan is through, and begins anew with the next call.
  /// Runs that an earlier build wrote, and that were written again.
  std::size_t rewritten_run_count = 0;
  /// Messages set aside that were too old or took too much, and were nowhere else.
  std::int64_t dropped_count = 0;
};

/// What is done to the ledger beside the flow of messages.
class LedgerMaintenance {
 public:
  virtual ~LedgerMaintenance() = default;
  /// Every instance's, every few seconds by its steady clock. Where any instance took messages, the
  /// leader's call moves the intake clock on by the time since it last moved, 10 s at most; then it
  /// counts what has settled by it.
  virtual Result<Advanced> advance(std::chrono::steady_clock::time_point now) = 0;
  /// The leader's: looks at the next runs, by turns at all, removes those that nothing needs any
  /// more, and writes those of an earlier build again.
  virtual Result<Pruned> prune(Timestamp now) = 0;
  /// Has this epoch of every table of this name count, whoever else has the name; its rejected
  /// messages can be redriven then. How many tables that were.
  virtual Result<std::size_t> accept_epoch(const std::string& name, std::uint64_t epoch) = 0;
};

}  // namespace walpulse::monitor
