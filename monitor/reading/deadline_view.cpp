#include "monitor/reading/deadline_view.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/rules/deadline.h"
#include "monitor/watch/trigger_judge.h"

namespace walpulse::monitor::reading {
namespace {

/// A trigger of every five minutes for a week.
constexpr std::size_t kDeadlineSlotsMax = 2'016;

Timestamp just_before(Timestamp at) { return at - std::chrono::microseconds(1); }

Timestamp started(const RunEnd& end) {
  const std::chrono::duration<double> took(end.seconds.value_or(0));
  return end.ended - std::chrono::duration_cast<std::chrono::microseconds>(took);
}

class DeadlineReader {
 public:
  DeadlineReader(Transaction& in, const PipelineSummary& summary, const DoneBy& done_by,
                 const std::vector<RunEnd>& ends)
      : in_(in), summary_(summary), done_by_(done_by), ends_(ends) {
    for (const RunEnd& end : ends)
      if (end.status == mage::kCompleted) completed_.emplace(end.key.run, end.ended);
  }

  void read_slots(Timestamp from) {
    for (const TriggerSummary& trigger : summary_.triggers) {
      if (trigger.run_table == 0) continue;
      slots_.emplace_back(&trigger, in_.runs().slots(trigger.run_table, trigger.trigger->trigger.id,
                                                     from, kInfinity, kDeadlineSlotsMax));
    }
  }

  /// By what its slots, or the runs that started in time, say.
  DeadlineWork work(Timestamp after, Timestamp at) const {
    if (done_by_.each.empty())
      if (const auto done = slots_done_by(after, at))
        return {after, at, *done, *done ? slots_done_at(after, at) : std::nullopt};
    const auto done_at = runs_done_at(after, at);
    return {after, at, done_at.has_value(), done_at};
  }

  /// The same where it has to be right, however long ago the runs were; also what was done late.
  DeadlineWork exact_work(Timestamp after, Timestamp at) const {
    if (done_by_.each.empty() && slots_done_by(after, at)) return work(after, at);
    DeadlineWork found{after, at, false, runs_done_at(after, kInfinity)};
    std::vector<telemetry::Labels> labels;
    for (const std::string& bytes :
         in_.runs().completed_after(summary_.table, summary_.name, after))
      labels.push_back(decode_labels(bytes).value_or(telemetry::Labels{}));
    found.done = !labels.empty();
    for (const auto& [label, values] : done_by_.each)
      for (const std::string& value : values)
        found.done = found.done && std::ranges::any_of(labels, [&, &of = label](const auto& set) {
                       const auto own = set.find(of);
                       return own != set.end() && own->second == value;
                     });
    if (!found.done) found.done_at.reset();
    return found;
  }

  bool knows_of_before(Timestamp at) const {
    return (!ends_.empty() && ends_.back().ended <= at) ||
           std::ranges::any_of(slots_, [&](const auto& each) {
             return !each.second.empty() && each.second.back().slot <= at;
           });
  }

  /// The last slot that becomes due within (after, until].
  std::optional<Slot> last_slot(Timestamp after, Timestamp until) const {
    std::optional<Slot> last;
    for (const TriggerSummary& trigger : summary_.triggers) {
      const auto sequence = SlotSequence::of(trigger.trigger->expectation);
      if (!sequence) continue;
      auto slot = sequence->due_after(after);
      for (std::size_t i = 0; slot && slot->due <= until && i < kDeadlineSlotsMax; ++i) {
        if (!last || last->due < slot->due) last = slot;
        slot = sequence->after(*slot);
      }
    }
    return last;
  }

 private:
  std::optional<bool> slots_done_by(Timestamp after, Timestamp at) const {
    std::optional<bool> all;
    for (const auto& [trigger, runs] : slots_) {
      const auto done = slots_done(trigger->trigger->expectation, runs, after, at);
      if (done) all = all.value_or(true) && *done;
    }
    return all;
  }

  /// When the last of the slots was first completed.
  std::optional<Timestamp> slots_done_at(Timestamp after, Timestamp at) const {
    std::optional<Timestamp> last;
    for (const auto& [trigger, runs] : slots_) {
      std::map<Timestamp, Timestamp> first_ends;
      for (const SlotRun& run : runs) {
        if (!run.completed || run.slot <= after || run.slot > at) continue;
        const auto end = completed_.find(run.run);
        if (end == completed_.end()) return std::nullopt;
        const auto [known, is_new] = first_ends.try_emplace(run.slot, end->second);
        if (!is_new) known->second = std::min(known->second, end->second);
      }
      for (const auto& [slot, end] : first_ends) last = std::max(last.value_or(end), end);
    }
    return last;
  }

