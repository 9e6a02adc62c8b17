#include "monitor/ledger/epochs.h"

#include <algorithm>
#include <chrono>

namespace walpulse::monitor {
namespace {

/// Commit times follow the log's order but for the clock's own steps.
constexpr auto kClockSlack = std::chrono::minutes(10);

bool contradicts(const EpochRow& seen, const Entry& entry) {
  if (entry.position.commit_lsn == seen.lsn) return entry.commit_time != seen.lsn_time;
  return entry.position.commit_lsn < seen.lsn && entry.commit_time > seen.newest + kClockSlack;
}

}  // namespace

Epochs::Epochs(std::vector<EpochRow> rows) {
  for (EpochRow& row : rows) tracked_.push_back({std::move(row), false});
}

Epochs::Tracked& Epochs::tracked(const ChangeMessage& change) {
  const std::uint64_t epoch = change.entry.position.epoch;
  const auto at = std::find_if(tracked_.begin(), tracked_.end(), [&](const Tracked& each) {
    return each.row.epoch == epoch && each.row.name == change.name;
  });
  if (at != tracked_.end()) return *at;
  EpochRow row;
  row.name = change.name;
  row.epoch = epoch;
  return tracked_.emplace_back(Tracked{std::move(row), false});
}

Epochs::Verdict Epochs::check(const ChangeMessage& change) {
  Tracked& seen = tracked(change);
  if (seen.row.conflicted) return Verdict::conflicts;
  if (change.operation == schema::Operation::read) return Verdict::fits;
  const Entry& entry = change.entry;
  const bool first = seen.row.lsn.value == 0;
  if (!first && contradicts(seen.row, entry)) return latch(change);
  if (first || entry.position.commit_lsn > seen.row.lsn) {
    seen.row.lsn = entry.position.commit_lsn;
    seen.row.lsn_time = entry.commit_time;
    seen.changed = true;
  }
  if (first || entry.commit_time > seen.row.newest) {
    seen.row.newest = entry.commit_time;
    seen.changed = true;
  }
  return Verdict::fits;
}

Epochs::Verdict Epochs::latch(const ChangeMessage& change) {
  Tracked& seen = tracked(change);
  seen.row.conflicted = true;
  seen.changed = true;
  return Verdict::conflicts_first;
}

void Epochs::save(Storage& storage) const {
  for (const Tracked& each : tracked_)
    if (each.changed) storage.save_epoch(each.row);
}

}  // namespace walpulse::monitor
