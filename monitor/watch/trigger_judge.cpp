#include "monitor/watch/trigger_judge.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "monitor/schedule/slots.h"
#include "monitor/watch/rule_words.h"

namespace walpulse::monitor {
namespace {

/// The runs of longer ago may have been pruned: of a slot so old nobody knows whether it had one.
constexpr std::chrono::days kLookBackMax{28};

std::set<Timestamp> dates_of(std::span<const SlotRun> runs) {
  std::set<Timestamp> dates;
  for (const SlotRun& run : runs) dates.insert(run.slot);
  return dates;
}

template <class Visit>
void each_slot(const Trigger& trigger, Timestamp from, Timestamp until, const Visit& visit) {
  const auto sequence = SlotSequence::of(trigger);
  if (!sequence) return;
  for (auto slot = sequence->due_after(from); slot && slot->due <= until;
       slot = sequence->after(*slot))
    visit(*slot);
}

}  // namespace

Timestamp slots_begin(const Trigger& trigger, Timestamp as_of, std::size_t count) {
  const auto sequence = SlotSequence::of(trigger);
  return sequence ? sequence->begin_of_newest(as_of, count, as_of - kLookBackMax) : as_of;
}

std::optional<JudgedTrigger> judge_trigger(const KnownTrigger& trigger,
                                           std::span<const SlotRun> runs, Timestamp begin,
                                           const rules::Rules& rules, Timestamp as_of) {
  const std::string pipeline = trigger.trigger.pipeline_uuid.value_or("");
  const std::string name = trigger.trigger.name.value_or("");
  const rules::Policy policy = rules::policy_of(rules, {pipeline, trigger.source, name, {}});
  const auto tolerance = limit_of(policy.start_within.value);
  if (policy.ignore.value || !tolerance || pipeline.empty()) return std::nullopt;
  const auto sequence = SlotSequence::of(trigger.expectation);
  if (!sequence) return std::nullopt;

  JudgedTrigger judged;
  judged.slots = {
      trigger.source, pipeline, trigger.trigger.id, name, policy.severity.value, {}, {}};
  add_concerned(judged.slots.evidence, policy);
  const auto dates = dates_of(runs);
  const Timestamp due_by = as_of - *tolerance;
  auto slot = sequence->due_after(begin);
  for (; slot && slot->due <= due_by; slot = sequence->after(*slot)) {
    const bool has_run = dates.contains(slot->at);
    judged.slots.due.push_back({slot->at, has_run});
    if (has_run) continue;
    if (slot->closes > due_by) {
      if (slot->closes < kInfinity - *tolerance) judged.next = slot->closes + *tolerance;
    } else if (slot->at >= as_of - kLookBackMax) {
      judged.missed.push_back(slot->at);
    }
  }
  if (slot) judged.next = std::min(judged.next, slot->due + *tolerance);
  return judged;
}

std::optional<bool> slots_done(const Trigger& trigger, std::span<const SlotRun> runs,
                               Timestamp after, Timestamp until) {
  std::set<Timestamp> completed;
  for (const SlotRun& run : runs)
    if (run.completed) completed.insert(run.slot);
  std::optional<bool> done;
  each_slot(trigger, after, until,
            [&](const Slot& slot) { done = done.value_or(true) && completed.contains(slot.at); });
  return done;
}

}  // namespace walpulse::monitor