  template <class IsOf>
  std::optional<Timestamp> first_completed(Timestamp after, Timestamp until,
                                           const IsOf& is_of) const {
    std::optional<Timestamp> first;
    for (const RunEnd& end : ends_) {
      if (end.ended <= after) break;
      const Timestamp began = started(end);
      if (end.status == mage::kCompleted && began > after && began <= until && is_of(end))
        first = end.ended;
    }
    return first;
  }

  std::optional<Timestamp> runs_done_at(Timestamp after, Timestamp until) const {
    if (done_by_.each.empty())
      return first_completed(after, until, [](const RunEnd&) { return true; });
    std::optional<Timestamp> last;
    for (const auto& [label, values] : done_by_.each)
      for (const std::string& value : values) {
        const auto first = first_completed(after, until, [&, &of = label](const RunEnd& end) {
          const auto labels = decode_labels(end.labels).value_or(telemetry::Labels{});
          const auto own = labels.find(of);
          return own != labels.end() && own->second == value;
        });
        if (!first) return std::nullopt;
        last = std::max(last.value_or(*first), *first);
      }
    return last;
  }

  Transaction& in_;
  const PipelineSummary& summary_;
  const DoneBy& done_by_;
  const std::vector<RunEnd>& ends_;
  std::map<std::int64_t, Timestamp> completed_;
  std::vector<std::pair<const TriggerSummary*, std::vector<SlotRun>>> slots_;
};

std::chrono::microseconds whole_seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

std::optional<DoneBy> done_by_of(const rules::Policy& policy) {
  if (!policy.done_by.value || policy.ignore.value) return std::nullopt;
  DoneBy done_by{*policy.done_by.value, {}};
  for (const auto& [label, values] : policy.expect_each) done_by.each.emplace(label, values.value);
  return done_by;
}

DeadlinePair deadlines_around(const DoneBy& done_by, const rules::TimeZone& zone, Timestamp as_of) {
  return {rules::previous_deadline(done_by.times, zone, as_of),
          rules::next_deadline(done_by.times, zone, as_of)};
}

bool seems_done(const PipelineSummary& summary, const DeadlinePair& around) {
  const TriggerSummary* next = summary.next_due();
  return summary.last_success && *summary.last_success > around.last && summary.active_count == 0 &&
         (next == nullptr || next->next->due > around.next) &&
         std::ranges::none_of(summary.not_made_good,
                              [&](const NotMadeGood& slot) { return slot.slot > around.last; });
}

DeadlineView view_deadlines(Transaction& in, const PipelineSummary& summary, const DoneBy& done_by,
                            const rules::TimeZone& zone, const std::vector<RunEnd>& ends,
                            Timestamp as_of) {
  const DeadlinePair around = deadlines_around(done_by, zone, as_of);
  std::vector<Timestamp> passed{around.last};  // the newest first
  for (std::size_t i = 0; i < kDeadlinesLooked; ++i)
    passed.push_back(rules::previous_deadline(done_by.times, zone, just_before(passed.back())));
  DeadlineReader reader(in, summary, done_by, ends);
  reader.read_slots(passed.back());

  DeadlineView view;
  view.next = reader.exact_work(around.last, around.next);
  const bool was_known = reader.knows_of_before(around.last);
  if (was_known) view.last = reader.exact_work(passed[1], passed[0]);
  std::vector<std::chrono::microseconds> ahead;
  for (std::size_t i = 0; i + 1 < passed.size(); ++i) {
    const DeadlineWork work = reader.work(passed[i + 1], passed[i]);
    if (work.done && work.done_at) ahead.push_back(work.at - *work.done_at);
  }
  const auto slot = reader.last_slot(around.last, around.next);
  if (ahead.size() >= kDeadlinesMin) {
    std::ranges::sort(ahead);
    view.usual_at = around.next - ahead[ahead.size() / 2];
  } else if (slot && summary.durations.usual) {
    view.usual_at = slot->due + whole_seconds(*summary.durations.usual);
  }
  const bool more_to_come = slot && slot->due > as_of;
  view.under_way = !view.next.done && !more_to_come && !summary.active.empty();
  if (view.next.done) return view;
  view.expected_at = view.usual_at;
  if (view.under_way && summary.durations.usual)
    view.expected_at = summary.active.back().run.since + whole_seconds(*summary.durations.usual);
  return view;
}

}  // namespace walpulse::monitor::reading
