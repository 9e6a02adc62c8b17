#include "monitor/ledger/application/epochs.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

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

Epochs::Epochs(Transaction& transaction, const Context& context)
    : transaction_(transaction), clock_(context.intake) {
  for (const EpochRow& row : context.epochs) tracked_.push_back({row, false});
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
  return tracked_.emplace_back(Tracked{std::move(row), false});
}

const EpochRow& Epochs::row(const std::string& name, const std::string& table,
                            std::uint64_t epoch) {
  return tracked(name, table, epoch).row;
}

/// Another instance may have decided meanwhile.
void Epochs::read_again() {
  if (std::exchange(claimed_, true)) return;
  transaction_.claim(Claim::connectors);
  for (const EpochRow& now : transaction_.context().epochs) {
    EpochRow& row = tracked(now.name, now.table, now.epoch).row;
    row.since = now.since;
    row.heartbeat = std::max(row.heartbeat, now.heartbeat);
    if (row.decided == EpochRow::Decided::before) row.standing = now.standing;
    if (row.identity.system == 0) row.identity = now.identity;
  }
}

/// Of a capture of several tables: an introduction names the first, and speaks for all of them.
const EpochRow* Epochs::speaker(const EpochRow& row) const {
  if (row.identity.system != 0) return nullptr;
  const auto at = std::find_if(tracked_.begin(), tracked_.end(), [&](const Tracked& each) {
    return each.row.epoch == row.epoch && each.row.name == row.name &&
           each.row.identity.system != 0;
  });
  return at == tracked_.end() ? nullptr : &at->row;
}

/// What its first table says goes for all tables of a capture, for good and for ill.
void Epochs::follow(const std::string& name, const std::string& table, std::uint64_t number) {
  const auto differs = [&] {
    const EpochRow& row = tracked(name, table, number).row;
    const EpochRow* said = speaker(row);
    return said != nullptr && said->standing != row.standing;
  };
  if (!differs()) return;
  read_again();
  if (!differs()) return;
  Tracked& epoch = tracked(name, table, number);
  decide(epoch, speaker(epoch.row)->standing);
}

Standing Epochs::standing_of(const EpochRow& row) const {
  // Of a table that no connector has spoken of yet: what did of another table knows the name.
  const bool silent = row.identity.system == 0 && row.heartbeat == kLongAgo;
  bool first = true, all_said = row.identity.system != 0, one_lives = false;
  for (const Tracked& each : tracked_) {
    const EpochRow& other = each.row;
    if (other.name != row.name || other.epoch == row.epoch || !counts(other)) continue;
    if (other.table != row.table && !(silent && other.identity.system != 0)) continue;
    if (belong_together(row, other)) return Standing::accepted;
    first = false;
    all_said = all_said && other.identity.system != 0;
    one_lives = one_lives || other.heartbeat > clock_ - kIntroductionWait;
  }
  if (first) return Standing::accepted;
  if (all_said) return Standing::refused;
  if (clock_ < row.since + kIntroductionWait) return Standing::waits;
  return one_lives ? Standing::refused : Standing::accepted;
}

bool Epochs::too_many_wait() const {
  // One whose time is over, and of which nothing came since, holds no place.
  const auto waits = [&](const Tracked& each) {
    return each.row.standing == Standing::waits && clock_ < each.row.since + kIntroductionWait;
  };
  return std::count_if(tracked_.begin(), tracked_.end(), waits) > kWaitingMax;
}

void Epochs::decide(Tracked& epoch, Standing standing) {
  if (epoch.row.standing == standing) return;
  epoch.row.standing = standing;
  epoch.row.decided = EpochRow::Decided::here;
  epoch.changed = true;
}

