#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "monitor/storage/memory/memory_storage.h"
#include "tests/monitor/clocked_ledger.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::testing {
namespace {

using Messages = std::vector<ReceivedMessage>;
using SeriesKey = std::pair<std::string, telemetry::Labels>;
struct Shown {
  telemetry::Point point;
  bool cumulative;
};
using Series = std::map<SeriesKey, Shown>;

constexpr double kNow = 100'000;

bool one_in(int many) { return *rc::gen::resize(1000, rc::gen::inRange(0, many)) == 0; }

/// Some runs as Mage might write them, one after another: retries, repeats, purges, ids used again.
class RandomLog {
 public:
  explicit RandomLog(std::int64_t first_id = 1, double start = 0) : now_(start) {
    const std::int64_t end_id = first_id + *rc::gen::inRange<std::int64_t>(1, 6);
    for (std::int64_t id = first_id; id < end_id; ++id) {
      live(id);
      if (one_in(4)) live(id);
    }
    if (one_in(6)) log.push_back(truncate(tick()));
  }
  Messages log;

 private:
  double tick() { return now_ += *rc::gen::inRange(1, 200); }

  void live(std::int64_t id) {
    const double created = tick();
    MageRun run(id, created, *rc::gen::element<std::string>("daily", "hourly"));
    run.row().labels = {{"partner", *rc::gen::element<std::string>("acme", "umbrella")}};
    log.push_back(run.create(created));
    for (int attempts = *rc::gen::element(0, 1, 1, 1, 2, 3); attempts > 0; --attempts) {
      log.push_back(run.run(tick()));
      for (int more = *rc::gen::inRange(0, 3); more > 0; --more) log.push_back(run.touch(tick()));
      if (one_in(3)) run.row().sla = true;
      log.push_back(one_in(2) ? run.fail(tick()) : run.complete(tick()));
      if (one_in(3)) log.push_back(run.touch(tick()));
    }
    if (one_in(8)) log.push_back(run.update(tick(), "CANCELLED"));
    if (one_in(4)) log.push_back(run.remove(tick()));
  }

  double now_;
};

/// What is counted of the messages themselves says how they came, and may differ.
Series series_of(Ledger& ledger, double now = kNow) {
  Series series;
  const auto snapshot = ledger.snapshot(at(now));
  RC_ASSERT(snapshot.has_value());
  for (const telemetry::Metric& metric : snapshot->metrics) {
    if (metric.descriptor->name.starts_with("event/")) continue;
    const bool cumulative = metric.descriptor->kind == telemetry::Descriptor::Kind::cumulative;
    for (const telemetry::Point& point : metric.points) {
      series.emplace(SeriesKey{metric.descriptor->name, point.labels}, Shown{point, cumulative});
    }
  }
  return series;
}

bool has_shrunk(const telemetry::Number& before, const telemetry::Number& after) {
  if (const auto* old = std::get_if<telemetry::Distribution>(&before)) {
    const auto& now = std::get<telemetry::Distribution>(after);
    for (std::size_t i = 0; i < old->counts.size(); ++i) {
      if (now.counts[i] < old->counts[i]) return true;
    }
    return now.sum < old->sum;
  }
  if (const auto* old = std::get_if<std::int64_t>(&before)) {
    return std::get<std::int64_t>(after) < *old;
  }
  return std::get<double>(after) < std::get<double>(before);
}

/// No cumulative point goes back, loses its series or gets another start.
void require_forward(const Series& before, const Series& after) {
  for (const auto& [key, old] : before) {
    if (!old.cumulative) continue;
    const auto found = after.find(key);
    RC_ASSERT(found != after.end());
    RC_ASSERT(found->second.point.start == old.point.start);
    RC_ASSERT(!has_shrunk(old.point.value, found->second.point.value));
  }
}

/// Everything at least once, some of it more often, in any order.
Messages bad_delivery(const Messages& log) {
  Messages delivery = log;
  for (auto more = *rc::gen::inRange<std::size_t>(0, log.size() + 1); more > 0; --more) {
    delivery.push_back(*rc::gen::elementOf(log));
  }
  std::shuffle(delivery.begin(), delivery.end(),
               std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
  return delivery;
}

/// Which of a status' rows ended a run is known only when all have come, so that a distribution's
/// buckets and sum may differ; its count may not.
std::map<SeriesKey, std::string> totals_of(const Series& series) {
  std::map<SeriesKey, std::string> totals;
  for (const auto& [key, shown] : series) {
    const telemetry::Number& value = shown.point.value;
    if (const auto* distribution = std::get_if<telemetry::Distribution>(&value)) {
      totals[key] = std::to_string(distribution->count());
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      totals[key] = std::to_string(*whole);
    } else {
      totals[key] = std::to_string(std::get<double>(value));
    }
  }
  return totals;
}

/// A pipeline all of whose runs are gone has no gauges any more, where it had some of zero.
Series not_idle(Series series) {
  std::erase_if(series, [](const auto& each) {
    const Shown& shown = each.second;
    const auto* whole = std::get_if<std::int64_t>(&shown.point.value);
    return !shown.cumulative && whole != nullptr && *whole == 0;
  });
  return series;
}

RC_GTEST_PROP(LedgerProperty, PruningChangesNoSeriesHoweverOftenTheOldLogComesAgain, ()) {
  constexpr double kDay = 24 * 3600;
  Messages old = RandomLog().log;
  MageRun deleted(90, 0.25);  // it never ended, and nothing stands on it: it goes in any case
  old.push_back(deleted.create(0.25));
  old.push_back(deleted.remove(0.75));
  const Messages later = RandomLog(100, 50 * kDay).log;
  ClockedLedger kept(make_memory_storage(kBirth)), pruned(make_memory_storage(kBirth));
  for (ClockedLedger* ledger : {&kept, &pruned}) {
    RC_ASSERT((*ledger)->apply(old, at(kDay)).has_value());
    RC_ASSERT((*ledger)->apply(std::span(later).first(1), at(51 * kDay)).has_value());
    ledger->move_to(kDay);
    ledger->settle();
  }
  std::size_t removed = 0;
  for (bool all_seen = false; !all_seen;) {
    const auto round = pruned->prune(at(51 * kDay));
    RC_ASSERT(round.has_value());
    removed += round->run_count;
    all_seen = round->all_seen;
  }
  RC_ASSERT(removed > 0u);
  const Series before = series_of(*pruned, 52 * kDay);
  RC_ASSERT(pruned->apply(bad_delivery(old), at(51 * kDay)).has_value());
  for (ClockedLedger* ledger : {&kept, &pruned}) {
    RC_ASSERT((*ledger)->apply(bad_delivery(later), at(51 * kDay)).has_value());
    ledger->move_to(2 * kDay);
    ledger->settle();
  }
  const Series after = series_of(*pruned, 52 * kDay);
  require_forward(before, after);
  RC_ASSERT(totals_of(not_idle(after)) == totals_of(not_idle(series_of(*kept, 52 * kDay))));
}

}  // namespace
}  // namespace walpulse::monitor::testing
