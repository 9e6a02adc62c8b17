#include "monitor/storage/run_codec.h"

#include <algorithm>
#include <utility>

#include "monitor/storage/byte_codec.h"
#include "monitor/storage/field_codec.h"
#include "monitor/storage/row_codec.h"
#include "monitor/storage/run_state_codec.h"

// A run:   version, entries (count, then each), floor, counted marks, arrivals, state.
// An entry: mask of what differs from the entry before it, lsn and commit time as differences, then
//           the fields of the mask. Instants are differences to the commit time.

namespace walpulse::monitor {
namespace {

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
  kExecution = 1u << 13,  // the last one for which a mask of two bytes has room
};

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
  mark(kExecution, entry.execution_date != before.execution_date);
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
  if (mask & kExecution) write_near(out, entry.execution_date, entry.commit_time);
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

/// `entry` is as the entry before it.
void read_entry(ByteReader& in, Entry& entry) {
  const std::uint64_t mask = in.unsigned_number();
  entry.position.commit_lsn.value = static_cast<std::uint64_t>(
      sum(in.number(), static_cast<std::int64_t>(entry.position.commit_lsn.value)));
  entry.commit_time = instant(sum(in.number(), ticks(entry.commit_time)));
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
  if (mask & kExecution) entry.execution_date = read_near(in, entry.commit_time);
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

/// A run that failed before causes were told is not to be counted as if it had failed now, nor its
/// blocks as if they had ended now.
void add_failed_marks(CountedMarks& counted) {
  for (std::size_t i = 0, size = counted.size(); i < size; ++i)
    if (counted[i].kind == StepKind::finished && counted[i].status == mage::kFailed)
      counted.push_back({StepKind::failed, {}, counted[i].labels, counted[i].count});
}
void add_ended_marks(CountedMarks& counted) {
  for (std::size_t i = 0, size = counted.size(); i < size; ++i)
    if (counted[i].kind == StepKind::finished)
      counted.push_back({StepKind::ended, {}, counted[i].labels, counted[i].count});
}

}  // namespace

std::string encode_run(const Run& run, StringInterner* texts) {
  std::string bytes;
  bytes.reserve(64 + run.timeline.size() * 32);
  ByteWriter out(bytes, texts);
  out.unsigned_number(kRunFormat);
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
  write_state(out, run.state, run.timeline);
  bytes.shrink_to_fit();
  return bytes;
}

std::optional<Run> decode_run(std::string_view bytes, const StringInterner* texts) {
  ByteReader in(bytes, texts);
  const std::uint64_t format = in.unsigned_number();
  if (format < kFirstRunFormat || format > kRunFormat) return std::nullopt;
  Run run;
  const std::uint64_t count = in.count();
  run.timeline.reserve(count + 1);  // one is about to be inserted
  for (std::uint64_t i = 0; i < count; ++i)
    read_entry(
        in, i == 0 ? run.timeline.emplace_back() : run.timeline.emplace_back(run.timeline.back()));
  if (in.unsigned_number() != 0) run.floor = read_position(in);
  run.counted = read_counted(in);
  if (format <= kSecondRunFormat) add_failed_marks(run.counted);
  if (format <= kFifthRunFormat) add_ended_marks(run.counted);
  if (format == kFirstRunFormat) {
    in.number();
    run.state = read_first_state(in, run.timeline);
  } else {
    read_arrivals(in, run.timeline);
    run.state = read_state(in, run.timeline, format);
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
  stored.outdated = static_cast<unsigned char>(bytes.front()) != kRunFormat;
  stored.run = *std::move(run);
  stored.before = stored.run.state;
  return stored;
}

}  // namespace walpulse::monitor
