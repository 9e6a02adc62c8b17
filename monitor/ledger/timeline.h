#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/schema/change_event.h"
#include "decoder/schema/run_change.h"
#include "decoder/schema/timestamp.h"

namespace walpulse::monitor {

/// What one event said about one run. Truncates are read into every timeline as deletes.
struct Entry {
  schema::Position position;
  schema::Operation operation = schema::Operation::insert;
  Timestamp commit_time;
  std::optional<std::string> status;
  std::optional<Timestamp> created_at;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> completed_at;
  bool passed_sla = false;
  std::optional<std::int64_t> schedule_id;
  std::optional<std::int64_t> backfill_id;
  std::optional<std::string> pipeline;
  std::vector<schema::Label> labels;

  bool operator==(const Entry&) const = default;
};
/// `change.run` must be there. Of a delete, whose row holds no more than the key, and of a truncate
/// as of make_end.
Entry make_entry(schema::RunChange&& change);
/// A truncate (or the end of a snapshot) as every run's timeline reads it.
Entry make_end(schema::Position position, Timestamp commit_time);

/// A run's entries by ascending position, each position once.
using Timeline = std::vector<Entry>;

/// Null where no entry stands at `position`.
const Entry* find(const Timeline& timeline, const schema::Position& position);
/// Precondition: no entry stands at its position.
void insert(Timeline& timeline, Entry entry);

/// The table's truncates read into a run's timeline. Both are sorted.
Timeline merge(const Timeline& timeline, std::span<const Entry> ends);

/// A run id's lives, deletes left out: an insert, a delete, and a row with another created_at each
/// begin a new one.
std::vector<std::span<const Entry>> lives(std::span<const Entry> timeline);

/// Takes out the oldest updates that say what the entry before them said, until `entries_max`
/// remain or none is left; observe() sees no difference. Returns the greatest position taken out:
/// an unknown entry at or below it can no longer be told from a known one.
std::optional<schema::Position> fold(Timeline& timeline, std::size_t entries_max);

}  // namespace walpulse::monitor
