#include "monitor/ledger/timeline/run_state.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

using schema::Operation;

/// One life's steps into COMPLETED and FAILED. Unlike in observe, rows that a snapshot read are
/// steps too: a gauge shows the newest state, wherever it was learnt. What a starting state says
/// came before everything that the stream showed, or was said under another id.
void walk_life(std::span<const Entry> life, RunState& state) {
  const Entry* before = nullptr;
  bool streamed = !begins_with_a_state(life.front());
  state.failed.reset();
  for (const Entry& entry : life) {
    const bool read = entry.operation == Operation::read;
    const bool starting = !streamed && (before == nullptr || read);
    streamed = streamed || entry.key_changed || !(starting || read);
    const bool entered = before == nullptr || entry.status != before->status;
    before = &entry;
    if (!entered) continue;
    state.failed.reset();
    if (starting && entry.key_changed) continue;
    const schema::Position position = starting ? schema::Position{} : entry.position;
    if (entry.status == mage::kFailed) state.failed = position;
    if (entry.status != mage::kCompleted) continue;
    const bool learnt_late = starting || read;
    const Timestamp time =
        learnt_late ? entry.completed_at.value_or(entry.commit_time) : entry.commit_time;
    state.success = std::max(state.success, std::optional(Success{position, time}));
  }
}

/// Its trigger was deleted while it was active: Mage will never end it.
bool is_orphan(std::span<const Entry> life) {
  return !life.back().schedule_id && std::any_of(life.begin(), life.end(), [](const Entry& entry) {
    return entry.schedule_id.has_value();
  });
}

}  // namespace

RunState run_state(std::span<const Entry> timeline) {
  RunState state;
  std::span<const Entry> newest;
  for (const Entry& entry : timeline)
    state.last_event = std::max(state.last_event, entry.commit_time);
  each_life(timeline, [&](std::span<const Entry> life) {
    walk_life(life, state);
    newest = life;
  });
  if (newest.empty()) {
    state.since = timeline.back().commit_time;
    return state;
  }
  const Entry& row = newest.back();
  state.status = row.status.value_or(std::string(kUnknown));
  state.pipeline = row.pipeline.value_or(std::string(kUnknown));
  state.since = birth(newest.front()).value_or(newest.front().commit_time);
  const bool there = timeline.back().operation != Operation::remove;
  state.active = there && !mage::is_terminal(state.status);
  if (state.active && is_orphan(newest)) state.status = kOrphaned;
  return state;
}

}  // namespace walpulse::monitor
