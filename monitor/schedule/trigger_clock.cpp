#include "monitor/schedule/trigger_clock.h"

namespace walpulse::monitor {

Result<TriggerClock> TriggerClock::start(const Trigger& trigger, Timestamp from) {
  const auto sequence = SlotSequence::of(trigger);
  if (!sequence) return forward(sequence);
  return TriggerClock(*sequence, sequence->due_after(from));
}

std::vector<Slot> TriggerClock::advance(Timestamp as_of) {
  std::vector<Slot> due;
  for (; next_ && next_->due <= as_of && due.size() < kSlotsMax; next_ = sequence_.after(*next_))
    due.push_back(*next_);
  return due;
}

}  // namespace walpulse::monitor
