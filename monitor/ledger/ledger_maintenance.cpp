#include <algorithm>

#include "decoder/mage/tables.h"
#include "monitor/ledger/application/connector_registry.h"
#include "monitor/ledger/ledger_core.h"
#include "monitor/ledger/pruning.h"
#include "monitor/ledger/read_model_fill.h"

/// What is done beside the flow: the intake clock and what is counted by it, pruning, epochs that a
/// person takes in.
namespace walpulse::monitor {
namespace {

/// The clock never moves on by more at once: a leader that was stopped, or a message after an
/// outage, says nothing of how long the others have been here.
constexpr auto kMoveMax = std::chrono::seconds(10);
/// Of one transaction, so that the intake never waits for long.
constexpr std::size_t kRunsMax = 500;
/// Of so many pipelines one step looks up which runs are to be kept.
constexpr std::size_t kPipelinesMax = 50;

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
  if (rejected_left_) {
    const auto dropped = bound_rejected(now);
    if (!dropped) return tl::unexpected(dropped.error());
    return Pruned{.dropped_count = *dropped};
  }
  struct Scan {
    std::vector<RunKey> prunable, outdated;
    RunKey last;
    std::size_t seen = 0;
    bool all_seen = false;
    bool fills = false;
  };
  if (pruned_up_to_ == RunKey{}) {
    kept_.clear();
    runs_seen_ = 0;
    saw_outdated_ = false;
  }
  auto scan = transactions_.run(Intent::read, [&](Transaction& in) {
    const PruneRule rule(in.context(), in.runs().pipelines(), options_.prune_after, now);
    Scan found;
    found.fills = !read_model_fill(in).complete;
    std::size_t looked_up = 0;
    const auto runs = in.runs().after(pruned_up_to_, options_.prune_runs_max);
    for (const StoredRun& stored : runs) {
      if (found.outdated.size() == kRunsMax) return found;  // go on from there
      // What an earlier build wrote says not when it ended: it is written again before it may go.
      const bool may_go = !stored.outdated && rule.may_go(stored);
      const std::string& pipeline = stored.run.state.pipeline;
      if (may_go && !kept_.knows(stored.key.source, pipeline)) {
        if (looked_up++ == kPipelinesMax) return found;
        kept_.add(
            stored.key.source, pipeline,
            in.runs().newest_runs(stored.key.source, pipeline, options_.keep_runs, kGroupsKeptMax));
      }
      found.last = stored.key;
      ++found.seen;
      if (stored.outdated) found.outdated.push_back(stored.key);
      if (may_go && !kept_.has(stored)) found.prunable.push_back(stored.key);
    }
    found.all_seen = runs.size() < options_.prune_runs_max;
    if (found.all_seen) found.last = {};
    return found;
  });
  if (!scan) return tl::unexpected(scan.error());
  auto removed = remove_prunable(scan->prunable, now);
  if (!removed) return tl::unexpected(removed.error());
  auto rewritten = rewrite_outdated(scan->outdated, now);
  if (!rewritten) return tl::unexpected(rewritten.error());
  const auto all_rows_seen = prune_deleted_rows(now);
  if (!all_rows_seen) return tl::unexpected(all_rows_seen.error());
  saw_outdated_ = saw_outdated_ || !scan->outdated.empty();
  if (scan->fills)
    if (auto noted = note_fill(scan->seen, scan->all_seen); !noted)
      return tl::unexpected(noted.error());
  std::int64_t dropped = 0;
  if (scan->all_seen) {
    const auto ended = end_scan(now);
    if (!ended) return tl::unexpected(ended.error());
    dropped = *ended;
  }
  pruned_up_to_ = scan->last;
  return Pruned{*removed, scan->all_seen && *all_rows_seen && !rejected_left_, *rewritten, dropped};
}

/// Complete once a whole scan has met no run of an earlier build.
Result<void> LedgerCore::note_fill(std::size_t seen, bool all_seen) {
  runs_seen_ += seen;
  const std::uint64_t lease = generation();
  auto noted = transactions_.run(Intent::share, [&](Transaction& in) {
    if (in.lease().holds(lease)) note_read_model_fill(in, {all_seen && !saw_outdated_, runs_seen_});
    return true;
  });
  if (!noted) return tl::unexpected(noted.error());
  return {};
}

/// How many rejected messages went that were nowhere else.
Result<std::int64_t> LedgerCore::end_scan(Timestamp now) {
  const std::uint64_t lease = generation();
  auto removed = transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return false;
    PruneRule(in.context(), {}, options_.prune_after, now).remove_days(in.daily());
    return true;
  });
  if (!removed) return tl::unexpected(removed.error());
  if (auto stripped = strip_connectors(); !stripped) return tl::unexpected(stripped.error());
  return bound_rejected(now);
}

