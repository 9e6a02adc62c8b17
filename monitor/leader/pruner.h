#pragma once

#include <chrono>
#include <functional>

#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/ledger_maintenance.h"

namespace walpulse::monitor {

struct PruneOptions {
  /// Between two steps of one scan, so that messages come between.
  std::chrono::milliseconds step{1'000};
  /// From one scan to the next, and after a failure.
  std::chrono::milliseconds rest{600'000};
};

/// Takes out of the ledger what nothing needs any more, and writes again what an earlier version
/// wrote, in small steps, while this instance leads.
class Pruner {
 public:
  /// `ledger` must outlive it.
  Pruner(LedgerMaintenance& ledger, std::function<Timestamp()> now, PruneOptions options = {});

 private:
  std::chrono::milliseconds prune();

  LedgerMaintenance& ledger_;
  const std::function<Timestamp()> now_;
  const PruneOptions options_;
  PeriodicTask rounds_;  // Last: it uses the others.
};

}  // namespace walpulse::monitor
