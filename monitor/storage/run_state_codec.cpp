#include "monitor/storage/run_state_codec.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "monitor/storage/field_codec.h"

namespace walpulse::monitor {
namespace {

constexpr std::array<std::string_view, 5> kStatuses{"INITIAL", "RUNNING", "COMPLETED", "FAILED",
                                                    "CANCELLED"};

}  // namespace

void write_status(ByteWriter& out, const std::optional<std::string>& status) {
  if (!status) return out.unsigned_number(0);
  for (std::size_t i = 0; i < kStatuses.size(); ++i)
    if (*status == kStatuses[i]) return out.unsigned_number(i + 1);
  out.unsigned_number(kStatuses.size() + 1);
  out.text(*status);
}
std::optional<std::string> read_status(ByteReader& in) {
  const std::uint64_t code = in.unsigned_number();
  if (code == 0) return std::nullopt;
  if (code <= kStatuses.size()) return std::string(kStatuses[code - 1]);
  return std::string(in.text());
}

namespace {

/// What a state's instants, positions and trigger are told from: mostly it says what an entry does.
struct Bases {
  explicit Bases(const Timeline& timeline) {
    if (timeline.empty()) return;
    first = slot = timeline.front().commit_time;
    last = timeline.back().commit_time;
    position = timeline.back().position;
    const auto row = std::find_if(timeline.rbegin(), timeline.rend(), [](const Entry& entry) {
      return entry.schedule_id && entry.execution_date != kMinusInfinity;
    });
    if (row == timeline.rend()) return;
    schedule = *row->schedule_id;
    slot = row->execution_date;
  }
  Timestamp first, last, slot;
  schema::Position position;
  std::int64_t schedule = 0;
};

void write_near(ByteWriter& out, const schema::Position& value, const schema::Position& base) {
  const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  out.number(difference(number(value.epoch), number(base.epoch)));
  out.number(difference(number(value.commit_lsn.value), number(base.commit_lsn.value)));
  out.number(value.ordinal);
}
schema::Position read_near(ByteReader& in, const schema::Position& base) {
  const auto from = [&in](std::uint64_t n) {
    return static_cast<std::uint64_t>(sum(in.number(), static_cast<std::int64_t>(n)));
  };
  schema::Position position;
  position.epoch = from(base.epoch);
  position.commit_lsn.value = from(base.commit_lsn.value);
  position.ordinal = in.number();
  return position;
}

void write_end(ByteWriter& out, const End& end, const Bases& bases) {
  write_near(out, end.position, bases.position);
  write_near(out, end.time, bases.last);
}
End read_end(ByteReader& in, const Bases& bases) {
  End end;
  end.position = read_near(in, bases.position);
  end.time = read_near(in, bases.last);
  return end;
}

enum StateField : std::uint64_t {
  kStateActive = 1u << 0,
  kStateSuccess = 1u << 1,
  kStateFailed = 1u << 2,
  kStateDue = 1u << 3,
  kStateTrigger = 1u << 4,
  kStateSlot = 1u << 5,
  kStateLabels = 1u << 6,
  kStateFinish = 1u << 7,
  kStateTook = 1u << 8,
};

}  // namespace

void write_state(ByteWriter& out, const RunState& state, const Timeline& timeline) {
  const Bases bases(timeline);
  std::uint64_t fields = 0;
  if (state.active) fields |= kStateActive;
  if (state.success) fields |= kStateSuccess;
  if (state.failed) fields |= kStateFailed;
  if (state.due) fields |= kStateDue;
  if (state.schedule) fields |= kStateTrigger;
  if (state.slot) fields |= kStateSlot;
  if (!state.labels.empty()) fields |= kStateLabels;
  if (state.finish) fields |= kStateFinish;
  if (state.finish && state.finish->took) fields |= kStateTook;
  out.unsigned_number(fields);
  write_status(out, state.status.empty() ? std::nullopt : std::optional(state.status));
  out.text(state.pipeline);
  write_near(out, state.since, bases.first);
  write_near(out, state.last_event, bases.last);
  if (state.success) write_end(out, *state.success, bases);
  if (state.failed) write_end(out, *state.failed, bases);
  if (state.due) out.number(state.due->count());
  if (state.schedule) out.number(difference(*state.schedule, bases.schedule));
  if (state.slot) write_near(out, *state.slot, bases.slot);
  if (!state.labels.empty()) out.text(state.labels);
  if (!state.finish) return;
  write_near(out, state.finish->ended, bases.last);
  if (state.finish->took)
    out.unsigned_number(static_cast<std::uint64_t>(state.finish->took->count()));
}

namespace {

/// Of the formats that kept its position alone: when it failed is what the entry there says.
End failed_at(const schema::Position& position, const Timeline& timeline, const RunState& state) {
  const Entry* entry = find(timeline, position);
  return {position, entry != nullptr ? entry->commit_time : state.last_event};
}

}  // namespace

RunState read_state(ByteReader& in, const Timeline& timeline, std::uint64_t format) {
  const Bases bases(timeline);
  RunState state;
  const std::uint64_t fields = in.unsigned_number();
  state.active = (fields & kStateActive) != 0;
  state.status = read_status(in).value_or(std::string());
  state.pipeline = in.text();
  state.since = read_near(in, bases.first);
  state.last_event = read_near(in, bases.last);
  if (fields & kStateSuccess) state.success = read_end(in, bases);
  if (fields & kStateFailed)
    state.failed = format <= kThirdRunFormat
                       ? failed_at(read_near(in, bases.position), timeline, state)
                       : read_end(in, bases);
  if (fields & kStateDue) state.due = IntakeTime(in.number());
  if (fields & kStateTrigger) state.schedule = sum(in.number(), bases.schedule);
  if (fields & kStateSlot) state.slot = read_near(in, bases.slot);
  if (fields & kStateLabels) state.labels = in.text();
  if (!(fields & kStateFinish)) return state;
  state.finish = RunFinish{read_near(in, bases.last), std::nullopt};
  if (fields & kStateTook)
    state.finish->took = std::chrono::microseconds(static_cast<std::int64_t>(in.unsigned_number()));
  return state;
}

RunState read_first_state(ByteReader& in, const Timeline& timeline) {
  RunState state;
  const std::uint64_t fields = in.unsigned_number();
  state.active = (fields & kStateActive) != 0;
  state.status = read_status(in).value_or(std::string());
  state.pipeline = in.text();
  state.since = instant(in.number());
  state.last_event = instant(in.number());
  if (fields & kStateSuccess) {
    End success;
    success.position = read_position(in);
    success.time = instant(in.number());
    state.success = success;
  }
  if (fields & kStateFailed) state.failed = failed_at(read_position(in), timeline, state);
  if (fields & kStateDue) {
    in.number();  // since when it waits: for long
    state.due = IntakeTime(0);
  }
  return state;
}

}  // namespace walpulse::monitor
