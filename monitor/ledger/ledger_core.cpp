#include "monitor/ledger/ledger_core.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include "monitor/ledger/exporting.h"
#include "monitor/ledger/gauges.h"

namespace walpulse::monitor {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::applied:
      return "applied";
    case Outcome::unchanged:
      return "unchanged";
    case Outcome::pruned:
      return "pruned";
    case Outcome::invalid:
      return "invalid";
    case Outcome::conflict:
      return "conflict";
    case Outcome::deferred:
      return "deferred";
    case Outcome::waits:
      return "waits";
    case Outcome::ignored:
      return "ignored";
    case Outcome::refused:
      return "refused";
  }
  return "unknown";
}

namespace {

/// As a shell takes it: a name from the wire may be anything.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') word += "'\\'";
    word += c;
  }
  return word + "'";
}

}  // namespace

std::string name_taken_reason(const std::string& name, std::uint64_t epoch) {
  return "name_taken: another history has the name " + name +
         ": give one of the two sources another name (walpulse-connector setup --name), or take "
         "this one in with `walpulse-monitor sources accept " +
         shell_word(name) + ' ' + std::to_string(epoch) + "` and redrive";
}

LedgerCore::LedgerCore(std::unique_ptr<Storage> storage, LedgerOptions options)
    : storage_(std::move(storage)),
      options_(std::move(options)),
      holder_(options_.instance + '/' + std::to_string(std::random_device{}()) + '-' +
              std::to_string(std::random_device{}())),
      limits_(options_.pipelines_max, options_.label_values_max),
      transactions_(*storage_, limits_) {}

Result<ApplyResult> LedgerCore::apply(std::span<const ReceivedMessage> group, Timestamp now) {
  std::vector<ParsedMessage> parsed;
  parsed.reserve(group.size());
  for (const ReceivedMessage& received : group)
    parsed.push_back({&received, read_message(received)});
  const std::lock_guard lock(mutex_);
  ApplyResult applied;
  // What a bisected group has committed by then stays so, and is told of.
  auto done = apply_part(parsed, now, applied);
  if (!done && applied.outcomes.empty()) return tl::unexpected(done.error());
  heard_ = true;
  return applied;
}

Result<void> LedgerCore::apply_part(std::span<const ParsedMessage> part, Timestamp now,
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
  if (!completed) return fail(ErrorKind::unavailable, completed.error().message);
  return {};
}

Result<void> LedgerCore::set_aside(const ParsedMessage& poison, Timestamp now,
                                   const std::string& reason, ApplyResult& applied) {
  const ParsedMessage invalid{poison.received,
                              std::make_shared<const Message>(InvalidMessage{reason})};
  auto result = transactions_.run(Intent::share, [&](Transaction& in) {
    return BatchApplier(in, limits_, options_, now).apply(std::span(&invalid, 1));
  });
  if (!result) return fail(ErrorKind::unavailable, result.error().message);
  applied.outcomes.push_back(Outcome::invalid);
  applied.rejected_for = reason;
  return {};
}

Result<telemetry::MetricFamilies> LedgerCore::snapshot(Timestamp now) {
  const std::lock_guard lock(mutex_);
  return transactions_.run(Intent::read, [&](Transaction& in) {
    const Context context = in.context();
    return make_snapshot(in.series().all(), read_gauges(in, limits_, context, options_, now), now);
  });
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
