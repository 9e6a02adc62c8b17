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

Epochs::Tracked& Epochs::tracked(const std::string& name, std::uint64_t epoch) {
  const auto at = std::find_if(tracked_.begin(), tracked_.end(), [&](const Tracked& each) {
    return each.row.epoch == epoch && each.row.name == name;
  });
  if (at != tracked_.end()) return *at;
  EpochRow row;
  row.name = name;
  row.epoch = epoch;
  return tracked_.emplace_back(Tracked{std::move(row), false});
}

Epochs::Verdict Epochs::check(const ChangeMessage& change) {
  const Entry& entry = change.entry;
  if (change.operation == schema::Operation::read)
    return check_snapshot(change.name, entry.position, entry.commit_time);
  Tracked& seen = tracked(change.name, entry.position.epoch);
  if (seen.row.conflicted) return Verdict::conflicts;
  const bool first = seen.row.lsn.value == 0;
  if (!first && contradicts(seen.row, entry)) return latch(seen);
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

Epochs::Verdict Epochs::check_snapshot(const std::string& name, const schema::Position& position,
                                       Timestamp taken) {
  Tracked& seen = tracked(name, position.epoch);
  if (seen.row.conflicted) return Verdict::conflicts;
  const bool behind = seen.row.lsn.value != 0 && position.commit_lsn < seen.row.lsn;
  if (behind && taken > seen.row.newest + kClockSlack) return latch(seen);
  return Verdict::fits;
}

Epochs::Verdict Epochs::latch(const ChangeMessage& change) {
  return latch(tracked(change.name, change.entry.position.epoch));
}

Epochs::Verdict Epochs::latch(Tracked& seen) {
  seen.row.conflicted = true;
  seen.changed = true;
  return Verdict::conflicts_first;
}

void Epochs::save(Storage& storage) const {
  for (const Tracked& each : tracked_)
    if (each.changed) storage.save_epoch(each.row);
}

}  // namespace walpulse::monitor
