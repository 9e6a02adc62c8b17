#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/mage/run_change.h"
#include "decoder/schema/change_event.h"

namespace walpulse::monitor {

/// A reading of the intake clock, which runs only while messages come: what has been here for how
/// long is told by it alone, never by the database's clock or this machine's.
using IntakeTime = std::chrono::milliseconds;
/// Before every reading.
inline constexpr IntakeTime kLongAgo = IntakeTime::min();

/// What one event said about one run. Truncates are read into every timeline as deletes.
struct Entry {
  schema::Position position;
  schema::Operation operation = schema::Operation::insert;
  Timestamp commit_time;
  std::optional<std::string> status;
  std::optional<Timestamp> created_at;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> completed_at;
  /// The slot that the run was made for, where a trigger made it; kMinusInfinity: not known.
  Timestamp execution_date = kMinusInfinity;
  bool passed_sla = false;
  std::optional<std::int64_t> schedule_id;
  std::optional<std::int64_t> backfill_id;
  std::optional<std::string> pipeline;
  std::vector<schema::Label> labels;
  /// An insert that carries on under this id what another id had begun: a starting state.
  bool key_changed = false;
  IntakeTime arrived = kLongAgo;  ///< When it was first seen; long ago once it has settled.
  bool replayed = false;          ///< It came by a replay; told until it has settled.

  bool operator==(const Entry&) const = default;
};
/// `change.run` must be there. Of a delete, whose row holds no more than the key, and of a truncate
/// as of make_end.
Entry make_entry(mage::RunChange&& change);
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

/// How many entries the first life of a run id has, deletes left out of it: an insert begins a
/// life, and so does whatever follows a delete. Zero where the first entry is a delete.
std::size_t first_life(std::span<const Entry> timeline);
/// Visits a run id's lives, in order, each not empty.
template <class Visit>
void each_life(std::span<const Entry> timeline, const Visit& visit) {
  while (!timeline.empty()) {
    const std::size_t size = first_life(timeline);
    if (size > 0) visit(timeline.first(size));
    timeline = timeline.subspan(std::max<std::size_t>(size, 1));
  }
}
/// How many entries of a life its first part has: one more begins where created_at differs from
/// that of the entry before, since a delete and an insert may be missing between the two.
std::size_t first_part(std::span<const Entry> life);
/// The first of these to arrive.
IntakeTime first_arrival(std::span<const Entry> entries);

/// Takes out the oldest updates that say what the entry before them said, until `entries_max`
/// remain or none is left; observe() and run_state() see no difference. Returns the greatest
/// position taken out: an unknown entry at or below it can no longer be told from a known one.
std::optional<schema::Position> fold(Timeline& timeline, std::size_t entries_max);

}  // namespace walpulse::monitor
