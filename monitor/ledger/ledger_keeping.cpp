#include <algorithm>
#include <utility>

#include "monitor/ledger/connector_registry.h"
#include "monitor/ledger/ledger_core.h"
#include "monitor/ledger/pruning.h"

/// What is done beside the flow: pruning, and what becomes of rejected messages.
namespace walpulse::monitor {
namespace {

/// Why a message stays among the rejected; empty where it fits now.
std::string still_rejected(const ParsedMessage& parsed, Outcome outcome) {
  switch (outcome) {
    case Outcome::applied:
    case Outcome::unchanged:
    case Outcome::pruned:
    case Outcome::ignored:
      return {};
    case Outcome::refused:
      return "name_taken: another history has its name: see `walpulse-monitor sources list`";
    case Outcome::invalid:
      return std::get<InvalidMessage>(parsed.message()).reason;
    case Outcome::conflict:
      return std::string(kConflictReason);
    case Outcome::waits:
      return "nobody has introduced its epoch yet";
    case Outcome::deferred:
      break;
  }
  return "it has a schema version that this build does not know";
}

ReceivedMessage incoming_of(const Rejected& rejected) {
  return {rejected.data, rejected.attributes, rejected.message_id};
}

}  // namespace

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

Result<std::vector<RejectedMessage>> LedgerCore::unforwarded(std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t lease = generation();
  std::vector<RejectedMessage> none;
  if (lease == 0) return none;
  return transactions_.run(Intent::share, [&](Transaction& in) {
    std::vector<RejectedMessage> found;
    if (!in.lease().holds(lease)) return found;
    for (const Rejected& each : in.rejected().unforwarded(count_max))
      found.push_back({each.id, incoming_of(each), each.reason});
    return found;
  });
}

Result<void> LedgerCore::mark_forwarded(std::span<const std::int64_t> ids) {
  const std::lock_guard lock(mutex_);
  auto done = transactions_.run(Intent::share, [&](Transaction& in) {
    in.rejected().mark_forwarded(ids);
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<RedrivenGroup> LedgerCore::redrive(std::int64_t after, std::size_t count_max, Timestamp now,
                                          bool dry_run) {
  const std::lock_guard lock(mutex_);
  const auto rejected = transactions_.run(
      Intent::read, [&](Transaction& in) { return in.rejected().after(after, count_max); });
  if (!rejected) return tl::unexpected(rejected.error());
  RedrivenGroup done;
  if (auto applied = redrive_part(*rejected, now, dry_run, done); !applied)
    return tl::unexpected(applied.error());
  return done;
}

Result<void> LedgerCore::redrive_part(std::span<const Rejected> part, Timestamp now, bool dry_run,
                                      RedrivenGroup& done) {
  if (part.empty()) return {};
  std::vector<ReceivedMessage> messages;
  messages.reserve(part.size());
  for (const Rejected& each : part) messages.push_back(incoming_of(each));
  std::vector<ParsedMessage> parsed;
  parsed.reserve(messages.size());
  for (const ReceivedMessage& message : messages)
    parsed.push_back({&message, read_message(message)});
  bool incomplete = false;
  auto group = transactions_.run(
      intent_of(parsed),
      [&](Transaction& in) {
        RedrivenGroup found;
        BatchApplier application(in, limits_, options_, now, Arrival::again);
        ApplyResult applied = application.apply(parsed);
        incomplete = application.incomplete();
        std::vector<std::int64_t> fitting;
        for (std::size_t i = 0; i < part.size(); ++i) {
          const Outcome outcome = applied.outcomes[i];
          found.messages.push_back(
              {part[i].id, part[i].message_id, outcome, still_rejected(parsed[i], outcome)});
          if (found.messages.back().reason.empty()) fitting.push_back(part[i].id);
        }
        in.rejected().remove(fitting);
        found.alerts = std::move(applied.alerts);
        return found;
      },
      dry_run ? Ending::rollback : Ending::commit);
  if (group) {
    std::move(group->messages.begin(), group->messages.end(), std::back_inserter(done.messages));
    std::move(group->alerts.begin(), group->alerts.end(), std::back_inserter(done.alerts));
    return incomplete && !dry_run ? complete_snapshots(now) : Result<void>();
  }
  if (retryable(group.error())) return tl::unexpected(group.error());
  if (part.size() == 1) {
    done.messages.push_back(
        {part[0].id, part[0].message_id, Outcome::invalid, group.error().message});
    return {};
  }
  const std::size_t half = part.size() / 2;
  if (auto first = redrive_part(part.first(half), now, dry_run, done); !first) return first;
  return redrive_part(part.subspan(half), now, dry_run, done);
}

Result<std::string> LedgerCore::pin(const std::string& name, const std::string& found,
                                    bool replace) {
  const std::lock_guard lock(mutex_);
  return transactions_.run(Intent::exclusive, [&](Transaction& in) {
    const std::string known = in.pins().value(name);
    if (!known.empty() && !replace) return known;
    in.pins().pin(name, found);
    return found;
  });
}

Result<std::vector<KnownEpoch>> LedgerCore::epochs() {
  const std::lock_guard lock(mutex_);
  return transactions_.run(Intent::read, [&](Transaction& in) {
    std::vector<KnownEpoch> found;
    for (EpochRow& row : in.context().epochs)
      found.push_back({std::move(row.name), std::move(row.table), row.epoch,
                       to_string(row.standing), row.identity.system,
                       std::move(row.identity.database), std::move(row.identity.publication),
                       std::move(row.identity.follows), row.newest});
    return found;
  });
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

Result<std::string> LedgerCore::pinned(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return transactions_.run(Intent::read, [&](Transaction& in) { return in.pins().value(name); });
}

}  // namespace walpulse::monitor