Epochs::Verdict Epochs::check(const std::string& name, const std::string& table,
                              std::uint64_t number) {
  follow(name, table, number);
  if (tracked(name, table, number).row.standing == Standing::waits) read_again();
  Tracked& epoch = tracked(name, table, number);
  EpochRow& row = epoch.row;
  const Standing before = row.standing;
  if (before == Standing::waits) {
    const Standing standing = standing_of(row);
    if (standing == Standing::waits && too_many_wait()) {
      tracked_.erase(tracked_.begin() + (&epoch - tracked_.data()));
      return Verdict::refused;  // and not remembered: there would be no end of them
    }
    epoch.changed = true;
    decide(epoch, standing);
  }
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
  const HistoryIdentity identity{said.system_identifier, said.database, said.publication,
                                 said.follows};
  {
    Tracked& epoch = tracked(said.name, said.table, said.epoch);
    const bool news = identity.system != 0 && identity != epoch.row.identity;
    if (!news && epoch.row.standing == Standing::accepted) return Verdict::fits;
  }
  read_again();
  Tracked& epoch = tracked(said.name, said.table, said.epoch);
  EpochRow& row = epoch.row;
  const bool first_said = identity.system != 0 && row.identity.system == 0;
  // One epoch of two systems: they were set up in one second, and their events cannot be told
  // apart.
  if (identity.system != 0 && !first_said && identity.system != row.identity.system)
    return row.standing == Standing::conflicted ? Verdict::conflicts
                                                : latch(said.name, said.table, said.epoch);
  if (identity.system != 0 && identity != row.identity) {
    row.identity = identity;
    epoch.changed = true;
  }
  // What was refused for want of an introduction may be a chapter of ours.
  if (row.standing == Standing::refused && standing_of(row) == Standing::accepted)
    decide(epoch, Standing::accepted);
  // What the first build let in may be another's.
  if (row.standing == Standing::accepted && first_said && is_a_stranger(row)) {
    decide(epoch, Standing::refused);
    return Verdict::refused_first;
  }
  return check(said.name, said.table, said.epoch);
}

/// Those that have said who they are are other histories.
bool Epochs::is_a_stranger(const EpochRow& row) const {
  bool others = false;
  for (const Tracked& each : tracked_) {
    const EpochRow& other = each.row;
    if (other.name != row.name || other.table != row.table || other.epoch == row.epoch) continue;
    if (!counts(other) || other.identity.system == 0) continue;
    if (belong_together(row, other)) return false;
    others = true;
  }
  return others;
}

void Epochs::lives(const std::string& name, const std::string& table, std::uint64_t epoch) {
  Tracked& known = tracked(name, table, epoch);
  if (known.row.heartbeat >= clock_) return;
  known.row.heartbeat = clock_;
  known.changed = true;
}

Epochs::Verdict Epochs::check(const ChangeMessage& change) {
  const Entry& entry = change.entry;
  const std::uint64_t number = entry.position.epoch;
  const Verdict verdict = check(change.name, change.table, number);
  if (verdict != Verdict::fits) return verdict;
  if (change.operation == schema::Operation::read) return Verdict::fits;
  Tracked& epoch = tracked(change.name, change.table, number);
  EpochRow& row = epoch.row;
  const Lsn lsn = entry.position.commit_lsn;
  if (row.lsn == lsn && row.lsn_time != entry.commit_time)
    return latch(change.name, change.table, number);
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
  Tracked& proven = tracked(name, table, epoch);
  decide(proven, Standing::conflicted);
  if (const EpochRow* said = speaker(proven.row)) {
    decide(tracked(said->name, said->table, said->epoch), Standing::conflicted);
  }
  return Verdict::conflicts_first;
}

void Epochs::save() {
  std::sort(tracked_.begin(), tracked_.end(), [](const Tracked& a, const Tracked& b) {
    return std::tie(a.row.name, a.row.table, a.row.epoch) <
           std::tie(b.row.name, b.row.table, b.row.epoch);
  });
  for (const Tracked& each : tracked_)
    if (each.changed) transaction_.epochs().save(each.row);
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
