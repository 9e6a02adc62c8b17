#include "monitor/ledger/ledger_core.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <set>
#include <thread>
#include <utility>

#include "monitor/ledger/catalogue.h"
#include "monitor/ledger/exporting.h"
#include "monitor/ledger/series_changes.h"

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
  }
  return "unknown";
}

namespace {

/// Of a transaction that others are in the way of: some five seconds in all.
constexpr int kAttempts = 20;
constexpr std::chrono::milliseconds kFirstPause{2};
constexpr std::chrono::milliseconds kLongestPause{500};

/// The service knows an interval of these series that began later than ours, and refuses all that
/// begin before it: they go on from `start`.
void begin_anew(Storage& storage, const std::set<std::int64_t>& ids, Timestamp start) {
  if (ids.empty()) return;
  std::vector<Series> changed;
  for (Series& series : storage.all_series()) {
    if (!ids.contains(series.id)) continue;
    series.start = start;
    ++series.version;
    changed.push_back(std::move(series));
  }
  storage.save_series(changed);
}

/// A truncate is read into every timeline of its table, so no run of it may change meanwhile.
Intent intent_of(std::span<const ParsedMessage> part) {
  const bool truncates = std::any_of(part.begin(), part.end(), [](const ParsedMessage& parsed) {
    const auto* change = std::get_if<ChangeMessage>(&parsed.message);
    return change != nullptr && change->operation == schema::Operation::truncate;
  });
  return truncates ? Intent::exclusive : Intent::share;
}

}  // namespace

LedgerCore::LedgerCore(std::unique_ptr<Storage> storage, LedgerOptions options)
    : storage_(std::move(storage)),
      options_(std::move(options)),
      limits_(options_.pipelines_max, options_.label_values_max) {}

template <class Work>
auto LedgerCore::transact(Intent intent, const Work& work) -> Result<decltype(work())> {
  auto outcome = attempt(intent, work);
  auto pause = kFirstPause;
  for (int i = 1; i < kAttempts && !outcome && outcome.error().kind == ErrorKind::contended; ++i) {
    // Nobody waits for long, and the two that met must not meet again.
    std::this_thread::sleep_for(std::uniform_int_distribution<std::int64_t>(
                                    0, std::chrono::microseconds(pause).count())(pauses_) *
                                std::chrono::microseconds(1));
    pause = std::min(pause * 2, kLongestPause);
    outcome = attempt(intent, work);
  }
  return outcome;
}

template <class Work>
auto LedgerCore::attempt(Intent intent, const Work& work) -> Result<decltype(work())> {
  if (auto begun = storage_->begin(intent); !begun) return tl::unexpected(begun.error());
  limits_.begin(/*rolled_back=*/false);
  try {
    auto outcome = work();
    auto committed = storage_->commit();
    if (committed) return outcome;
    limits_.begin(/*rolled_back=*/true);
    return tl::unexpected(committed.error());
  } catch (const std::exception& error) {  // out of memory, a standard container's limit
    storage_->rollback();
    limits_.begin(/*rolled_back=*/true);
    return fail(ErrorKind::rejected, error.what());
  }
}

Result<Applied> LedgerCore::apply(std::span<const Incoming> group, Timestamp now) {
  std::vector<ParsedMessage> parsed;
  parsed.reserve(group.size());
  for (const Incoming& incoming : group) parsed.push_back({&incoming, parse_message(incoming)});
  const std::lock_guard lock(mutex_);
  Applied applied;
  // What a bisected group has committed by then stays so, and is told of.
  auto done = apply_part(parsed, now, applied);
  if (!done && applied.outcomes.empty()) return tl::unexpected(done.error());
  return applied;
}

Result<void> LedgerCore::apply_part(std::span<const ParsedMessage> part, Timestamp now,
                                    Applied& applied) {
  if (part.empty()) return {};
  auto result = transact(intent_of(part), [&] {
    return GroupApplication(*storage_, limits_, options_, now).apply(part);
  });
  if (result) {
    std::move(result->outcomes.begin(), result->outcomes.end(),
              std::back_inserter(applied.outcomes));
    std::move(result->notices.begin(), result->notices.end(), std::back_inserter(applied.notices));
    return {};
  }
  if (retryable(result.error())) return tl::unexpected(result.error());
  if (part.size() == 1) return set_aside(part.front(), now, result.error().message, applied);
  const std::size_t half = part.size() / 2;
  if (auto first = apply_part(part.first(half), now, applied); !first) return first;
  return apply_part(part.subspan(half), now, applied);
}

Result<void> LedgerCore::set_aside(const ParsedMessage& poison, Timestamp now,
                                   const std::string& reason, Applied& applied) {
  const ParsedMessage invalid{poison.incoming, InvalidMessage{reason}};
  auto result = transact(Intent::share, [&] {
    return GroupApplication(*storage_, limits_, options_, now).apply(std::span(&invalid, 1));
  });
  if (!result) return fail(ErrorKind::unavailable, result.error().message);
  applied.outcomes.push_back(Outcome::invalid);
  return {};
}

Result<gcp::Snapshot> LedgerCore::snapshot(Timestamp now) {
  const std::lock_guard lock(mutex_);
  return transact(Intent::read, [&] {
    const Context context = storage_->context();
    return make_snapshot(storage_->all_series(),
                         read_gauges(*storage_, limits_, context, options_, now), now);
  });
}

Result<Export> LedgerCore::begin_export(Timestamp now) {
  const std::lock_guard lock(mutex_);
  return transact(Intent::share, [&] {
    const Context context = storage_->context();
    Export begun;
    begun.end = next_end(context, now);
    storage_->save_last_end(begun.end);
    begun.points =
        due_points(*storage_, read_gauges(*storage_, limits_, context, options_, begun.end),
                   options_, begun.end);
    return begun;
  });
}

Result<void> LedgerCore::finish_export(const Export& done, std::span<const ExportResult> results) {
  const std::lock_guard lock(mutex_);
  auto result = transact(Intent::share, [&] {
    std::vector<ExportMark> marks;
    SeriesChanges failures;
    std::set<std::int64_t> to_begin_anew;
    for (std::size_t i = 0; i < std::min(done.points.size(), results.size()); ++i) {
      const DuePoint& point = done.points[i];
      if (results[i].empty()) {
        marks.push_back({point.series, point.version, done.end});
      } else if (results[i] != "cancelled") {  // A stop left it to the next export.
        failures.count(catalogue().failed_points_count, point.point.source,
                       {{"reason", results[i]}});
        if (results[i] == "older_start") to_begin_anew.insert(point.series);
      }
    }
    storage_->mark_exported(marks);
    begin_anew(*storage_, to_begin_anew, done.end + std::chrono::milliseconds(1));
    failures.apply(*storage_, storage_->context().last_end);
    return true;
  });
  if (!result) return tl::unexpected(result.error());
  return {};
}

Result<void> LedgerCore::check() {
  const std::lock_guard lock(mutex_);
  auto result = transact(Intent::share, [&] {
    storage_->touch();
    return true;
  });
  if (!result) return tl::unexpected(result.error());
  return {};
}

}  // namespace walpulse::monitor
