#include "monitor/storage/run_codec.h"

#include <algorithm>
#include <array>
#include <utility>

#include "monitor/storage/byte_codec.h"
#include "monitor/storage/row_codec.h"

// A run:   version, entries (count, then each), floor, counted marks, arrivals, state.
// An entry: mask of what differs from the entry before it, lsn and commit time as differences, then
//           the fields of the mask. Instants are differences to the commit time.

namespace walpulse::monitor {
namespace {

constexpr std::uint64_t kFormat = 2;
/// Had no arrivals and no changed keys, and said when each waiting run was first seen.
constexpr std::uint64_t kFirstFormat = 1;

enum Field : std::uint64_t {  // the frequent ones first: seven fit the mask's first byte
  kStatus = 1u << 0,
  kOperation = 1u << 1,
  kStarted = 1u << 2,
  kCompleted = 1u << 3,
  kOrdinal = 1u << 4,
  kSla = 1u << 5,
  kEpoch = 1u << 6,
  kCreated = 1u << 7,
  kSchedule = 1u << 8,
  kBackfill = 1u << 9,
  kPipeline = 1u << 10,
  kLabels = 1u << 11,
  kKeyChanged = 1u << 12,
};

constexpr std::array<std::string_view, 5> kStatuses{"INITIAL", "RUNNING", "COMPLETED", "FAILED",
                                                    "CANCELLED"};

std::int64_t ticks(Timestamp instant) { return instant.time_since_epoch().count(); }
Timestamp instant(std::int64_t ticks) { return Timestamp(std::chrono::microseconds(ticks)); }
/// Differences wrap around, so that the infinities have one too.
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

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

void write_instant(ByteWriter& out, const std::optional<Timestamp>& value, Timestamp relative_to) {
  out.unsigned_number(value.has_value());
  if (value) out.number(difference(ticks(*value), ticks(relative_to)));
}
std::optional<Timestamp> read_instant(ByteReader& in, Timestamp relative_to) {
  if (in.unsigned_number() == 0) return std::nullopt;
  return instant(sum(in.number(), ticks(relative_to)));
}

void write_id(ByteWriter& out, const std::optional<std::int64_t>& id) {
  out.unsigned_number(id.has_value());
  if (id) out.number(*id);
}
std::optional<std::int64_t> read_id(ByteReader& in) {
  if (in.unsigned_number() == 0) return std::nullopt;
  return in.number();
}

void write_text(ByteWriter& out, const std::optional<std::string>& text) {
  out.unsigned_number(text.has_value());
  if (text) out.text(*text);
}
std::optional<std::string> read_text(ByteReader& in) {
  if (in.unsigned_number() == 0) return std::nullopt;
  return std::string(in.text());
}

void write_position(ByteWriter& out, const schema::Position& position) {
  out.unsigned_number(position.epoch);
  out.unsigned_number(position.commit_lsn.value);
  out.number(position.ordinal);
}
schema::Position read_position(ByteReader& in) {
  schema::Position position;
  position.epoch = in.unsigned_number();
  position.commit_lsn.value = in.unsigned_number();
  position.ordinal = in.number();
  return position;
}

std::uint64_t differing(const Entry& entry, const Entry& before) {
  std::uint64_t mask = 0;
  const auto mark = [&](Field field, bool differs) {
    if (differs) mask |= field;
  };
  mark(kStatus, entry.status != before.status);
  mark(kOperation, entry.operation != before.operation);
  mark(kStarted, entry.started_at != before.started_at);
  mark(kCompleted, entry.completed_at != before.completed_at);
  mark(kOrdinal, entry.position.ordinal != before.position.ordinal);
  mark(kSla, entry.passed_sla != before.passed_sla);
  mark(kEpoch, entry.position.epoch != before.position.epoch);
  mark(kCreated, entry.created_at != before.created_at);
  mark(kSchedule, entry.schedule_id != before.schedule_id);
  mark(kBackfill, entry.backfill_id != before.backfill_id);
  mark(kPipeline, entry.pipeline != before.pipeline);
  mark(kLabels, entry.labels != before.labels);
  mark(kKeyChanged, entry.key_changed != before.key_changed);
  return mask;
}

void write_entry(ByteWriter& out, const Entry& entry, const Entry& before) {
  const std::uint64_t mask = differing(entry, before);
  out.unsigned_number(mask);
  out.number(difference(static_cast<std::int64_t>(entry.position.commit_lsn.value),
                        static_cast<std::int64_t>(before.position.commit_lsn.value)));
  out.number(difference(ticks(entry.commit_time), ticks(before.commit_time)));
  if (mask & kStatus) write_status(out, entry.status);
  if (mask & kOperation) out.unsigned_number(static_cast<unsigned char>(entry.operation));
  if (mask & kStarted) write_instant(out, entry.started_at, entry.commit_time);
  if (mask & kCompleted) write_instant(out, entry.completed_at, entry.commit_time);
  if (mask & kOrdinal) out.number(entry.position.ordinal);
  if (mask & kSla) out.unsigned_number(entry.passed_sla);
  if (mask & kEpoch) out.unsigned_number(entry.position.epoch);
  if (mask & kCreated) write_instant(out, entry.created_at, entry.commit_time);
  if (mask & kSchedule) write_id(out, entry.schedule_id);
  if (mask & kBackfill) write_id(out, entry.backfill_id);
  if (mask & kPipeline) write_text(out, entry.pipeline);
  if (mask & kLabels) {
    out.unsigned_number(entry.labels.size());
    for (const schema::Label& label : entry.labels) {
      out.text(label.name);
      out.text(label.value);
    }
  }
}

std::vector<schema::Label> read_event_labels(ByteReader& in) {
  std::vector<schema::Label> labels;
  for (auto left = in.count(); left > 0; --left) {
    schema::Label& label = labels.emplace_back();
    label.name = in.text();
    label.value = in.text();
  }
  return labels;
}

Entry read_entry(ByteReader& in, const Entry& before) {
  Entry entry = before;
  const std::uint64_t mask = in.unsigned_number();
  entry.position.commit_lsn.value = static_cast<std::uint64_t>(
      sum(in.number(), static_cast<std::int64_t>(before.position.commit_lsn.value)));
  entry.commit_time = instant(sum(in.number(), ticks(before.commit_time)));
  if (mask & kStatus) entry.status = read_status(in);
  if (mask & kOperation) entry.operation = static_cast<schema::Operation>(in.unsigned_number());
  if (mask & kStarted) entry.started_at = read_instant(in, entry.commit_time);
  if (mask & kCompleted) entry.completed_at = read_instant(in, entry.commit_time);
  if (mask & kOrdinal) entry.position.ordinal = in.number();
  if (mask & kSla) entry.passed_sla = in.unsigned_number() != 0;
  if (mask & kEpoch) entry.position.epoch = in.unsigned_number();
  if (mask & kCreated) entry.created_at = read_instant(in, entry.commit_time);
  if (mask & kSchedule) entry.schedule_id = read_id(in);
  if (mask & kBackfill) entry.backfill_id = read_id(in);
  if (mask & kPipeline) entry.pipeline = read_text(in);
  if (mask & kLabels) entry.labels = read_event_labels(in);
  if (mask & kKeyChanged) entry.key_changed = !entry.key_changed;
  return entry;
}

/// Of the entries that have not settled, by their places: mostly the last ones.
void write_arrivals(ByteWriter& out, const Timeline& timeline) {
  const auto waits = [](const Entry& entry) { return entry.arrived != kLongAgo; };
  out.unsigned_number(
      static_cast<std::uint64_t>(std::count_if(timeline.begin(), timeline.end(), waits)));
  std::int64_t before = 0;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    if (!waits(timeline[i])) continue;
    out.unsigned_number(i << 1 | std::size_t{timeline[i].replayed});
    out.number(difference(timeline[i].arrived.count(), before));
    before = timeline[i].arrived.count();
  }
}
void read_arrivals(ByteReader& in, Timeline& timeline) {
  std::int64_t arrived = 0;
  for (auto left = in.count(); left > 0; --left) {
    const std::uint64_t place = in.unsigned_number();
    arrived = sum(arrived, in.number());
    if (place >> 1 >= timeline.size()) continue;
    Entry& entry = timeline[place >> 1];
    entry.arrived = IntakeTime(arrived);
    entry.replayed = (place & 1) != 0;
  }
}

void write_counted(ByteWriter& out, const CountedMarks& counted) {
  out.unsigned_number(counted.size());
  const SharedLabels* before = nullptr;
  for (const CountedMark& mark : counted) {
    out.unsigned_number(static_cast<std::uint64_t>(mark.kind));
    write_status(out, mark.status.empty() ? std::nullopt : std::optional(mark.status));
    out.unsigned_number(mark.count);
    const bool same = before != nullptr && *before == mark.labels;
    out.text(same ? std::string() : encode_labels(*mark.labels));
    before = &mark.labels;
  }
}
CountedMarks read_counted(ByteReader& in) {
  CountedMarks counted;
  for (auto left = in.count(); left > 0; --left) {
    CountedMark mark;
    mark.kind = static_cast<StepKind>(in.unsigned_number());
    mark.status = read_status(in).value_or(std::string());
    mark.count = static_cast<std::uint32_t>(in.unsigned_number());
    const std::string_view labels = in.text();
    if (!labels.empty()) {
      mark.labels = decode_labels(labels).value_or(telemetry::Labels{});
    } else if (!counted.empty()) {
      mark.labels = counted.back().labels;
    }
    counted.push_back(std::move(mark));
  }
  return counted;
}

/// What a state's instants and positions are told from: mostly it stands where an entry does.
struct Bases {
  explicit Bases(const Timeline& timeline) {
    if (timeline.empty()) return;
    first = timeline.front().commit_time;
    last = timeline.back().commit_time;
    position = timeline.back().position;
  }
  Timestamp first, last;
  schema::Position position;
};

void write_near(ByteWriter& out, Timestamp value, Timestamp base) {
  out.number(difference(ticks(value), ticks(base)));
}
Timestamp read_near(ByteReader& in, Timestamp base) {
  return instant(sum(in.number(), ticks(base)));
}

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

void write_state(ByteWriter& out, const RunState& state, const Bases& bases) {
  out.unsigned_number((state.active ? 1u : 0u) | (state.success ? 2u : 0u) |
                      (state.failed ? 4u : 0u) | (state.due ? 8u : 0u));
  write_status(out, state.status.empty() ? std::nullopt : std::optional(state.status));
  out.text(state.pipeline);
  write_near(out, state.since, bases.first);
  write_near(out, state.last_event, bases.last);
  if (state.success) {
    write_near(out, state.success->position, bases.position);
    write_near(out, state.success->time, bases.last);
  }
  if (state.failed) write_near(out, *state.failed, bases.position);
  if (state.due) out.number(state.due->count());
}
RunState read_state(ByteReader& in, const Bases& bases) {
  RunState state;
  const std::uint64_t flags = in.unsigned_number();
  state.active = (flags & 1) != 0;
  state.status = read_status(in).value_or(std::string());
  state.pipeline = in.text();
  state.since = read_near(in, bases.first);
  state.last_event = read_near(in, bases.last);
  if (flags & 2) {
    Success success;
    success.position = read_near(in, bases.position);
    success.time = read_near(in, bases.last);
    state.success = success;
  }
  if (flags & 4) state.failed = read_near(in, bases.position);
  if (flags & 8) state.due = IntakeTime(in.number());
  return state;
}

/// Of the first format, where all stands by itself.
RunState read_first_state(ByteReader& in) {
  RunState state;
  const std::uint64_t flags = in.unsigned_number();
  state.active = (flags & 1) != 0;
  state.status = read_status(in).value_or(std::string());
  state.pipeline = in.text();
  state.since = instant(in.number());
  state.last_event = instant(in.number());
  if (flags & 2) {
    Success success;
    success.position = read_position(in);
    success.time = instant(in.number());
    state.success = success;
  }
  if (flags & 4) state.failed = read_position(in);
  if (flags & 8) {
    in.number();  // since when it waits: for long
    state.due = IntakeTime(0);
  }
  return state;
}

}  // namespace

