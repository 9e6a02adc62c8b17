#include "monitor/reading/pipeline_summary.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "decoder/base/parts.h"
#include "decoder/mage/pipeline_run.h"
#include "monitor/schedule/slots.h"
#include "monitor/watch/failed_slots.h"

namespace walpulse::monitor::reading {
namespace {

constexpr std::size_t kEndsPage = 500;
/// Ends among which completed runs are looked for: of a pipeline that mostly fails there are fewer.
constexpr std::size_t kEndsAskedForUsual = 200;
/// Of so many pipelines one question asks: an answer stands in memory as a whole.
constexpr std::size_t kReadTogether = 100;
/// Of so many active runs, which are whole timelines.
constexpr std::size_t kPeekedTogether = 500;
/// Of so many triggers, where it asks for kSlotRunsAsked runs of each.
constexpr std::size_t kFailingTogether = 20;

void take_durations(std::span<const RunEnd> ends, std::vector<double>& seconds) {
  for (const RunEnd& end : ends)
    if (end.status == mage::kCompleted && end.seconds && seconds.size() < kUsualMax)
      seconds.push_back(*end.seconds);
}

void follow_ends(RunStore& runs, const SummaryWanted& wanted, std::span<const RunKey> active) {
  PipelineSummary& summary = *wanted.summary;
  if (!wanted.window->is_known()) summary.label_sets.reset();
  const auto take_labels = [&](std::span<const RunEnd> ends) {
    summary.label_sets = with_labels(std::move(summary.label_sets), ends);
  };
  take_labels(summary.last_ends);
  const auto more = [&](const EndsBefore& before) {
    auto ends = runs.ends_of(summary.table, summary.name, before,
                             wanted.as_of - EndsWindow::kLength, kEndsPage);
    take_labels(ends);
    return ends;
  };
  wanted.window->follow(summary.last_ends, more, active);
}

/// Of those whose newest ends do not say it, by older ones.
void read_durations(RunStore& runs, std::int64_t table, std::span<const SummaryWanted> part) {
  std::vector<std::vector<double>> seconds(part.size());
  std::vector<EndsWanted> older;
  std::vector<std::size_t> whose;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const std::vector<RunEnd>& ends = part[i].summary->last_ends;
    take_durations(ends, seconds[i]);
    if (seconds[i].size() == kUsualMax || ends.size() < kLastEndsMax) continue;
    older.push_back({part[i].summary->name, {ends.back().ended, ends.back().key}});
    whose.push_back(i);
  }
  if (!older.empty()) {
    const auto ends =
        runs.ends_of_each(table, older, kMinusInfinity, kEndsAskedForUsual - kLastEndsMax);
    for (std::size_t i = 0; i < ends.size(); ++i) take_durations(ends[i], seconds[whose[i]]);
  }
  for (std::size_t i = 0; i < part.size(); ++i)
    part[i].summary->durations = durations_of(std::move(seconds[i]));
}

/// The lowest ids are the oldest runs, of which an operator wants to know first.
void read_active(RunStore& runs, std::span<const SummaryWanted> part,
                 std::span<const PipelineStanding> standings) {
  std::vector<std::pair<RunKey, PipelineSummary*>> wanted;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const std::vector<RunKey>& active = standings[i].active;
    part[i].summary->active_count = active.size();
    part[i].summary->active.clear();
    for (const RunKey& key : std::span(active).first(std::min(active.size(), kActiveMax)))
      wanted.emplace_back(key, part[i].summary);
  }
  std::ranges::sort(wanted);
  for (const auto some : parts_of(std::span(wanted), kPeekedTogether)) {
    std::vector<RunKey> keys;
    for (const auto& [key, summary] : some) keys.push_back(key);
    const auto peeked = runs.peek(keys);
    for (std::size_t i = 0; i < peeked.size(); ++i)
      if (peeked[i].known) some[i].second->active.push_back(active_facts(peeked[i]));
  }
  for (const SummaryWanted& each : part)
    std::ranges::stable_sort(each.summary->active, {},
                             [](const ActiveFacts& run) { return run.run.since; });
}

