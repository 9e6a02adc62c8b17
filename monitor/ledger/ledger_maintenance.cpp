#include <algorithm>

#include "monitor/ledger/application/connector_registry.h"
#include "monitor/ledger/ledger_core.h"
#include "monitor/ledger/pruning.h"

/// What is done beside the flow: the intake clock and what is counted by it, pruning, epochs that a
/// person takes in.
namespace walpulse::monitor {
namespace {

/// The clock never moves on by more at once: a leader that was stopped, or a message after an
/// outage, says nothing of how long the others have been here.
constexpr auto kMoveMax = std::chrono::seconds(10);
/// Of one transaction, so that the intake never waits for long.
constexpr std::size_t kRunsMax = 500;

}  // namespace

Result<Advanced> LedgerCore::advance(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto leads = move_intake_clock(now);
  if (!leads) return tl::unexpected(leads.error());
  if (!*leads) return Advanced{};
  const std::uint64_t lease = generation();
  return transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return Advanced{};
    return BatchApplier(in, limits_, options_, Timestamp{}).settle(kRunsMax);
  });
}

/// True where this instance leads. Another one only says that it took messages.
Result<bool> LedgerCore::move_intake_clock(Clock::time_point now) {
  const std::uint64_t lease = generation();
  if (lease == 0) {
    moved_at_.reset();
    if (!heard_) return false;
    auto noted = transactions_.run(Intent::share, [&](Transaction& in) {
      in.clocks().note_heard();
      return false;
    });
    heard_ = !noted;
    return noted;
  }
  const auto since = std::min<Clock::duration>(now - moved_at_.value_or(now), kMoveMax);
  struct Moved {
    bool leads = false;
    bool heard = false;
    std::int64_t by_others = 0;
  };
  auto moved = transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return Moved{};
    const Context context = in.context();
    const bool heard = heard_ || context.heard != heard_by_others_;
    if (heard) in.clocks().save_intake(context.intake + std::chrono::floor<IntakeTime>(since));
    return Moved{true, heard, context.heard};
  });
  if (!moved) return tl::unexpected(moved.error());
  if (moved->leads) {
    heard_ = false;
    heard_by_others_ = moved->by_others;
    if (moved->heard || !moved_at_) moved_at_ = now;
  }
  return moved->leads;
}

Result<Pruned> LedgerCore::prune(Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (generation() == 0) return Pruned{0, true};
  struct Scan {
    std::vector<RunKey> prunable;
    RunKey last;
    bool all_seen = false;
  };
  auto scan = transactions_.run(Intent::read, [&](Transaction& in) {
    const PruneRule rule(in.context(), in.runs().pipelines(), options_.prune_after, now);
    Scan found;
    const auto runs = in.runs().after(pruned_up_to_, options_.prune_runs_max);
    for (const StoredRun& stored : runs)
      if (rule.may_go(stored)) found.prunable.push_back(stored.key);
    found.all_seen = runs.size() < options_.prune_runs_max;
    if (!found.all_seen) found.last = runs.back().key;
    return found;
  });
  if (!scan) return tl::unexpected(scan.error());
  auto removed = remove_prunable(scan->prunable, now);
  if (!removed) return tl::unexpected(removed.error());
  if (scan->all_seen)
    if (auto stripped = strip_connectors(); !stripped) return tl::unexpected(stripped.error());
  pruned_up_to_ = scan->last;
  return Pruned{*removed, scan->all_seen};
}

/// Looks again once nobody else can change them: what has moved meanwhile stays.
Result<std::size_t> LedgerCore::remove_prunable(const std::vector<RunKey>& keys, Timestamp now) {
  if (keys.empty()) return std::size_t{0};
  const std::uint64_t lease = generation();
  return transactions_.run(Intent::exclusive, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return std::size_t{0};
    const PruneRule rule(in.context(), in.runs().pipelines(), options_.prune_after, now);
    std::vector<StoredRun> runs = in.runs().load(keys);
    std::erase_if(runs, [&](const StoredRun& run) { return !run.known || !rule.may_go(run); });
    in.runs().remove(runs);
    for (const auto& [source, floor] : prune_floors(runs)) in.sources().save_floor(source, floor);
    return runs.size();
  });
}

Result<void> LedgerCore::strip_connectors() {
  auto done = transactions_.run(Intent::share, [&](Transaction& in) {
    in.claim(Claim::connectors);
    for (const ConnectorRow& row : without_heartbeats(in.connectors().all()))
      in.connectors().save(row);
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<std::size_t> LedgerCore::accept_epoch(const std::string& name, std::uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  return transactions_.run(Intent::exclusive, [&](Transaction& in) {
    std::size_t accepted = 0;
    for (EpochRow& row : in.context().epochs) {
      if (row.name != name || row.epoch != epoch || row.standing == Standing::accepted) continue;
      row.standing = Standing::accepted;
      row.decided = EpochRow::Decided::by_a_person;
      in.epochs().save(row);
      ++accepted;
    }
    return accepted;
  });
}

}  // namespace walpulse::monitor
