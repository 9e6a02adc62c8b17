#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "monitor/ledger/timeline/observe.h"
#include "tests/monitor/clocked_ledger.h"
#include "tests/monitor/ledger/mage_histories.h"
#include "tests/monitor/ledger_fixture.h"

/// The counting rule against the truth of the same histories, under every delivery that it
/// promises something for. monitor/ledger/README.md names the preconditions.
namespace walpulse::monitor::testing {
namespace {

constexpr double kSettle = 180;
/// Of the ledger's clock, at which its gauges are read.
constexpr double kNow = 5'000'000;

enum class Delivery { ordered, bounded, shuffled };

struct Coming {
  double at = 0;
  std::uint64_t place = 0;
  const Published* what = nullptr;
};

/// When each message comes by the intake clock, once or more often, however late it comes again.
std::vector<Coming> deliver(Random& random, const std::vector<Published>& log, Delivery how) {
  const double spread = how == Delivery::ordered   ? 0
                        : how == Delivery::bounded ? kSettle * .99
                                                   : kSettle * 40;
  const auto uniform = [&](double most) {
    return std::uniform_real_distribution(0., most)(random);
  };
  // Live, or a backlog at the first start.
  const double squeezes[]{1, 0, .01};
  const double squeeze = squeezes[random() % 3];
  std::vector<Coming> coming;
  for (const Published& each : log) {
    const double late[]{0, 0, uniform(std::max(spread, 1e-9)), spread};
    const double at = each.time * squeeze + late[random() % 4];
    coming.push_back({at, each.place, &each});
    while (random() % 5 == 0)
      coming.push_back({at + (spread > 0 ? uniform(kSettle * 50) : 0), each.place, &each});
  }
  std::sort(coming.begin(), coming.end(), [](const Coming& a, const Coming& b) {
    return std::tuple(a.at, a.place) < std::tuple(b.at, b.place);
  });
  return coming;
}

std::string run_labels(const telemetry::Labels& labels) {
  const auto partner = labels.find("partner");
  return labels.at("pipeline") + (partner == labels.end() ? "" : "+" + partner->second);
}

Truth shown_by(ClockedLedger& ledger) {
  Truth shown;
  const auto snapshot = ledger->snapshot(at(kNow));
  RC_ASSERT(snapshot.has_value());
  for (const telemetry::Metric& metric : snapshot->metrics) {
    const std::string_view name = metric.descriptor->name;
    for (const telemetry::Point& point : metric.points) {
      const telemetry::Labels& labels = point.labels;
      const auto whole = [&] { return static_cast<double>(std::get<std::int64_t>(point.value)); };
      const auto distribution = [&](const std::string& what) {
        const auto& value = std::get<telemetry::Distribution>(point.value);
        shown.values[what] += static_cast<double>(value.count());
        shown.values["sum of " + what] += value.sum;
      };
      if (name == "pipeline_run/created_count")
        shown.counts["created " + run_labels(labels)] += whole();
      if (name == "pipeline_run/started_count")
        shown.counts["started " + run_labels(labels)] += whole();
      if (name == "pipeline_run/finished_count")
        shown.counts["finished " + labels.at("status") + ' ' + run_labels(labels)] += whole();
      if (name == "pipeline_run/retried_count")
        shown.counts["retried " + labels.at("pipeline")] += whole();
      if (name == "pipeline_run/sla_missed_count")
        shown.counts["sla_missed " + labels.at("pipeline")] += whole();
      if (name == "pipeline_run/skipped_count")
        shown.values["skipped by " + labels.at("by") + ' ' + labels.at("pipeline")] += whole();
      if (name == "pipeline_run/failed_count")
        shown.values["failed " + labels.at("cause") + ' ' + run_labels(labels)] += whole();
      if (name == "pipeline_run/duration")
        distribution("duration " + labels.at("status") + ' ' + labels.at("pipeline"));
      if (name == "pipeline_run/queue_time") distribution("queue_time");
      if (name == "pipeline_run/active")
        shown.gauges["active " + labels.at("status") + ' ' + labels.at("pipeline")] = whole();
      if (name == "pipeline_run/oldest_active_age")
        shown.gauges["oldest " + labels.at("pipeline")] = kNow - std::get<double>(point.value);
    }
  }
  return shown;
}

/// Figures of zero are no difference.
void require_same(const Figures& expected, const Figures& found) {
  std::set<std::string> names;
  for (const auto* each : {&expected, &found})
    for (const auto& [name, value] : *each) names.insert(name);
  for (const std::string& name : names) {
    const auto of = [&](const Figures& figures) {
      const auto at = figures.find(name);
      return at == figures.end() ? 0. : at->second;
    };
    if (std::abs(of(expected) - of(found)) > .01)
      RC_FAIL(name + " is " + std::to_string(of(found)) + ", the log says " +
              std::to_string(of(expected)));
  }
}

Figures without_labels(const Figures& figures) {
  Figures plain;
  for (const auto& [name, value] : figures) plain[name.substr(0, name.rfind(' '))] += value;
  return plain;
}

/// What lies before the ledger's birth never comes.
std::vector<Published> since_birth(Random& random, std::vector<Published> log) {
  if (random() % 3 != 0) return log;
  const auto born = static_cast<std::ptrdiff_t>(random() % (log.size() + 1));
  // A changed key's two events belong together, and a transaction is published whole.
  auto from = log.begin() + born;
  while (from != log.end() && from != log.begin() && from->change.lsn == (from - 1)->change.lsn)
    ++from;
  log.erase(log.begin(), from);
  return log;
}

void trial(std::unique_ptr<Storage> storage, Delivery how, bool reuse) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const std::vector<Published> log = since_birth(random, MageHistory(random, reuse).log);
  ClockedLedger ledger(std::move(storage));
  const std::vector<Coming> coming = deliver(random, log, how);
  Figures before;
  for (std::size_t next = 0; next < coming.size();) {
    ledger.move_to(coming[next].at);
    if (random() % 5 == 0) ledger.settle();
    // A group of those that come at one time.
    std::vector<ReceivedMessage> group;
    const std::size_t size = 1 + random() % 5;
    for (const double at = coming[next].at;
         next < coming.size() && coming[next].at == at && group.size() < size; ++next)
      group.push_back(message(coming[next].what->change));
    const auto applied = ledger->apply(group, at(kNow));
    RC_ASSERT(applied.has_value());
    for (const Outcome outcome : applied->outcomes)
      RC_ASSERT(outcome == Outcome::applied || outcome == Outcome::unchanged);
    if (random() % 8 != 0) continue;
    const Truth now = shown_by(ledger);
    for (const auto& [name, count] : before) RC_ASSERT(now.counts.at(name) >= count);
    before = now.counts;
  }
  ledger.move_to(1e9);
  ledger.settle();
  const Truth truth = truth_of(log), shown = shown_by(ledger);
  if (how == Delivery::shuffled)
    return require_same(without_labels(truth.counts), without_labels(shown.counts));
  require_same(truth.counts, shown.counts);
  require_same(truth.values, shown.values);
  require_same(truth.gauges, shown.gauges);
}

void on_memory(Delivery how, bool reuse) { trial(make_memory_storage(kBirth), how, reuse); }

RC_GTEST_PROP(CountingRule, AnOrderedLogGivesWhatTheLogSays, (bool reuse)) {
  on_memory(Delivery::ordered, reuse);
}

RC_GTEST_PROP(CountingRule, MessagesLateByLessThanSettleGiveWhatTheLogSays, ()) {
  on_memory(Delivery::bounded, false);
}

RC_GTEST_PROP(CountingRule, MessagesLateByHoursGiveTheCountsThatTheLogSays, ()) {
  on_memory(Delivery::shuffled, false);
}

Delivery any_delivery() {
  return *rc::gen::element(Delivery::ordered, Delivery::bounded, Delivery::shuffled);
}

RC_GTEST_PROP(CountingRule, HoldsInAFile, ()) {
  TemporaryFolder folder;
  auto storage = open_sqlite_storage(folder.path() / "ledger.db", kBirth, std::chrono::seconds(0));
  RC_ASSERT(storage.has_value());
  trial(*std::move(storage), any_delivery(), false);
}

TEST(CountingRulePostgres, HoldsInADatabase) {
  auto& server = PrivatePostgres::instance();
  rc::check([&] {
    auto storage = open_postgres_storage({server.dsn(), server.fresh_schema()}, kBirth);
    RC_ASSERT(storage.has_value());
    trial(*std::move(storage), any_delivery(), false);
  });
}

/// Adding an entry never makes fewer of what counts at once, nor moves one to other labels.
RC_GTEST_PROP(CountingRule, WhatCountsAtOnceOnlyGrowsInWhateverOrderTheEntriesCome, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  std::vector<Published> log = MageHistory(random, false).log;
  std::shuffle(log.begin(), log.end(), random);
  std::map<std::int64_t, Timeline> timelines;
  std::map<std::int64_t, std::map<std::string, int>> said;
  constexpr IntakeTime kCame{1}, kNotYet{0};
  for (const Published& each : log) {
    if (each.change.op == schema::Operation::truncate) continue;
    auto change = mage::parse_run_change(message(each.change).data);
    RC_ASSERT(change.has_value());
    Timeline& timeline = timelines[each.change.id];
    Entry entry = make_entry(*std::move(change));
    entry.arrived = kCame;
    insert(timeline, std::move(entry));
    std::map<std::string, int> now;
    for (const Step& step : observe(timeline, kNotYet).steps) {
      std::string name = std::to_string(static_cast<int>(step.kind));
      if (counts_by_status(step.kind)) name += *step.at->status;
      for (const auto& [label, value] : life_labels(*step.origin)) name += ' ' + value;
      ++now[name];
    }
    for (const auto& [name, count] : said[each.change.id]) RC_ASSERT(now[name] >= count);
    said[each.change.id] = std::move(now);
  }
}

}  // namespace
}  // namespace walpulse::monitor::testing
