#pragma once

#include <rapidcheck.h>

#include <chrono>
#include <memory>
#include <utility>

#include "monitor/ledger/ledger_core.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::testing {

/// A ledger that leads, settles after three minutes, and whose intake clock the test moves.
class ClockedLedger {
 public:
  explicit ClockedLedger(std::unique_ptr<Storage> storage)
      : storage_(storage.get()), ledger_(std::move(storage), options()) {
    RC_ASSERT(ledger_.lead(std::chrono::hours(1)).has_value());
  }
  LedgerCore* operator->() { return &ledger_; }
  LedgerCore& operator*() { return ledger_; }

  void move_to(double seconds) {
    RC_ASSERT(storage_->begin(Intent::share).has_value());
    storage_->transaction().clocks().save_intake(
        IntakeTime(static_cast<std::int64_t>(seconds * 1000)));
    RC_ASSERT(storage_->commit().has_value());
  }
  /// Counts what has settled by now.
  void settle() {
    for (bool all = false; !all;) {
      const auto advanced = ledger_.advance(std::chrono::steady_clock::time_point{});
      RC_ASSERT(advanced.has_value());
      all = advanced->all;
    }
  }

 private:
  static LedgerOptions options() {
    LedgerOptions options;
    options.birth = kBirth;
    options.settle = std::chrono::minutes(3);
    return options;
  }
  Storage* storage_;
  LedgerCore ledger_;
};

}  // namespace walpulse::monitor::testing
