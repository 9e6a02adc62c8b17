#include "monitor/ledger/timeline/run_state.h"

#include <algorithm>

#include "monitor/ledger/timeline/label_bytes.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

bool is_finite_at(const std::optional<Timestamp>& instant) {
  return instant && is_finite(*instant);
}

/// The latest instant at which what was learnt late is known to have been at work. Where the row
/// does not say when it ended, to take the instant of the snapshot for it would put every old
/// failure before the newest success.
Timestamp end_learnt_late(const Entry& entry, const Entry* streamed_before) {
  if (is_finite_at(entry.completed_at) && !(entry.started_at > entry.completed_at))
    return *entry.completed_at;
  const auto& said = is_finite_at(entry.started_at) ? entry.started_at : entry.created_at;
  const Timestamp at_work = is_finite_at(said) ? *said : entry.commit_time;
  return streamed_before == nullptr ? at_work : std::max(at_work, streamed_before->commit_time);
}

std::chrono::microseconds whole_microseconds(double seconds) {
  constexpr double kMost = 9e18;  // fits 64 bits
  return std::chrono::microseconds(static_cast<std::int64_t>(std::min(seconds * 1e6, kMost)));
}

/// One life's steps into COMPLETED, FAILED and CANCELLED. Unlike in observe, rows that a snapshot
/// read are steps too: a gauge shows the newest state, wherever it was learnt. What a starting
/// state says came before everything that the stream showed, or was said under another id.
class StateWalk {
 public:
  StateWalk(const Entry& origin, RunState& state)
      : state_(state), streamed_(!begins_with_a_state(origin)) {
    state_.failed.reset();
    state_.finish.reset();
  }

  void visit(const Entry& entry) {
    const bool read = entry.operation == Operation::read;
    const bool starting = !streamed_ && (before_ == nullptr || read);
    streamed_ = streamed_ || entry.key_changed || !(starting || read);
    const bool entered = before_ == nullptr || entry.status != before_->status;
    if (entered) enter(entry, starting, starting || read);
    before_ = &entry;
  }

 private:
  void enter(const Entry& entry, bool starting, bool learnt_late) {
    if (!entry.status || !mage::is_terminal(*entry.status)) {
      state_.finish.reset();
      if (entry.status == mage::kRunning && !running_since_) running_since_ = entry.commit_time;
      return;
    }
    state_.failed.reset();
    const bool said_elsewhere = starting && entry.key_changed;
    const Timestamp ended =
        learnt_late ? end_learnt_late(entry, starting ? nullptr : before_) : entry.commit_time;
    if (said_elsewhere) {
      state_.finish.reset();
    } else {
      finish(entry, ended, learnt_late);
      if (entry.status != mage::kCancelled)
        note_end(entry, {starting ? schema::Position{} : entry.position, ended});
    }
    last_end_ = &entry;
    running_since_.reset();
  }

  void note_end(const Entry& entry, const End& end) {
    if (entry.status == mage::kFailed) {
      state_.failed = end;
    } else {
      state_.success = std::max(state_.success, std::optional(end));
    }
  }

  void finish(const Entry& entry, Timestamp ended, bool learnt_late) {
    state_.finish = RunFinish{ended, std::nullopt};
    const bool told = ended == entry.completed_at && is_finite_at(entry.started_at);
    const auto seconds = !learnt_late ? run_seconds(entry, last_end_, running_since_)
                         : told && last_end_ == nullptr
                             ? std::optional(seconds_between(*entry.started_at, ended))
                             : std::nullopt;
    if (seconds) state_.finish->took = whole_microseconds(*seconds);
  }

  RunState& state_;
  bool streamed_;
  const Entry* before_ = nullptr;
  const Entry* last_end_ = nullptr;
  std::optional<Timestamp> running_since_;  ///< After that.
};

/// What the trigger's deletion takes off the row stays known of the rows before.
void read_trigger(std::span<const Entry> life, RunState& state) {
  Timestamp date = kMinusInfinity;
  for (auto entry = life.rbegin(); entry != life.rend(); ++entry) {
    if (!state.schedule) state.schedule = entry->schedule_id;
    if (date == kMinusInfinity) date = entry->execution_date;
    if (state.schedule && date != kMinusInfinity) break;
  }
  if (state.schedule && date != kMinusInfinity && date != kInfinity) state.slot = date;
}

}  // namespace

RunState run_state(std::span<const Entry> timeline) {
  RunState state;
  std::span<const Entry> newest;
  for (const Entry& entry : timeline)
    state.last_event = std::max(state.last_event, entry.commit_time);
  each_life(timeline, [&](std::span<const Entry> life) {
    StateWalk walk(life.front(), state);
    for (const Entry& entry : life) walk.visit(entry);
    newest = life;
  });
  if (newest.empty()) {
    state.since = timeline.back().commit_time;
    return state;
  }
  const Entry& row = newest.back();
  state.status = row.status.value_or(std::string(kUnknown));
  state.pipeline = row.pipeline.value_or(std::string(kUnknown));
  if (state.pipeline.empty()) state.pipeline = kUnknown;
  state.since = birth(newest.front()).value_or(newest.front().commit_time);
  read_trigger(newest, state);
  if (const OwnLabels labels(newest.front()); !labels.empty())
    state.labels = encode_sorted_labels(labels.all());
  const bool there = timeline.back().operation != Operation::remove;
  const bool ended = mage::is_terminal(state.status);
  state.active = there && !ended;
  if (!there && !ended) state.failed.reset();  // the retry ended nothing, and never will
  // Its trigger was deleted while it was active: Mage will never end it.
  if (state.active && state.schedule && !row.schedule_id) state.status = kOrphaned;
  return state;
}

Orphaning last_orphaning(std::span<const Entry> timeline) {
  Orphaning last;
  each_life(timeline, [&](std::span<const Entry> life) {
    bool had_trigger = false;
    bool was_orphan = false;
    for (const Entry& entry : life) {
      had_trigger = had_trigger || entry.schedule_id;
      const bool ended = entry.status && mage::is_terminal(*entry.status);
      const bool is_orphan = had_trigger && !entry.schedule_id && !ended;
      if (is_orphan && !was_orphan) last = {&entry, last.nth + 1};
      was_orphan = is_orphan;
    }
  });
  return last;
}

}  // namespace walpulse::monitor
