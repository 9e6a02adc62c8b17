#pragma once

#include <chrono>
#include <string>

#include "decoder/base/result.h"

namespace walpulse::monitor {

/// Which of the instances that share a ledger leads: it alone exports, prunes and forwards.
struct Leadership {
  bool ours = false;
  std::string leader;  ///< Its name; empty while nobody ever led.
};

class LeaderElection {
 public:
  virtual ~LeaderElection() = default;
  /// Takes the lead where nobody has it, or prolongs it: for `ttl` from before the call, by the
  /// steady clock. Without a later call the lead ends by then.
  virtual Result<Leadership> lead(std::chrono::milliseconds ttl) = 0;
  /// Gives the lead up, if it is ours.
  virtual Result<void> resign() = 0;
  /// As of the last lead(); does not ask the storage.
  virtual Leadership leadership() const = 0;
};

}  // namespace walpulse::monitor
