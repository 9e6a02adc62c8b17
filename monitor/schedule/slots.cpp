#include "monitor/schedule/slots.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

constexpr std::chrono::microseconds kMicrosecond{1};

/// The first slot at or after `instant`, as far back as Unix time goes.
std::optional<Timestamp> slot_from(const Recurrence& recurrence, Timestamp instant) {
  return recurrence.next(std::max(instant, Timestamp{}) - kMicrosecond);
}

bool passed(Timestamp as_of, Timestamp instant, std::chrono::microseconds tolerance) {
  return as_of > kMinusInfinity + tolerance && as_of - tolerance > instant;
}

bool expects_slots(const Trigger& trigger) {
  return trigger.schedule_type == "TIME" && trigger.status == "ACTIVE" &&
         !trigger.schedule_interval.empty();
}

/// Whether the change that enabled the trigger is the one since which it is known.
bool seen_when_enabled(const Trigger& trigger) {
  if (!trigger.last_enabled_at) return false;
  const Timestamp enabled = std::min(*trigger.last_enabled_at, kInfinity - kEnablingCommitMax);
  return trigger.known_since <= enabled + kEnablingCommitMax;
}

}  // namespace

Result<SlotSequence> SlotSequence::of(const Trigger& trigger) {
  if (!expects_slots(trigger)) return SlotSequence(std::nullopt, trigger);
  const auto recurrence = Recurrence::read(
      trigger.schedule_interval, trigger.landing_time_enabled ? trigger.start_time : std::nullopt);
  if (!recurrence) return forward(recurrence);
  return SlotSequence(*recurrence, trigger);
}

SlotSequence::SlotSequence(const std::optional<Recurrence>& recurrence, const Trigger& trigger)
    : recurrence_(recurrence), due_from_(trigger.known_since) {
  if (!recurrence_) return;
  const Timestamp start = trigger.start_time.value_or(kMinusInfinity);
  std::optional<Timestamp> at;
  if (seen_when_enabled(trigger)) {
    const Timestamp enabled = *trigger.last_enabled_at;
    due_from_ = std::max(due_from_, enabled);
    at = slot_from(*recurrence_, std::max(enabled, start));
    if (trigger.create_initial_pipeline_run) {
      const auto initial = recurrence_->previous(enabled);
      if (initial && *initial >= start) at = initial;
    }
  } else {
    at = slot_from(*recurrence_, std::max(due_from_, start));
  }
  if (at) first_ = slot_at(*at);
  while (first_ && first_->due > first_->at && first_->closes - first_->due < kOpenMin)
    first_ = after(*first_);
}

Slot SlotSequence::slot_at(Timestamp at) const {
  return {at, std::max(at, due_from_), recurrence_->closes(at)};
}

std::optional<Slot> SlotSequence::due_after(Timestamp instant) const {
  if (!first_ || first_->due > instant) return first_;
  // All that is due later comes at its own instant.
  const auto at = recurrence_->next(instant);
  if (!at) return std::nullopt;
  return slot_at(*at);
}

std::optional<Slot> SlotSequence::after(const Slot& slot) const {
  if (!recurrence_) return std::nullopt;
  const auto at = recurrence_->next(slot.at);
  if (!at) return std::nullopt;
  return slot_at(*at);
}

Timestamp SlotSequence::begin_of_newest(Timestamp instant, std::size_t count,
                                        Timestamp not_before) const {
  if (!recurrence_) return instant;
  Timestamp begin = instant + kMicrosecond;
  for (std::size_t n = 0; n < count; ++n) {
    const auto at = recurrence_->previous(begin);
    if (!at || (n >= kSlotsKept && *at < not_before)) break;
    begin = *at;
  }
  return begin - kMicrosecond;
}

Result<ExpectedSlots> expected_slots(const Trigger& trigger, Timestamp from, Timestamp to,
                                     std::size_t most) {
  const auto sequence = SlotSequence::of(trigger);
  if (!sequence) return forward(sequence);
  ExpectedSlots expected;
  for (auto slot = sequence->due_after(from); slot && slot->due <= to;
       slot = sequence->after(*slot)) {
    if (expected.slots.size() >= most) {
      expected.more = true;
      break;
    }
    expected.slots.push_back(*slot);
  }
  return expected;
}

std::vector<OverdueSlot> missing(std::span<const Slot> slots,
                                 std::span<const Timestamp> execution_dates, Timestamp as_of,
                                 std::chrono::microseconds tolerance) {
  std::vector<Timestamp> dates(execution_dates.begin(), execution_dates.end());
  std::sort(dates.begin(), dates.end());
  std::vector<OverdueSlot> overdue;
  for (const Slot& slot : slots) {
    if (!passed(as_of, slot.due, tolerance)) continue;
    if (std::binary_search(dates.begin(), dates.end(), slot.at)) continue;
    overdue.push_back({slot, passed(as_of, slot.closes, tolerance)});
  }
  return overdue;
}

}  // namespace walpulse::monitor
