#pragma once

#include <optional>
#include <span>
#include <vector>

#include "monitor/ledger/ledger_reader.h"
#include "monitor/ledger/stores/runs.h"
#include "monitor/problems/slot_findings.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor {

/// How many of a trigger's newest slots are looked at: more at the first look, which has to find
/// what happened while nobody led.
inline constexpr std::size_t kSlotsAtFirst = 1'000;
inline constexpr std::size_t kSlotsLater = 100;

/// One trigger's slots by the rules.
struct JudgedTrigger {
  TriggerSlots slots;
  /// Without a run for good, oldest first: Mage has gone on to the next slot.
  std::vector<Timestamp> missed;
  Timestamp next = kInfinity;  ///< With the same runs all of this is the same up to then.
};

/// From when on a trigger's runs must be read to judge its newest `count` slots.
Timestamp slots_begin(const Trigger& trigger, Timestamp as_of, std::size_t count);

/// `runs` are those that it made for slots from `begin` on, in any order. A slot counts as due its
/// rules' `start_within` after it. Nothing where the rules watch no slots of it, or its interval
/// cannot be followed. Pure.
std::optional<JudgedTrigger> judge_trigger(const KnownTrigger& trigger,
                                           std::span<const SlotRun> runs, Timestamp begin,
                                           const rules::Rules& rules, Timestamp as_of);

/// Whether each slot in (after, until] has a run that completed; nothing where there is no slot.
std::optional<bool> slots_done(const Trigger& trigger, std::span<const SlotRun> runs,
                               Timestamp after, Timestamp until);

}  // namespace walpulse::monitor
