#pragma once

#include "decoder/base/timestamp.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

/// The ledger's own clocks. What they show is read with the Context.
class ClockStore {
 public:
  virtual ~ClockStore() = default;
  virtual void save_last_end(Timestamp end) = 0;
  /// Only rises.
  virtual void save_intake(IntakeTime clock) = 0;
  /// Counts up Context::heard.
  virtual void note_heard() = 0;
};

}  // namespace walpulse::monitor
