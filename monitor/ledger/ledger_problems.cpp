#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/ledger/counting/folded_labels.h"
#include "monitor/ledger/counting/metric_descriptors.h"
#include "monitor/ledger/counting/series_changes.h"
#include "monitor/ledger/ledger_core.h"
#include "monitor/ledger/problem_ledger.h"

/// What needs a person: read off the runs and triggers elsewhere, kept here.
namespace walpulse::monitor {
namespace {

/// Pinned with the first look at a source: its microseconds. Earlier builds pinned "1".
std::string looked_pin(const std::string& source) { return "problems " + source; }

constexpr const char* kUnloggedPin = "problems unlogged";

/// What is closed is shown so long.
constexpr std::chrono::days kClosedKept{30};

std::string missed_pins(std::int64_t table) { return "missed " + std::to_string(table) + ' '; }
std::string missed_pin(std::int64_t table, std::int64_t trigger) {
  return missed_pins(table) + std::to_string(trigger);
}

std::string to_pin(Timestamp instant) { return std::to_string(instant.time_since_epoch().count()); }

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

/// kMinusInfinity where it is none.
Timestamp from_pin(const std::string& pin) {
  const auto microseconds = number_of(pin);
  return microseconds ? Timestamp(std::chrono::microseconds(*microseconds)) : kMinusInfinity;
}

/// Counts the missed slots, and takes the names in that gauges will show: a pipeline that never ran
/// was never counted.
void count(Transaction& in, LabelLimits& limits, const ProblemUpdate& update) {
  SeriesChanges changes;
  FoldedLabels labels(in, limits, changes);
  for (const Problem& problem : update.changes.opened) {
    const ProblemKey& key = problem.finding.key;
    if (key.kind == ProblemKind::not_started) labels.admit("pipeline", key.subject, key.source);
  }
  for (const MissedSlots& each : update.missed) {
    in.pins().pin(missed_pin(each.table, each.trigger), to_pin(each.up_to));
    changes.count(metric_descriptors().trigger_missed_count, each.source,
                  labels.fold({{"pipeline", each.pipeline}}).labels, each.count);
  }
  changes.apply(in, in.context().last_end);
}

std::vector<std::int64_t> ids_of(const std::vector<Problem>& problems) {
  std::vector<std::int64_t> ids;
  ids.reserve(problems.size());
  for (const Problem& problem : problems) ids.push_back(problem.id);
  return ids;
}

/// Another leader may have opened, closed or counted since what the update was compared with.
bool is_current(Transaction& in, const ProblemUpdate& update) {
  const bool counted = std::ranges::any_of(update.missed, [&](const MissedSlots& each) {
    return missed_up_to(in, each.table, each.trigger) != each.after;
  });
  return !counted && ids_of(in.problems().open()) == update.open;
}

}  // namespace

Timestamp missed_up_to(Transaction& in, std::int64_t table, std::int64_t trigger) {
  return from_pin(in.pins().value(missed_pin(table, trigger)));
}

std::map<std::int64_t, Timestamp> missed_up_to(Transaction& in, std::int64_t table) {
  const std::string prefix = missed_pins(table);
  std::map<std::int64_t, Timestamp> found;
  for (const auto& [name, pin] : in.pins().beginning(prefix))
    if (const auto trigger = number_of(std::string_view(name).substr(prefix.size())))
      found.emplace(*trigger, from_pin(pin));
  return found;
}

std::optional<Timestamp> first_look(Transaction& in, const std::string& source) {
  const std::string pin = in.pins().value(looked_pin(source));
  if (pin.empty()) return std::nullopt;
  return pin == "1" ? kMinusInfinity : from_pin(pin);
}

std::string unlogged(Transaction& in) { return in.pins().value(kUnloggedPin); }

Result<KnownProblems> LedgerCore::problems(std::size_t closed_max) {
  return read([&](Transaction& in, LabelLimits&) {
    return KnownProblems{in.problems().open(), in.problems().closed(closed_max),
                         in.mutes().in_force(kMinusInfinity)};
  });
}

Result<std::int64_t> LedgerCore::keep_mute(const Mute& mute) {
  const std::lock_guard lock(mutex_);
  return transactions_.run(Intent::share, [&](Transaction& in) { return in.mutes().save(mute); });
}

Result<bool> LedgerCore::keep(ProblemUpdate& update) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t lease = generation();
  if (lease == 0) return false;
  return transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease) || !is_current(in, update)) return false;
    ProblemChanges& changes = update.changes;
    for (Problem& problem : changes.opened) {
      problem.id = 0;  // of an attempt before
      problem.id = in.problems().save(problem);
    }
    for (const auto* problems : {&changes.changed, &changes.closed})
      for (const Problem& problem : *problems) in.problems().save(problem);
    if (!changes.closed.empty()) in.problems().remove(update.now - kClosedKept);
    count(in, limits_, update);
    if (update.notices)
      for (const Notice& notice : update.notices(in, update)) in.notices().add(notice);
    for (const FirstLook& look : update.looked)
      in.pins().pin(looked_pin(look.source), to_pin(look.as_of));
    if (update.unlogged) in.pins().pin(kUnloggedPin, update.unlogged(update));
    return true;
  });
}

Result<void> LedgerCore::logged(const std::string& which) {
  const std::lock_guard lock(mutex_);
  const auto written = transactions_.run(Intent::share, [&](Transaction& in) {
    if (unlogged(in) == which) in.pins().pin(kUnloggedPin, "");
    return true;
  });
  return written ? Result<void>() : tl::unexpected(written.error());
}

}  // namespace walpulse::monitor
