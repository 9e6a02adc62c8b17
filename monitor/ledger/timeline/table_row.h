#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/mage/row_change.h"
#include "decoder/schema/change_event.h"

namespace walpulse::monitor {

/// What one event said about one trigger, or about one block of a run.
struct RowEntry {
  schema::Position position;
  schema::Operation operation = schema::Operation::insert;
  Timestamp commit_time;
  std::optional<mage::Row> row;  ///< Nothing: it was deleted.
  bool operator==(const RowEntry&) const = default;
};
/// Precondition: `change.row` is there.
RowEntry make_row_entry(mage::RowChange&& change);

/// What the ledger keeps of a row of another table than that of runs: its timeline, since of a
/// trigger is asked since when it expects what it does, and of a block whether it had failed as of
/// its run's end. As a set of entries it depends neither on the order of arrival nor on duplicates.
struct TableRow {
  std::vector<RowEntry> entries;        ///< By ascending position, each once.
  std::vector<schema::Position> reads;  ///< Where snapshots read it; superseded ones left out.
  bool operator==(const TableRow&) const = default;
};

/// A block of more changes loses its oldest ones.
inline constexpr std::size_t kBlockEntriesMax = 64;
/// So many snapshots of a part of the table are told apart.
inline constexpr std::size_t kRowReadsMax = 16;

enum class Taken : std::uint8_t {
  added,
  known,
  older,        ///< Than what is kept: it changes nothing.
  contradicts,  ///< Its position is known with another commit time.
};
/// `table` is the row's. That a snapshot read it is only noted where `notes_read`.
Taken take(TableRow& row, mage::Table table, RowEntry entry, bool notes_read);

/// The newest row, deleted or not; null where none was ever seen. Of a trigger whose settings
/// stayed the same the earlier ones are not read in: see current_trigger() in trigger_history.h.
const mage::Row* newest_row(const TableRow& row);
bool is_deleted(const TableRow& row);
/// The run that it is of; nothing of a trigger, and of a block that was only ever deleted.
std::optional<std::int64_t> run_of(const TableRow& row);
/// A block that was FAILED at some time.
bool ever_failed(const TableRow& row);

}  // namespace walpulse::monitor
