#include <algorithm>
#include <iterator>
#include <utility>

#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/ledger/counting/series_changes.h"
#include "monitor/ledger/ledger_core.h"
#include "monitor/ledger/rejected_bound.h"

/// What becomes of rejected messages.
namespace walpulse::monitor {
namespace {

/// Why a message stays among the rejected; empty where it fits now.
std::string still_rejected(const ReceivedMessage& message, Outcome outcome) {
  switch (outcome) {
    case Outcome::applied:
    case Outcome::unchanged:
    case Outcome::pruned:
    case Outcome::ignored:
      return {};
    case Outcome::refused:
      return "name_taken: another history has its name: see `walpulse-monitor sources list`";
    case Outcome::invalid:
      return std::get<InvalidMessage>(*message.read).reason;
    case Outcome::conflict:
      return std::string(kConflictReason);
    case Outcome::waits:
      return "nobody has introduced its epoch yet";
    case Outcome::deferred:
      break;
  }
  return "it has a schema version that this build does not know";
}

std::vector<RejectedMessage> messages_of(const std::vector<Rejected>& rows) {
  std::vector<RejectedMessage> messages;
  messages.reserve(rows.size());
  for (const Rejected& row : rows)
    messages.push_back({row.id, {row.data, row.attributes, row.message_id}, row.reason});
  return messages;
}

}  // namespace

Result<std::vector<RejectedMessage>> LedgerCore::rejected(std::int64_t after,
                                                          std::size_t count_max) {
  return read([&](Transaction& in, LabelLimits&) {
    return messages_of(in.rejected().after(after, count_max));
  });
}

Result<std::vector<RejectedMessage>> LedgerCore::unforwarded(std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t lease = generation();
  std::vector<RejectedMessage> none;
  if (lease == 0) return none;
  return transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return none;
    return messages_of(in.rejected().unforwarded(count_max));
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

/// Takes out what is beyond the bound, or the first of it: nobody waits for all. How many of them
/// were nowhere else.
Result<std::int64_t> LedgerCore::bound_rejected(Timestamp now) {
  // Alone, so that no two instances count the same ones.
  auto drop = transactions_.run(Intent::exclusive, [&](Transaction& in) {
    RejectedDrop next = next_drop(in.rejected(), options_, now);
    in.rejected().remove(next.ids);
    SeriesChanges counts;
    const auto& metric = metric_descriptors().rejected_dropped_count;
    if (next.too_old > 0) counts.count(metric, "", {{"reason", "age"}}, next.too_old);
    if (next.too_large > 0) counts.count(metric, "", {{"reason", "size"}}, next.too_large);
    counts.apply(in, in.context().last_end);
    return next;
  });
  if (!drop) return tl::unexpected(drop.error());
  rejected_left_ = !drop->all;
  if (drop->all) set_aside_bytes_ = 0;
  return drop->too_old + drop->too_large;
}

/// Beside the applying of a group, which nothing that fails here takes back: it is tried again
/// behind the next one.
std::int64_t LedgerCore::make_room(std::span<const ReceivedMessage> group,
                                   const ApplyResult& applied, Timestamp now) {
  for (std::size_t i = 0; i < std::min(group.size(), applied.outcomes.size()); ++i)
    if (is_set_aside(applied.outcomes[i]))
      set_aside_bytes_ += kept_bytes(
          {0, group[i].message_id, now, applied.rejected_for, group[i].data, group[i].attributes});
  if (set_aside_bytes_ < rejected_slack(options_)) return 0;
  return bound_rejected(now).value_or(0);
}

Result<RedrivenGroup> LedgerCore::redrive(std::span<const RejectedMessage> messages, Timestamp now,
                                          bool dry_run) {
  const std::lock_guard lock(mutex_);
  RedrivenGroup done;
  if (auto applied = redrive_part(messages, now, dry_run, done); !applied)
    return tl::unexpected(applied.error());
  return done;
}

Result<void> LedgerCore::redrive_part(std::span<const RejectedMessage> part, Timestamp now,
                                      bool dry_run, RedrivenGroup& done) {
  if (part.empty()) return {};
  std::vector<ReceivedMessage> messages;
  messages.reserve(part.size());
  for (const RejectedMessage& each : part) messages.push_back(each.message);
  bool incomplete = false;
  auto group = transactions_.run(
      intent_of(messages),
      [&](Transaction& in) {
        RedrivenGroup found;
        BatchApplier applier(in, limits_, options_, now, Arrival::again);
        ApplyResult applied = applier.apply(messages);
        incomplete = applier.incomplete();
        std::vector<std::int64_t> fitting;
        for (std::size_t i = 0; i < part.size(); ++i) {
          const Outcome outcome = applied.outcomes[i];
          found.messages.push_back(
              {part[i].id, messages[i].message_id, outcome, still_rejected(messages[i], outcome)});
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
        {part[0].id, messages[0].message_id, Outcome::invalid, group.error().message});
    return {};
  }
  const std::size_t half = part.size() / 2;
  if (auto first = redrive_part(part.first(half), now, dry_run, done); !first) return first;
  return redrive_part(part.subspan(half), now, dry_run, done);
}

}  // namespace walpulse::monitor
