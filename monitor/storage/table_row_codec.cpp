#include "monitor/storage/table_row_codec.h"

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include "monitor/storage/byte_codec.h"
#include "monitor/storage/field_codec.h"

// A row:     version, reads (count, then each), entries (count, then each).
// An entry:  mask, lsn and commit time as differences to the entry before it, then the fields of
//            the mask. A block's fields are in it where they differ from the last block's before.
// A trigger: all its fields; where one came before, a mask of those that it does not share with the
//            last one, and these.

namespace walpulse::monitor {
namespace {

constexpr std::uint64_t kRowFormat = 1;

enum RowField : std::uint64_t {  // the frequent ones first: seven fit the mask's first byte
  kBlockStatus = 1u << 0,
  kRowOperation = 1u << 1,
  kBlockStarted = 1u << 2,
  kBlockCompleted = 1u << 3,
  kRowOrdinal = 1u << 4,
  kRowThere = 1u << 5,  ///< It is not what it was: a row, or deleted.
  kBlockError = 1u << 6,
  kRowEpoch = 1u << 7,
  kBlockCreated = 1u << 8,
  kBlockRunId = 1u << 9,
  kBlockName = 1u << 10,
  kTrigger = 1u << 11,
  kTriggerChanges = 1u << 12,
};
constexpr std::uint64_t kAllFields = ~std::uint64_t{0};

constexpr std::array<std::string_view, 8> kBlockStatuses{
    "INITIAL", "QUEUED",    "RUNNING",         "COMPLETED",
    "FAILED",  "CANCELLED", "UPSTREAM_FAILED", "CONDITION_FAILED"};

void write_block_status(ByteWriter& out, const std::optional<std::string>& status) {
  if (!status) return out.unsigned_number(0);
  for (std::size_t i = 0; i < kBlockStatuses.size(); ++i)
    if (*status == kBlockStatuses[i]) return out.unsigned_number(i + 1);
  out.unsigned_number(kBlockStatuses.size() + 1);
  out.text(*status);
}
std::optional<std::string> read_block_status(ByteReader& in) {
  const std::uint64_t code = in.unsigned_number();
  if (code == 0) return std::nullopt;
  if (code <= kBlockStatuses.size()) return std::string(kBlockStatuses[code - 1]);
  return std::string(in.text());
}

/// All of it but the id, in the order in which it is written.
auto fields_of(auto& trigger) {
  return std::tie(trigger.created_at, trigger.name, trigger.pipeline_uuid, trigger.schedule_type,
                  trigger.start_time, trigger.schedule_interval, trigger.status, trigger.sla,
                  trigger.settings, trigger.repo_path, trigger.global_data_product_uuid,
                  trigger.last_enabled_at, trigger.settings_unchanged);
}
constexpr auto kFieldIndices = std::make_index_sequence<
    std::tuple_size_v<decltype(fields_of(std::declval<mage::PipelineSchedule&>()))>>();

void write_field(ByteWriter& out, const std::optional<Timestamp>& value, Timestamp base) {
  write_instant(out, value, base);
}
void write_field(ByteWriter& out, const std::optional<std::string>& value, Timestamp) {
  write_text(out, value);
}
void write_field(ByteWriter& out, const std::optional<std::int64_t>& value, Timestamp) {
  write_id(out, value);
}
void write_field(ByteWriter& out, bool value, Timestamp) { out.unsigned_number(value); }

void read_field(ByteReader& in, std::optional<Timestamp>& value, Timestamp base) {
  value = read_instant(in, base);
}
void read_field(ByteReader& in, std::optional<std::string>& value, Timestamp) {
  value = read_text(in);
}
void read_field(ByteReader& in, std::optional<std::int64_t>& value, Timestamp) {
  value = read_id(in);
}
void read_field(ByteReader& in, bool& value, Timestamp) { value = in.unsigned_number() != 0; }

/// Bit n: the field n differs.
template <std::size_t... I>
std::uint64_t differing(const mage::PipelineSchedule& one, const mage::PipelineSchedule& other,
                        std::index_sequence<I...>) {
  const auto a = fields_of(one);
  const auto b = fields_of(other);
  return ((std::get<I>(a) != std::get<I>(b) ? std::uint64_t{1} << I : 0) | ...);
}
template <std::size_t... I>
void write_fields(ByteWriter& out, const mage::PipelineSchedule& trigger, std::uint64_t mask,
                  Timestamp base, std::index_sequence<I...>) {
  const auto fields = fields_of(trigger);
  (((mask >> I) & 1 ? write_field(out, std::get<I>(fields), base) : void()), ...);
}
template <std::size_t... I>
void read_fields(ByteReader& in, mage::PipelineSchedule& trigger, std::uint64_t mask,
                 Timestamp base, std::index_sequence<I...>) {
  const auto fields = fields_of(trigger);
  (((mask >> I) & 1 ? read_field(in, std::get<I>(fields), base) : void()), ...);
}

/// What an entry is told from: the entry before it, and the last block or trigger that was there.
struct RowBase {
  RowEntry entry;
  mage::BlockRun block;
  std::optional<mage::PipelineSchedule> trigger;
};

std::uint64_t row_mask(const RowEntry& entry, const RowBase& base) {
  std::uint64_t mask = 0;
  const auto mark = [&](RowField field, bool differs) {
    if (differs) mask |= field;
  };
  mark(kRowOperation, entry.operation != base.entry.operation);
  mark(kRowOrdinal, entry.position.ordinal != base.entry.position.ordinal);
  mark(kRowEpoch, entry.position.epoch != base.entry.position.epoch);
  mark(kRowThere, entry.row.has_value() != base.entry.row.has_value());
  if (!entry.row) return mask;
  const auto* block = std::get_if<mage::BlockRun>(&*entry.row);
  if (block == nullptr) return mask | (base.trigger ? kTriggerChanges : kTrigger);
  mark(kBlockStatus, block->status != base.block.status);
  mark(kBlockStarted, block->started_at != base.block.started_at);
  mark(kBlockCompleted, block->completed_at != base.block.completed_at);
  mark(kBlockError, block->error != base.block.error);
  mark(kBlockCreated, block->created_at != base.block.created_at);
  mark(kBlockRunId, block->pipeline_run_id != base.block.pipeline_run_id);
  mark(kBlockName, block->block_uuid != base.block.block_uuid);
  return mask;
}

void write_row_entry(ByteWriter& out, const RowEntry& entry, const RowBase& base) {
  const std::uint64_t mask = row_mask(entry, base);
  out.unsigned_number(mask);
  out.number(difference(static_cast<std::int64_t>(entry.position.commit_lsn.value),
                        static_cast<std::int64_t>(base.entry.position.commit_lsn.value)));
  out.number(difference(ticks(entry.commit_time), ticks(base.entry.commit_time)));
  if (mask & kRowOperation) out.unsigned_number(static_cast<unsigned char>(entry.operation));
  if (mask & kRowOrdinal) out.number(entry.position.ordinal);
  if (mask & kRowEpoch) out.unsigned_number(entry.position.epoch);
  if (!entry.row) return;
  if (const auto* trigger = std::get_if<mage::PipelineSchedule>(&*entry.row)) {
    std::uint64_t fields = kAllFields;
    if (base.trigger) {
      fields = differing(*trigger, *base.trigger, kFieldIndices);
      out.unsigned_number(fields);
    }
    return write_fields(out, *trigger, fields, entry.commit_time, kFieldIndices);
  }
  const auto& block = std::get<mage::BlockRun>(*entry.row);
  if (mask & kBlockStatus) write_block_status(out, block.status);
  if (mask & kBlockStarted) write_instant(out, block.started_at, entry.commit_time);
  if (mask & kBlockCompleted) write_instant(out, block.completed_at, entry.commit_time);
  if (mask & kBlockError) write_text(out, block.error);
  if (mask & kBlockCreated) write_instant(out, block.created_at, entry.commit_time);
  if (mask & kBlockRunId) write_id(out, block.pipeline_run_id);
  if (mask & kBlockName) write_text(out, block.block_uuid);
}

RowEntry read_row_entry(ByteReader& in, const RowBase& base, std::int64_t id) {
  RowEntry entry;
  const std::uint64_t mask = in.unsigned_number();
  entry.position = base.entry.position;
  entry.position.commit_lsn.value = static_cast<std::uint64_t>(
      sum(in.number(), static_cast<std::int64_t>(base.entry.position.commit_lsn.value)));
  entry.commit_time = instant(sum(in.number(), ticks(base.entry.commit_time)));
  entry.operation = mask & kRowOperation ? static_cast<schema::Operation>(in.unsigned_number())
                                         : base.entry.operation;
  if (mask & kRowOrdinal) entry.position.ordinal = in.number();
  if (mask & kRowEpoch) entry.position.epoch = in.unsigned_number();
  const bool there = base.entry.row.has_value() != ((mask & kRowThere) != 0);
  if (!there) return entry;
  if (mask & (kTrigger | kTriggerChanges)) {
    mage::PipelineSchedule trigger = base.trigger.value_or(mage::PipelineSchedule{});
    trigger.id = id;
    const std::uint64_t fields = mask & kTrigger ? kAllFields : in.unsigned_number();
    read_fields(in, trigger, fields, entry.commit_time, kFieldIndices);
    entry.row = std::move(trigger);
    return entry;
  }
  mage::BlockRun block = base.block;
  block.id = id;
  if (mask & kBlockStatus) block.status = read_block_status(in);
  if (mask & kBlockStarted) block.started_at = read_instant(in, entry.commit_time);
  if (mask & kBlockCompleted) block.completed_at = read_instant(in, entry.commit_time);
  if (mask & kBlockError) block.error = read_text(in);
  if (mask & kBlockCreated) block.created_at = read_instant(in, entry.commit_time);
  if (mask & kBlockRunId) block.pipeline_run_id = read_id(in);
  if (mask & kBlockName) block.block_uuid = read_text(in);
  entry.row = std::move(block);
  return entry;
}

void move_on(RowBase& base, const RowEntry& entry) {
  base.entry = entry;
  if (!entry.row) return;
  if (const auto* block = std::get_if<mage::BlockRun>(&*entry.row)) base.block = *block;
  if (const auto* trigger = std::get_if<mage::PipelineSchedule>(&*entry.row))
    base.trigger = *trigger;
}

}  // namespace

std::string encode_table_row(const TableRow& row, StringInterner* texts) {
  std::string bytes;
  bytes.reserve(64 + row.entries.size() * 16);
  ByteWriter out(bytes, texts);
  out.unsigned_number(kRowFormat);
  out.unsigned_number(row.reads.size());
  for (const schema::Position& read : row.reads) write_position(out, read);
  out.unsigned_number(row.entries.size());
  RowBase base;
  for (const RowEntry& entry : row.entries) {
    write_row_entry(out, entry, base);
    move_on(base, entry);
  }
  bytes.shrink_to_fit();
  return bytes;
}

std::optional<StoredTableRow> stored_table_row(const RowKey& key, std::string_view bytes,
                                               const StringInterner* texts) {
  ByteReader in(bytes, texts);
  if (in.unsigned_number() != kRowFormat) return std::nullopt;
  StoredTableRow stored;
  stored.key = key;
  stored.known = true;
  for (auto left = in.count(); left > 0; --left) stored.row.reads.push_back(read_position(in));
  RowBase base;
  const std::uint64_t count = in.count();
  stored.row.entries.reserve(count + 1);  // one is about to be inserted
  for (std::uint64_t i = 0; i < count; ++i) {
    stored.row.entries.push_back(read_row_entry(in, base, key.id));
    move_on(base, stored.row.entries.back());
  }
  if (!in.finished()) return std::nullopt;
  return stored;
}

}  // namespace walpulse::monitor