/// Whoever applies messages beside this may have written them meanwhile: they are looked at again.
Result<std::size_t> LedgerCore::rewrite_outdated(const std::vector<RunKey>& keys, Timestamp now) {
  if (keys.empty()) return std::size_t{0};
  const std::uint64_t lease = generation();
  return transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return std::size_t{0};
    return BatchApplier(in, limits_, options_, now).read_again(keys);
  });
}

/// Looks again once nobody else can change them: what has moved meanwhile stays.
Result<std::size_t> LedgerCore::remove_prunable(const std::vector<RunKey>& keys, Timestamp now) {
  if (keys.empty()) return std::size_t{0};
  const std::uint64_t lease = generation();
  return transactions_.run(Intent::exclusive, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return std::size_t{0};
    const Context context = in.context();
    const PruneRule rule(context, in.runs().pipelines(), options_.prune_after, now);
    std::vector<StoredRun> runs = in.runs().load(keys);
    std::erase_if(runs, [&](const StoredRun& run) {
      return !run.known || !rule.may_go(run) || kept_.has(run);
    });
    keep_figures(in.daily(), runs);
    in.runs().remove(runs);
    for (const auto& [source, floor] : prune_floors(runs)) in.sources().save_floor(source, floor);
    remove_blocks(in, context.sources, runs);
    return runs.size();
  });
}

/// Deleted triggers and blocks. True where the scan is through.
Result<bool> LedgerCore::prune_deleted_rows(Timestamp now) {
  const std::uint64_t lease = generation();
  const auto scan = [&](Transaction& in) {
    return in.table_rows().deleted_after(rows_pruned_up_to_, options_.prune_runs_max);
  };
  bool some_may_go = false;
  const auto seen = transactions_.run(Intent::read, [&](Transaction& in) {
    const PruneRule rule(in.context(), {}, options_.prune_after, now);
    auto rows = scan(in);
    some_may_go = std::any_of(rows.begin(), rows.end(),
                              [&](const StoredTableRow& row) { return rule.may_go(row); });
    return rows;
  });
  if (!seen) return tl::unexpected(seen.error());
  if (some_may_go) {
    auto removed = transactions_.run(Intent::exclusive, [&](Transaction& in) {
      if (!in.lease().holds(lease)) return false;
      const Context context = in.context();
      const PruneRule rule(context, {}, options_.prune_after, now);
      std::vector<StoredTableRow> rows = scan(in);
      std::erase_if(rows, [&](const StoredTableRow& row) { return !rule.may_go(row); });
      std::vector<RowKey> keys;
      keys.reserve(rows.size());
      for (const StoredTableRow& row : rows) keys.push_back(row.key);
      in.table_rows().remove(keys);
      const auto floors = prune_floors(rows);
      for (const auto& [source, floor] : floors) in.sources().save_floor(source, floor);
      for (const SourceRow& source : context.sources)
        if (floors.contains(source.id) && mage::table_of(source.table) == mage::Table::triggers)
          in.sources().count_change(source.id);
      return true;
    });
    if (!removed) return tl::unexpected(removed.error());
  }
  const bool all = seen->size() < options_.prune_runs_max;
  rows_pruned_up_to_ = all ? RowKey{} : seen->back().key;
  return all;
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
