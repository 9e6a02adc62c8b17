#include "monitor/ledger/ledger_core.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include "decoder/base/error_context.h"

namespace walpulse::monitor {

LedgerCore::LedgerCore(std::unique_ptr<Storage> storage, LedgerOptions options, Readers readers)
    : storage_(std::move(storage)),
      options_(std::move(options)),
      holder_(options_.instance + '/' + std::to_string(std::random_device{}()) + '-' +
              std::to_string(std::random_device{}())),
      limits_(options_),
      transactions_(*storage_, limits_, [this] {
        if (readers_) readers_->expire();
      }) {
  if (readers.open) readers_.emplace(std::move(readers), options_);
}

Result<ApplyResult> LedgerCore::apply(std::span<const ReceivedMessage> group, Timestamp now) {
  const std::lock_guard lock(mutex_);
  ApplyResult applied;
  // What a bisected group has committed by then stays so, and is told of.
  auto done = apply_part(group, now, applied);
  if (!done && applied.outcomes.empty()) return tl::unexpected(done.error());
  heard_ = true;
  applied.dropped_count = make_room(group, applied, now);
  return applied;
}

Result<void> LedgerCore::apply_part(std::span<const ReceivedMessage> part, Timestamp now,
                                    ApplyResult& applied) {
  if (part.empty()) return {};
  bool incomplete = false;
  auto result = transactions_.run(intent_of(part), [&](Transaction& in) {
    BatchApplier group(in, limits_, options_, now);
    ApplyResult done = group.apply(part);
    incomplete = group.incomplete();
    return done;
  });
  if (result) {
    // Else the messages are not answered for, and come again.
    if (incomplete)
      if (auto completed = complete_snapshots(now); !completed) return completed;
    std::move(result->outcomes.begin(), result->outcomes.end(),
              std::back_inserter(applied.outcomes));
    std::move(result->alerts.begin(), result->alerts.end(), std::back_inserter(applied.alerts));
    if (!result->rejected_for.empty()) applied.rejected_for = std::move(result->rejected_for);
    applied.happened = applied.happened || result->happened;
    return {};
  }
  if (retryable(result.error())) return tl::unexpected(result.error());
  if (part.size() == 1) return set_aside(part.front(), now, result.error().message, applied);
  const std::size_t half = part.size() / 2;
  if (auto first = apply_part(part.first(half), now, applied); !first) return first;
  return apply_part(part.subspan(half), now, applied);
}

Result<void> LedgerCore::complete_snapshots(Timestamp now) {
  auto completed = transactions_.run(Intent::exclusive, [&](Transaction& in) {
    BatchApplier(in, limits_, options_, now).complete_snapshots();
    return true;
  });
  if (!completed) return fail(of_kind(ErrorKind::unavailable, completed.error()));
  return {};
}

Result<void> LedgerCore::set_aside(const ReceivedMessage& poison, Timestamp now,
                                   const std::string& reason, ApplyResult& applied) {
  ReceivedMessage invalid = poison;
  invalid.read = std::make_shared<const Message>(InvalidMessage{reason});
  auto result = transactions_.run(Intent::share, [&](Transaction& in) {
    return BatchApplier(in, limits_, options_, now).apply(std::span(&invalid, 1));
  });
  if (!result) return fail(of_kind(ErrorKind::unavailable, result.error()));
  applied.outcomes.push_back(Outcome::invalid);
  applied.rejected_for = reason;
  return {};
}

Result<void> LedgerCore::check() {
  const std::lock_guard lock(mutex_);
  auto result = transactions_.run(Intent::share, [&](Transaction& in) {
    in.touch();
    return true;
  });
  if (!result) return tl::unexpected(result.error());
  return {};
}

}  // namespace walpulse::monitor