/// Summaries of one table of runs.
void read_runs(RunStore& runs, std::int64_t table, std::span<const SummaryWanted> part) {
  std::vector<std::string> names;
  std::vector<EndsWanted> newest;
  for (const SummaryWanted& each : part) {
    names.push_back(each.summary->name);
    newest.push_back({each.summary->name});
  }
  const auto standings = runs.standings(table, names);
  auto ends = runs.ends_of_each(table, newest, kMinusInfinity, kLastEndsMax);
  for (std::size_t i = 0; i < part.size(); ++i) {
    PipelineSummary& summary = *part[i].summary;
    summary.last_ends = std::move(ends[i]);
    summary.last_ends.shrink_to_fit();  // Kept for as long as no run of the pipeline changes.
    follow_ends(runs, part[i], standings[i].active);
    summary.last_success.reset();
    if (standings[i].success) summary.last_success = standings[i].success->time;
  }
  read_active(runs, part, standings);
  read_durations(runs, table, part);
}

/// A trigger whose slots are to be read, and whose it is.
struct TriggerWanted {
  PipelineSummary* summary = nullptr;
  TriggerSummary* trigger = nullptr;
};

/// Gives `take` each with its newest runs for slots.
template <class Take>
void read_slots(RunStore& runs, std::int64_t table, std::span<const TriggerWanted> triggers,
                std::size_t count_max, const Take& take) {
  std::vector<SlotsWanted> wanted;
  for (const TriggerWanted& each : triggers)
    wanted.push_back({each.trigger->trigger->trigger.id, kMinusInfinity});
  const auto slots = runs.slots_of(table, wanted, count_max);
  for (std::size_t i = 0; i < slots.size(); ++i) take(triggers[i], slots[i]);
}

/// The pipelines among those of the triggers that have a run that failed.
std::set<std::string> failed_ones(RunStore& runs, std::int64_t table,
                                  std::span<const TriggerWanted> triggers) {
  std::set<std::string> all;
  for (const TriggerWanted& each : triggers) all.insert(each.summary->name);
  const std::vector<std::string> names(all.begin(), all.end());
  const std::vector<bool> have_failed = runs.have_failed(table, names);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!have_failed[i]) all.erase(names[i]);
  return all;
}

/// Triggers of one table of runs.
void read_triggers(RunStore& runs, std::int64_t table, std::span<const TriggerWanted> triggers) {
  read_slots(runs, table, triggers, 1,
             [](const TriggerWanted& of, const std::vector<SlotRun>& newest) {
               of.trigger->last_run.reset();
               if (!newest.empty()) of.trigger->last_run = newest.front();
             });
  const std::set<std::string> failed = failed_ones(runs, table, triggers);
  std::vector<TriggerWanted> failing;
  for (const TriggerWanted& each : triggers)
    if (failed.contains(each.summary->name)) failing.push_back(each);
  for (const auto part : parts_of(std::span<const TriggerWanted>(failing), kFailingTogether))
    read_slots(runs, table, part, kSlotRunsAsked,
               [](const TriggerWanted& of, const std::vector<SlotRun>& newest) {
                 const mage::PipelineSchedule& row = of.trigger->trigger->trigger;
                 for (const SlotRun& slot : not_made_good(of.trigger->trigger->expectation, newest))
                   of.summary->not_made_good.push_back(
                       {slot.slot, row.id, row.name.value_or(""), slot.run});
               });
}

void read_part(RunStore& runs, std::span<const SummaryWanted> part) {
  std::map<std::int64_t, std::vector<SummaryWanted>> by_table;
  std::map<std::int64_t, std::vector<TriggerWanted>> triggers;  // By their tables of runs.
  for (const SummaryWanted& each : part) {
    if (each.summary->table != 0) by_table[each.summary->table].push_back(each);
    each.summary->not_made_good.clear();
    for (TriggerSummary& trigger : each.summary->triggers)
      if (trigger.run_table != 0) triggers[trigger.run_table].push_back({each.summary, &trigger});
  }
  for (const auto& [table, all] : by_table) read_runs(runs, table, all);
  for (const auto& [table, all] : triggers) read_triggers(runs, table, all);
  for (const SummaryWanted& each : part)
    std::ranges::stable_sort(each.summary->not_made_good, std::ranges::greater{},
                             &NotMadeGood::slot);
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

void read_summaries(Transaction& in, std::span<const SummaryWanted> wanted) {
  for (const auto part : parts_of(wanted, kReadTogether)) read_part(in.runs(), part);
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
