#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/ledger_maintenance.h"

namespace walpulse::monitor {

/// How often the intake clock is looked at: some sixty times in the time that a message settles.
std::chrono::milliseconds settling_pause(std::chrono::milliseconds settle);

/// Moves the intake clock on, and has the ledger count what has settled by it. Every instance has
/// one: those that do not lead say that they took messages.
class Settler {
 public:
  /// `ledger` must outlive it.
  Settler(LedgerMaintenance& ledger, std::chrono::milliseconds settle);

  /// Why the last call failed; empty where it did not.
  std::string health() const;

 private:
  std::chrono::milliseconds settle();

  LedgerMaintenance& ledger_;
  const std::chrono::milliseconds pause_;
  mutable std::mutex mutex_;
  std::string trouble_;
  PeriodicTask rounds_;  // Last: it uses the others.
};

}  // namespace walpulse::monitor
