#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "decoder/schema/snapshot_end.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// An end message as it is kept, not yet complete.
SnapshotEndRow make_end_row(const schema::SnapshotEnd& end);

/// A complete snapshot of the whole table, at this position or a later one, makes whatever is still
/// to come of one at `position` pointless: it ends all that an older one could.
bool superseded(const SourceRow& source, const schema::Position& position);

/// The end that a run lacks a row of: the latest complete one that covers it, where all its entries
/// lie below. Null where there is none.
const SnapshotEndRow* ended_by(const SourceRow& source, std::int64_t run,
                               const schema::Position& last_entry);

/// Whether a truncate, or the end of a snapshot that did not find it, came after the row's last
/// entry.
bool was_ended(const SourceRow& source, std::int64_t id, const schema::Position& last_entry);

/// Rows that snapshots read, counted as they become entries: by position and chunk of ids.
class SnapshotRowCounts {
 public:
  void add(const SourceRow& source, std::int64_t run, const schema::Position& position);
  void save(Transaction& transaction) const;

 private:
  std::map<std::int64_t, std::map<std::pair<schema::Position, std::int64_t>, std::int64_t>> counts_;
};

/// Completes the ends whose rows are all in the ledger, and forgets what they supersede. Returns
/// the active runs that they may have ended. Only where nobody else changes the ledger
/// (Intent::exclusive): what counts rows sees no others' writes.
std::vector<RunKey> complete_snapshots(Transaction& transaction, SourceRow& source);

}  // namespace walpulse::monitor
