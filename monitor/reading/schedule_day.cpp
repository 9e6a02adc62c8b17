#include "monitor/reading/schedule_day.h"

#include <algorithm>
#include <map>
#include <utility>

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

/// Of each trigger, parallel to them: in one question for each table of runs.
std::vector<std::vector<SlotRun>> runs_within(Transaction& in,
                                              std::span<const ListedTrigger> triggers,
                                              const Day& day) {
  std::map<std::int64_t, std::vector<std::size_t>> by_table;
  for (std::size_t i = 0; i < triggers.size(); ++i)
    if (triggers[i].trigger->run_table != 0) by_table[triggers[i].trigger->run_table].push_back(i);
  std::vector<std::vector<SlotRun>> found(triggers.size());
  for (const auto& [table, places] : by_table) {
    std::vector<SlotsWanted> wanted;
    for (const std::size_t i : places)
      wanted.push_back({triggers[i].trigger->trigger->trigger.id, day.from, day.to});
    auto runs = in.runs().slots_of(table, wanted, kRunsOfTriggerMax);
    for (std::size_t i = 0; i < places.size(); ++i) found[places[i]] = std::move(runs[i]);
  }
  return found;
}

std::map<Timestamp, Made> made_of(const std::vector<SlotRun>& runs) {
  std::map<Timestamp, Made> made;
  for (const SlotRun& run : runs) {
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

/// `made` within the day.
std::optional<TriggerDay> view_day(Transaction& in, const ListedTrigger& listed,
                                   std::map<Timestamp, Made> made, const rules::Rules& rules,
                                   const Day& day, Timestamp as_of) {
  const auto& [entry, trigger] = listed;
  TriggerDay of;
  of.entry = entry;
  of.trigger = trigger;
  const auto active = active_of(in, *trigger, made);
  const auto policy =
      rules::policy_of(rules, {entry->summary->name, entry->summary->source, trigger->name(), {}});
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
  for (const Slot& slot : expected_within(*trigger, day)) {
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

}  // namespace

std::vector<std::optional<TriggerDay>> read_day(Transaction& in,
                                                std::span<const ListedTrigger> triggers,
                                                const rules::Rules& rules, const Day& day,
                                                Timestamp as_of) {
  const auto runs = runs_within(in, triggers, day);
  std::vector<std::optional<TriggerDay>> found;
  found.reserve(triggers.size());
  for (std::size_t i = 0; i < triggers.size(); ++i)
    found.push_back(view_day(in, triggers[i], made_of(runs[i]), rules, day, as_of));
  return found;
}

}  // namespace walpulse::monitor::reading
