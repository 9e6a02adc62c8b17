#include "monitor/reading/pipeline_summary.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "decoder/mage/pipeline_run.h"
#include "monitor/schedule/slots.h"
#include "monitor/watch/failed_slots.h"

namespace walpulse::monitor::reading {
namespace {

constexpr std::size_t kEndsPage = 500;
/// Ends among which completed runs are looked for: of a pipeline that mostly fails there are fewer.
constexpr std::size_t kEndsAskedForUsual = 200;

void take_durations(std::span<const RunEnd> ends, std::vector<double>& seconds) {
  for (const RunEnd& end : ends)
    if (end.status == mage::kCompleted && end.seconds && seconds.size() < kUsualMax)
      seconds.push_back(*end.seconds);
}

void read_ends(Transaction& in, PipelineSummary& summary, EndsWindow& window, Timestamp as_of,
               std::span<const RunKey> active) {
  RunStore& runs = in.runs();
  summary.last_ends = runs.ends_of(summary.table, summary.name, {}, kMinusInfinity, kLastEndsMax);
  if (!window.is_known()) summary.label_sets.reset();
  const auto take_labels = [&](std::span<const RunEnd> ends) {
    summary.label_sets = with_labels(std::move(summary.label_sets), ends);
  };
  take_labels(summary.last_ends);
  const auto more = [&](const EndsBefore& before) {
    auto ends =
        runs.ends_of(summary.table, summary.name, before, as_of - EndsWindow::kLength, kEndsPage);
    take_labels(ends);
    return ends;
  };
  window.follow(summary.last_ends, more, active);
  std::vector<double> seconds;
  take_durations(summary.last_ends, seconds);
  if (seconds.size() < kUsualMax && summary.last_ends.size() == kLastEndsMax) {
    const RunEnd& last = summary.last_ends.back();
    take_durations(runs.ends_of(summary.table, summary.name, {last.ended, last.key}, kMinusInfinity,
                                kEndsAskedForUsual - kLastEndsMax),
                   seconds);
  }
  summary.durations = durations_of(std::move(seconds));
}

void read_active(Transaction& in, PipelineSummary& summary, std::span<const RunKey> active) {
  summary.active_count = active.size();
  summary.active.clear();
  // The lowest ids are the oldest runs, of which an operator wants to know first.
  for (const StoredRun& stored : in.runs().peek(active.first(std::min(active.size(), kActiveMax))))
    if (stored.known) summary.active.push_back(active_facts(stored));
  std::ranges::stable_sort(summary.active, {},
                           [](const ActiveFacts& each) { return each.run.since; });
}

void read_slots(Transaction& in, PipelineSummary& summary) {
  summary.not_made_good.clear();
  const bool failed = summary.table != 0 &&
                      in.runs().failed_behind(summary.table, summary.name, std::nullopt).count > 0;
  for (TriggerSummary& trigger : summary.triggers) {
    trigger.last_run.reset();
    if (trigger.run_table == 0) continue;
    const auto runs = in.runs().slots(trigger.run_table, trigger.trigger->trigger.id,
                                      kMinusInfinity, kInfinity, failed ? kSlotRunsAsked : 1);
    if (!runs.empty()) trigger.last_run = runs.front();
    if (!failed) continue;
    const mage::PipelineSchedule& row = trigger.trigger->trigger;
    for (const SlotRun& slot : not_made_good(trigger.trigger->expectation, runs))
      summary.not_made_good.push_back({slot.slot, row.id, row.name.value_or(""), slot.run});
  }
  std::ranges::stable_sort(summary.not_made_good, std::ranges::greater{}, &NotMadeGood::slot);
}

}  // namespace

const std::string& TriggerSummary::pipeline() const {
  static const std::string kNone;
  const auto& name = trigger->trigger.pipeline_uuid;
  return name ? *name : kNone;
}

const TriggerSummary* PipelineSummary::next_due() const {
  const TriggerSummary* next = nullptr;
  for (const TriggerSummary& trigger : triggers)
    if (trigger.next && (next == nullptr || trigger.next->due < next->next->due)) next = &trigger;
  return next;
}

bool runs_unusually_long(const PipelineSummary& summary, const ActiveFacts& run, Timestamp as_of) {
  if (run.run.initial || run.run.orphaned || !summary.durations.usual || as_of <= run.run.since)
    return false;
  const std::chrono::duration<double> passed = as_of - run.run.since;
  return passed.count() > summary.durations.high;
}

std::optional<Unusual> unusual_of(const PipelineSummary& summary, Timestamp as_of) {
  for (const ActiveFacts& run : summary.active)
    if (runs_unusually_long(summary, run, as_of)) return Unusual{run.run.id, std::nullopt};
  if (summary.last_ends.empty()) return std::nullopt;
  const RunEnd& last = summary.last_ends.front();
  if (last.status != mage::kCompleted || !last.seconds ||
      !is_unusual(summary.durations, *last.seconds))
    return std::nullopt;
  return Unusual{last.key.run, last.seconds};
}

void read_summary(Transaction& in, PipelineSummary& summary, EndsWindow& window, Timestamp as_of) {
  if (summary.table != 0) {
    const auto active = in.runs().active_of(summary.table, summary.name);
    read_ends(in, summary, window, as_of, active);
    read_active(in, summary, active);
    const auto success = in.runs().last_success(summary.table, summary.name);
    summary.last_success.reset();
    if (success) summary.last_success = success->time;
  }
  read_slots(in, summary);
}

Timestamp pass_time(PipelineSummary& summary, const EndsWindow& window, Timestamp as_of) {
  summary.success = window.tally(as_of);
  Timestamp next = window.next_change(as_of);
  for (TriggerSummary& trigger : summary.triggers) {
    const auto sequence = SlotSequence::of(trigger.trigger->expectation);
    trigger.follows = sequence.has_value() && trigger.trigger->expectation.schedule_type == "TIME";
    trigger.next = sequence ? sequence->due_after(as_of) : std::nullopt;
    if (trigger.next) next = std::min(next, trigger.next->due);
  }
  return next;
}

}  // namespace walpulse::monitor::reading
