#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/schedule/recurrence.h"
#include "monitor/schedule/trigger.h"

namespace walpulse::monitor {

/// A run that Mage owes.
struct Slot {
  Timestamp at;   ///< Its execution_date.
  Timestamp due;  ///< From when on Mage makes it: `at`, later where the trigger was enabled later.
  Timestamp closes;  ///< From when on Mage no longer makes it: missed slots are never made up.

  bool operator==(const Slot&) const = default;
};

/// The slots of one trigger as it is, in order. Read once, then asked; see expected_slots.
class SlotSequence {
 public:
  /// Fails where the interval cannot be followed: read_cron_fields says why. Mage makes no run
  /// either for what croniter refuses.
  static Result<SlotSequence> of(const Trigger& trigger);

  /// The first slot that becomes due after `instant`.
  std::optional<Slot> due_after(Timestamp instant) const;
  std::optional<Slot> after(const Slot& slot) const;
  /// From when on due_after() gives the newest `count` slots up to `instant`. Those before
  /// `not_before` are left out, but for the newest kSlotsKept.
  Timestamp begin_of_newest(Timestamp instant, std::size_t count, Timestamp not_before) const;
  static constexpr std::size_t kSlotsKept = 3;

 private:
  SlotSequence(const std::optional<Recurrence>& recurrence, const Trigger& trigger);

  Slot slot_at(Timestamp at) const;

  std::optional<Recurrence> recurrence_;  ///< Empty: it expects nothing.
  Timestamp due_from_;                    ///< Nothing is due before it.
  std::optional<Slot> first_;
};

struct ExpectedSlots {
  std::vector<Slot> slots;
  bool more = false;  ///< There are others: ask again from the last one's `due`.
};

inline constexpr std::size_t kSlotsMax = 1'000;

/// Mage's scheduler looks every 10 s, and a look takes a while. A slot of before the trigger was
/// enabled that closes sooner is not owed.
inline constexpr std::chrono::seconds kOpenMin{30};

/// The slots of `trigger` that become due in (from, to], at most `most`; no two are due at one
/// instant. As Mage's PipelineSchedule.should_schedule has it:
///
/// - An ACTIVE trigger of the type TIME makes a run for its current slot, where there is none yet.
///   Other states and types, `@once` and `@always_on` expect nothing.
/// - No slot before start_time, nor one before last_enabled_at; but with
///   `create_initial_pipeline_run` the one that is current when the trigger is enabled, unless it
///   closes within kOpenMin.
/// - Slots before `known_since` are not expected: whether their runs are there is not known. That
///   includes the initial one, unless the trigger was seen when it was enabled.
/// - With a landing time a slot is due when it comes, though Mage makes its run earlier.
Result<ExpectedSlots> expected_slots(const Trigger& trigger, Timestamp from, Timestamp to,
                                     std::size_t most = kSlotsMax);

/// How long after it was due a slot may be without a run before it is called overdue.
inline constexpr std::chrono::minutes kStartWithin{5};

struct OverdueSlot {
  Slot slot;
  /// Mage makes no run for it any more. Until then it is late, and may still come.
  bool missed = false;

  bool operator==(const OverdueSlot&) const = default;
};

/// Those of `slots` without a run, as of a watermark: all that was committed up to `as_of` is in
/// `execution_dates`, of the trigger's runs in any state and any order. Overdue is what was due,
/// and missed what closed, more than `tolerance` before `as_of`. With a later `as_of` and the same
/// runs no slot leaves the answer, and none that is missed becomes late again.
std::vector<OverdueSlot> missing(std::span<const Slot> slots,
                                 std::span<const Timestamp> execution_dates, Timestamp as_of,
                                 std::chrono::microseconds tolerance = kStartWithin);

}  // namespace walpulse::monitor
