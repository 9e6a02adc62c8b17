#include "monitor/watch/failed_slots.h"

#include "decoder/mage/tables.h"
#include "monitor/ledger/application/known_triggers.h"
#include "monitor/watch/fact_reader.h"

namespace walpulse::monitor {

std::vector<SlotRun> not_made_good(const Trigger& trigger,
                                   const std::vector<SlotRun>& newest_first) {
  std::vector<SlotRun> found;
  if (!has_slots(trigger)) return found;
  for (auto run = newest_first.begin(); run != newest_first.end();) {
    const SlotRun& newest = *run;
    bool completed = false;
    for (; run != newest_first.end() && run->slot == newest.slot; ++run)
      completed = completed || run->completed;
    if (newest.failed && !completed) found.push_back(newest);
  }
  return found;
}

std::vector<FailedSlot> failed_slots(Transaction& in, const Context& context,
                                     std::size_t count_max) {
  std::vector<FailedSlot> found;
  for (const SourceRow& table : context.sources) {
    if (mage::table_of(table.table) != mage::Table::triggers) continue;
    const SourceRow* runs = runs_beside(context, table);
    if (runs == nullptr) continue;
    for (const KnownTrigger& trigger : read_triggers(in, table)) {
      const auto slots = not_made_good(
          trigger.expectation, FactReader(in).slots(runs->id, trigger.trigger.id, kMinusInfinity));
      for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
        if (found.size() == count_max) return found;
        found.push_back({trigger.source, trigger.trigger.pipeline_uuid.value_or(""),
                         trigger.trigger.name.value_or(""), slot->slot, slot->run});
      }
    }
  }
  return found;
}

}  // namespace walpulse::monitor
