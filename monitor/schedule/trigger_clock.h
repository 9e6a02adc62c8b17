#pragma once

#include <optional>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/schedule/slots.h"

namespace walpulse::monitor {

/// One trigger's slots as time passes. Between slots a look is one comparison: a thousand triggers
/// looked at once a second cost some microseconds. One thread uses it.
class TriggerClock {
 public:
  /// Of the slots that become due after `from`. Fails as SlotSequence::of.
  static Result<TriggerClock> start(const Trigger& trigger, Timestamp from);

  /// When the next slot becomes due; kInfinity where none does.
  Timestamp next_due() const { return next_ ? next_->due : kInfinity; }

  /// The slots that became due up to `as_of` and were not told yet. At most kSlotsMax at once:
  /// after a long sleep next_due() may still not be later than `as_of`, and the next call goes on.
  /// An earlier `as_of` than before tells none.
  std::vector<Slot> take_due(Timestamp as_of) {
    return as_of < next_due() ? std::vector<Slot>() : advance(as_of);
  }

 private:
  TriggerClock(const SlotSequence& sequence, std::optional<Slot> next)
      : sequence_(sequence), next_(next) {}

  std::vector<Slot> advance(Timestamp as_of);

  SlotSequence sequence_;
  std::optional<Slot> next_;
};

}  // namespace walpulse::monitor
