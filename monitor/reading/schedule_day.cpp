#include "monitor/reading/schedule_day.h"

#include <algorithm>
#include <map>

namespace walpulse::monitor::reading {
namespace {

/// A day has 1,440 minutes, 1,500 where clocks are set back.
constexpr std::size_t kSlotsOfDayMax = 1'500;
/// More than one run of a slot are backfills.
constexpr std::size_t kRunsOfTriggerMax = 20'000;

struct Made {
  std::int64_t run = 0;  ///< The newest.
  bool completed = false;
  bool failed = false;
};

std::map<Timestamp, Made> made_within(Transaction& in, const TriggerSummary& trigger,
                                      const Day& day) {
  std::map<Timestamp, Made> made;
  if (trigger.run_table == 0) return made;
  for (const SlotRun& run : in.runs().slots(trigger.run_table, trigger.trigger->trigger.id,
                                            day.from, day.to, kRunsOfTriggerMax)) {
    const auto [at, is_newest] = made.try_emplace(run.slot, Made{run.run, false, run.failed});
    at->second.completed = at->second.completed || run.completed;
  }
  return made;
}

std::vector<Slot> expected_within(const TriggerSummary& trigger, const Day& day) {
  std::vector<Slot> slots;
  const auto sequence = SlotSequence::of(trigger.trigger->expectation);
  if (!sequence) return slots;
  auto slot = sequence->due_after(day.from - std::chrono::microseconds(1));
  for (; slot && slot->at < day.to && slots.size() < kSlotsOfDayMax; slot = sequence->after(*slot))
    if (slot->at >= day.from) slots.push_back(*slot);
  return slots;
}

/// Of runs that neither completed nor failed: do they go on?
std::map<std::int64_t, bool> active_of(Transaction& in, const TriggerSummary& trigger,
                                       const std::map<Timestamp, Made>& made) {
  std::vector<RunKey> keys;
  for (const auto& [slot, each] : made)
    if (!each.completed && !each.failed) keys.push_back({trigger.run_table, each.run});
  std::ranges::sort(keys);
  std::map<std::int64_t, bool> active;
  for (const StoredRun& stored : in.runs().peek(keys))
    active[stored.key.run] = stored.known && stored.run.state.active;
  return active;
}

}  // namespace

std::optional<TriggerDay> read_day(Transaction& in, const PipelineEntry& entry,
                                   const TriggerSummary& trigger, const rules::Rules& rules,
                                   const Day& day, Timestamp as_of) {
  TriggerDay of;
  of.entry = &entry;
  of.trigger = &trigger;
  auto made = made_within(in, trigger, day);
  const auto active = active_of(in, trigger, made);
  const auto policy =
      rules::policy_of(rules, {entry.summary->name, entry.summary->source, trigger.name(), {}});
  const auto& tolerance = policy.start_within.value;
  const auto show = [&](SlotView slot) {
    if (of.slots.size() < kSlotsShown) of.slots.push_back(slot);
  };
  const auto outcome = [&](const Made& each) -> std::string_view {
    if (each.completed) return "completed";
    if (each.failed) return "failed";
    const auto at = active.find(each.run);
    return at != active.end() && at->second ? "running" : "cancelled";
  };
  const auto count = [&](const Made& each) {
    ++of.made;
    if (each.completed) ++of.completed;
    if (!each.completed && each.failed) ++of.failed;
  };
  for (const Slot& slot : expected_within(trigger, day)) {
    ++of.expected;
    const auto run = made.find(slot.at);
    if (run != made.end()) {
      count(run->second);
      show({slot.at, slot.due, outcome(run->second), run->second.run});
      made.erase(run);
      continue;
    }
    const bool missing = tolerance && slot.due <= as_of - *tolerance;
    if (missing) ++of.missing;
    show({slot.at, slot.due,
          missing             ? "missing"
          : slot.due <= as_of ? "due"
                              : "later",
          std::nullopt});
  }
  // What was made for slots of before the trigger was known to expect them.
  for (const auto& [slot, each] : made) {
    count(each);
    show({slot, slot, outcome(each), each.run});
  }
  std::ranges::stable_sort(of.slots, {}, &SlotView::slot);
  if (of.expected == 0 && of.made == 0) return std::nullopt;
  return of;
}

}  // namespace walpulse::monitor::reading
