#include "monitor/ledger/epochs.h"

#include <algorithm>
#include <chrono>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

/// How long an epoch may go unintroduced.
constexpr IntakeTime kIntroductionWait = 60s;
/// More than so many at once nobody sends by accident.
constexpr std::ptrdiff_t kWaitingMax = 16;

bool names(const HistoryIdentity& identity, std::uint64_t epoch) {
  return std::find(identity.follows.begin(), identity.follows.end(), epoch) !=
         identity.follows.end();
}

/// Chapters of one history.
bool belong_together(const EpochRow& a, const EpochRow& b) {
  if (names(a.identity, b.epoch) || names(b.identity, a.epoch)) return true;
  return a.identity.system != 0 && a.identity.system == b.identity.system &&
         a.identity.database == b.identity.database &&
         a.identity.publication == b.identity.publication;
}

bool counts(const EpochRow& row) {
  return row.standing == Standing::accepted || row.standing == Standing::conflicted;
}

}  // namespace

Epochs::Epochs(std::vector<EpochRow> rows, IntakeTime clock) : clock_(clock) {
  for (EpochRow& row : rows) tracked_.push_back({std::move(row), false});
}

Epochs::Tracked& Epochs::tracked(const std::string& name, const std::string& table,
                                 std::uint64_t epoch) {
  const auto at = std::find_if(tracked_.begin(), tracked_.end(), [&](const Tracked& each) {
    return each.row.epoch == epoch && each.row.name == name && each.row.table == table;
  });
  if (at != tracked_.end()) return *at;
  EpochRow row;
  row.name = name;
  row.table = table;
  row.epoch = epoch;
  row.since = clock_;
  return tracked_.emplace_back(Tracked{std::move(row), true});
}

const EpochRow& Epochs::row(const std::string& name, const std::string& table,
                            std::uint64_t epoch) {
  return tracked(name, table, epoch).row;
}

Standing Epochs::standing_of(const EpochRow& row) const {
  bool first = true, all_said = row.identity.system != 0, one_lives = false;
  std::ptrdiff_t waiting = 0;
  for (const Tracked& each : tracked_) {
    const EpochRow& other = each.row;
    if (other.standing == Standing::waits) ++waiting;
    if (other.name != row.name || other.table != row.table || !counts(other)) continue;
    if (belong_together(row, other)) return Standing::accepted;
    first = false;
    all_said = all_said && other.identity.system != 0;
    one_lives = one_lives || other.heartbeat > row.since;
  }
  if (first) return Standing::accepted;
  if (all_said || waiting > kWaitingMax) return Standing::refused;
  if (clock_ < row.since + kIntroductionWait) return Standing::waits;
  return one_lives ? Standing::refused : Standing::accepted;
}

Epochs::Verdict Epochs::judge(Tracked& epoch) {
  EpochRow& row = epoch.row;
  const Standing before = row.standing;
  if (before == Standing::waits) row.standing = standing_of(row);
  epoch.changed = epoch.changed || row.standing != before;
  switch (row.standing) {
    case Standing::waits:
      return Verdict::waits;
    case Standing::accepted:
      return Verdict::fits;
    case Standing::refused:
      return before == Standing::refused ? Verdict::refused : Verdict::refused_first;
    case Standing::conflicted:
      break;
  }
  return Verdict::conflicts;
}

Epochs::Verdict Epochs::introduce(const schema::Introduction& said) {
  Tracked& epoch = tracked(said.name, said.table, said.epoch);
  EpochRow& row = epoch.row;
  const HistoryIdentity identity{said.system_identifier, said.database, said.publication,
                                 said.follows};
  if (identity.system != 0 && identity != row.identity) {
    row.identity = identity;
    epoch.changed = true;
    // What was refused for want of an introduction may be a chapter of ours.
    if (row.standing == Standing::refused && standing_of(row) == Standing::accepted)
      row.standing = Standing::accepted;
  }
  return judge(epoch);
}

Epochs::Verdict Epochs::heartbeat(const schema::Introduction& said) {
  const Verdict verdict = introduce(said);
  Tracked& epoch = tracked(said.name, said.table, said.epoch);
  if (epoch.row.heartbeat < clock_) {
    epoch.row.heartbeat = clock_;
    epoch.changed = true;
  }
  return verdict;
}

Epochs::Verdict Epochs::check(const std::string& name, const std::string& table,
                              std::uint64_t epoch) {
  return judge(tracked(name, table, epoch));
}

Epochs::Verdict Epochs::check(const ChangeMessage& change) {
  const Entry& entry = change.entry;
  Tracked& epoch = tracked(change.name, change.table, entry.position.epoch);
  EpochRow& row = epoch.row;
  const Verdict verdict =
      row.standing == Standing::accepted ? Verdict::fits : judge(epoch);  // as nearly always
  if (verdict != Verdict::fits || change.operation == schema::Operation::read) return verdict;
  const Lsn lsn = entry.position.commit_lsn;
  if (row.lsn == lsn && row.lsn_time != entry.commit_time) return latch(epoch);
  if (row.lsn < lsn) {
    row.lsn = lsn;
    row.lsn_time = entry.commit_time;
    epoch.changed = true;
  }
  if (row.newest < entry.commit_time) {
    row.newest = entry.commit_time;
    epoch.changed = true;
  }
  return Verdict::fits;
}

Epochs::Verdict Epochs::latch(const std::string& name, const std::string& table,
                              std::uint64_t epoch) {
  return latch(tracked(name, table, epoch));
}

Epochs::Verdict Epochs::latch(Tracked& epoch) {
  epoch.row.standing = Standing::conflicted;
  epoch.changed = true;
  return Verdict::conflicts_first;
}

void Epochs::save(Storage& storage) const {
  for (const Tracked& each : tracked_)
    if (each.changed) storage.save_epoch(each.row);
}

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::waits:
      return "waits";
    case Standing::accepted:
      return "accepted";
    case Standing::refused:
      return "refused";
    case Standing::conflicted:
      return "conflicted";
  }
  return "unknown";
}

}  // namespace walpulse::monitor
