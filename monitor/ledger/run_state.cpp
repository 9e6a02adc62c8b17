#include "monitor/ledger/run_state.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

using schema::Operation;

/// One life's steps into COMPLETED and FAILED. Unlike in observe, rows that a snapshot read are
/// steps too: a gauge shows the newest state, wherever it was learnt.
void walk_life(std::span<const Entry> life, bool old, RunState& state) {
  const Entry* before = nullptr;
  bool streamed = false;
  state.failed.reset();
  for (const Entry& entry : life) {
    const bool starting =
        old && !streamed && (before == nullptr || entry.operation == Operation::read);
    if (before != nullptr && entry.operation != Operation::read) streamed = true;
    if (before == nullptr || entry.status != before->status) {
      const schema::Position position = starting ? schema::Position{} : entry.position;
      const bool learnt_late = starting || entry.operation == Operation::read;
      if (entry.status == schema::kCompleted) {
        const Timestamp time =
            learnt_late ? entry.completed_at.value_or(entry.commit_time) : entry.commit_time;
        const Success success{position, time};
        if (!state.success || *state.success < success) state.success = success;
      }
      state.failed.reset();
      if (entry.status == schema::kFailed) state.failed = position;
    }
    before = &entry;
  }
}

}  // namespace

RunState run_state(std::span<const Entry> timeline, const Horizon& horizon) {
  RunState state;
  const Entry& last = timeline.back();
  for (const Entry& entry : timeline)
    state.last_event = std::max(state.last_event, entry.commit_time);
  const auto all = lives(timeline);
  for (const auto& life : all) walk_life(life, begins_in_the_past(life, horizon), state);
  if (all.empty()) {
    state.since = last.commit_time;
    return state;
  }
  const Entry& row = all.back().back();
  state.status = row.status.value_or(std::string(kUnknown));
  state.pipeline = row.pipeline.value_or(std::string(kUnknown));
  state.since = row.created_at.value_or(all.back().front().commit_time);
  state.active = last.operation != Operation::remove && !schema::is_terminal(state.status);
  return state;
}

}  // namespace walpulse::monitor