std::string encode_run(const Run& run, StringInterner* texts) {
  std::string bytes;
  bytes.reserve(64 + run.timeline.size() * 32);
  ByteWriter out(bytes, texts);
  out.unsigned_number(kFormat);
  out.unsigned_number(run.timeline.size());
  Entry first;
  const Entry* before = &first;
  for (const Entry& entry : run.timeline) {
    write_entry(out, entry, *before);
    before = &entry;
  }
  out.unsigned_number(run.floor.has_value());
  if (run.floor) write_position(out, *run.floor);
  write_counted(out, run.counted);
  write_arrivals(out, run.timeline);
  write_state(out, run.state, Bases(run.timeline));
  bytes.shrink_to_fit();
  return bytes;
}

std::optional<Run> decode_run(std::string_view bytes, const StringInterner* texts) {
  ByteReader in(bytes, texts);
  const std::uint64_t format = in.unsigned_number();
  if (format != kFormat && format != kFirstFormat) return std::nullopt;
  Run run;
  const std::uint64_t count = in.count();
  run.timeline.reserve(count + 1);  // one is about to be inserted
  for (std::uint64_t i = 0; i < count; ++i)
    run.timeline.push_back(read_entry(in, i == 0 ? Entry{} : run.timeline.back()));
  if (in.unsigned_number() != 0) run.floor = read_position(in);
  run.counted = read_counted(in);
  if (format == kFirstFormat) {
    in.number();
    run.state = read_first_state(in);
  } else {
    read_arrivals(in, run.timeline);
    run.state = read_state(in, Bases(run.timeline));
  }
  if (!in.finished()) return std::nullopt;
  return run;
}

std::optional<StoredRun> stored_run(const RunKey& key, std::string_view bytes,
                                    const StringInterner* texts) {
  auto run = decode_run(bytes, texts);
  if (!run) return std::nullopt;
  StoredRun stored;
  stored.key = key;
  stored.known = true;
  stored.run = *std::move(run);
  stored.before = stored.run.state;
  return stored;
}

}  // namespace walpulse::monitor
