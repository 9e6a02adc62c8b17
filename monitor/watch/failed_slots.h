#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/schedule/trigger.h"

namespace walpulse::monitor {

/// A slot of a trigger whose newest run failed, and that no run completed: not made good.
struct FailedSlot {
  std::string source;
  std::string pipeline;
  std::string trigger;  ///< Its name.
  Timestamp slot;
  std::int64_t run = 0;  ///< The newest.
  bool operator==(const FailedSlot&) const = default;
};

/// Of one trigger's runs, as RunStore::slots() gives them, the newest of each slot that was not
/// made good, in their order; none of a trigger that has no slots. Pure.
std::vector<SlotRun> not_made_good(const Trigger& trigger,
                                   const std::vector<SlotRun>& newest_first);

/// Of the triggers that are there, as far back as runs are kept: by trigger, the
/// oldest slot first, at most `count_max`. Only reads.
std::vector<FailedSlot> failed_slots(Transaction& in, const Context& context,
                                     std::size_t count_max);

}  // namespace walpulse::monitor
